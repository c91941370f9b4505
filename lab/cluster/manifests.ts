import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gatewayApi } from "../build/gateway-api.ts";
import { artefactDirectory, cacheKey } from "../cache.ts";
import { LabError } from "../errors.ts";
import { pins } from "../pins.ts";
import { run } from "../run.ts";
import { dnsAddress } from "./addresses.ts";
import { clusterDirectory, kubeconfigFile, kubernetesBinary, settingsDirectory, volumesDirectory } from "./paths.ts";

const source = join(import.meta.dirname, "manifests");
const filled = join(settingsDirectory, "manifests");

/** Beside etcd's data: what was applied is in there. */
const appliedFile = join(clusterDirectory, "applied");

const values: Readonly<Record<string, string>> = {
  coredns: pins.coredns.replace("v", ""),
  traefik: pins.traefik,
  localPathProvisioner: pins.localPathProvisioner,
  busybox: pins.busybox,
  dnsAddress,
  volumesDirectory,
};

/** Puts values in place of `${name}`. In shell scripts `$NAME` stays as it is. */
export function fill(text: string, known: Readonly<Record<string, string>>, file: string): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = known[name];
    if (value !== undefined) return value;
    throw new LabError(
      `${file} has the placeholder \${${name}}, which has no value.`,
      `Add it to lab/cluster/manifests.ts.`,
    );
  });
}

/** Puts the cluster's own parts into it, unless exactly these are there. */
export async function applyManifests(): Promise<void> {
  const texts: Record<string, string> = { gatewayApi: pins.gatewayApi };
  for (const name of await readdir(source))
    texts[name] = fill(await readFile(join(source, name), "utf8"), values, name);
  const key = cacheKey(texts);
  if ((await readFile(appliedFile, "utf8").catch(() => "")) === key) return;

  await rm(filled, { recursive: true, force: true });
  await mkdir(filled, { recursive: true });
  const { gatewayApi: _, ...files } = texts;
  for (const [name, text] of Object.entries(files)) await writeFile(join(filled, name), text);
  // Definitions first: the API server refuses a GatewayClass that it does not know yet.
  const definitions = artefactDirectory(gatewayApi);
  await apply(definitions);
  await kubectl("wait", "--for=condition=Established", "--timeout=60s", "--all", "customresourcedefinitions");
  await apply(filled);
  await writeFile(appliedFile, key);
}

const apply = (directory: string) => kubectl("apply", "--server-side", "--force-conflicts", "--filename", directory);

/** kubectl itself, as the cluster's administrator. */
export const kubectl = (...args: string[]) =>
  run(kubernetesBinary("kubectl"), [`--kubeconfig=${kubeconfigFile}`, ...args]);
