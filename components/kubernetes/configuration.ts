import type { types } from "@pulumi/kubernetes";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import type { Credential, Workload } from "../workload.ts";
import { metadata, namedByContent, type Owner } from "./metadata.ts";

/** Files and variables of a pod, and the objects that hold them. */
export interface Configuration {
  readonly volumes: types.input.core.v1.Volume[];
  readonly mounts: { name: string; mountPath: string; subPath: string; readOnly: true }[];
  readonly env: Readonly<Record<string, pulumi.Input<string>>>;
  readonly args: readonly string[];
}

type Configured = Pick<Workload, "files" | "credentials" | "env" | "args"> & Owner;

/**
 * Plain files go into a ConfigMap, secret ones and credentials into a Secret, all mounted as files: a variable would
 * show in every child process and in a crash report. Both are immutable and named by their content.
 * The Secret's name gives nothing away: each has a generated or long secret in what is hashed.
 */
export function configure(
  workload: Configured,
  namespace: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions,
): Configuration {
  const { files = [], credentials = [], env = {}, args = [] } = workload;
  const plain = files.filter(({ secret }) => !secret);
  const secret = [...files.filter((file) => file.secret), ...credentials.map(({ file }) => file)];
  const withEnv = Object.assign({}, env, ...credentials.map(({ file }) => file.env ?? {}));
  return {
    volumes: [
      ...(plain.length > 0 ? [configMapVolume(workload, plain, namespace, options)] : []),
      ...(secret.length > 0 ? [secretVolume(workload, secret, namespace, options)] : []),
    ],
    mounts: [...mountsOf("config", plain), ...mountsOf("secrets", secret)],
    env: withEnv,
    args: [...args, ...credentials.flatMap(({ file }) => file.args ?? [])],
  };
}

type File = Pick<Credential["file"], "path" | "content">;

function configMapVolume(owner: Owner, files: readonly File[], namespace: pulumi.Input<string>, options: object) {
  const data = dataOf(files);
  const name = data.apply((content) => namedByContent(`${owner.name}-config`, content));
  const object = new ConfigMap(
    `${owner.name}-config`,
    { metadata: metadata(owner, namespace, name), data, immutable: true },
    options,
  );
  return { name: "config", configMap: { name: object.metadata.name } };
}

function secretVolume(owner: Owner, files: readonly File[], namespace: pulumi.Input<string>, options: object) {
  const data = pulumi.secret(dataOf(files));
  const name = pulumi.unsecret(data.apply((content) => namedByContent(`${owner.name}-secrets`, content)));
  const object = new Secret(
    `${owner.name}-secrets`,
    { metadata: metadata(owner, namespace, name), type: "Opaque", stringData: data, immutable: true },
    options,
  );
  // Readable for the pod's group, and for nobody else: LiveKit refuses a key file that others can read.
  return { name: "secrets", secret: { secretName: object.metadata.name, defaultMode: 0o440 } };
}

function dataOf(files: readonly File[]): pulumi.Output<Record<string, string>> {
  return pulumi.output(Object.fromEntries(files.map(({ path, content }) => [keyOf(path), content])));
}

function mountsOf(volume: string, files: readonly File[]) {
  return files.map(({ path }) => ({ name: volume, mountPath: path, subPath: keyOf(path), readOnly: true as const }));
}

/** `/etc/nginx/nginx.conf` as a key: letters, digits, dots, dashes and underscores. */
const keyOf = (path: string) => path.slice(1).replaceAll("/", ".");
