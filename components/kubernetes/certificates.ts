import type { types } from "@pulumi/kubernetes";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type * as pulumi from "@pulumi/pulumi";
import { readTemplate } from "../templates.ts";
import type { CertificateFiles, Workload } from "../workload.ts";
import { metadata, type Owner } from "./metadata.ts";
import { LOCKED_DOWN, literal, resources } from "./pod.ts";

/** Where certificates come from: one or the other. */
export interface Certificates {
  /** cert-manager's ClusterIssuer. */
  readonly issuer?: string | undefined;
  /** A Secret of type kubernetes.io/tls for all hosts, in each namespace of the stack. */
  readonly secret?: string | undefined;
}

/** cert-manager reads it from Ingresses and Gateways, and makes the Secrets that they name. */
export function issuerAnnotation({ issuer }: Certificates): Record<string, string> {
  return issuer ? { "cert-manager.io/cluster-issuer": issuer } : {};
}

type Mount = types.input.core.v1.VolumeMount;

/** What a server that ends TLS by itself gets beside its container. */
export function certificateParts(
  workload: Pick<Workload, "name" | "role" | "image" | "user" | "stopGrace" | "certificates">,
  namespace: pulumi.Input<string>,
  certificates: Certificates,
  options: pulumi.CustomResourceOptions,
) {
  const [files, ...more] = workload.certificates ?? [];
  if (!files) return undefined;
  if (more.length > 0) throw new Error(`${workload.name} asks for more than one certificate.`);
  const secretName = certificates.secret ?? issued(workload, namespace, files, certificates, options);
  const mount = { name: "certificate", mountPath: files.folder, readOnly: true };
  return {
    pod: { shareProcessNamespace: true },
    volumes: [{ name: "certificate", secret: { secretName, defaultMode: 0o440 } }],
    mounts: [mount],
    sidecars: [watcher(workload, files, mount)],
  };
}

function issued(
  owner: Owner,
  namespace: pulumi.Input<string>,
  { host }: CertificateFiles,
  { issuer }: Certificates,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  // Not `-tls`: that is the Secret of the host at which browsers reach the same workload.
  const name = `${owner.name}-server-tls`;
  const certificate = new CustomResource(
    name,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: metadata(owner, namespace, name),
      spec: { secretName: name, dnsNames: [host], issuerRef: { name: issuer, kind: "ClusterIssuer" } },
    },
    options,
  );
  return certificate.metadata.name;
}

/**
 * No server looks for a renewed certificate by itself: this one tells it. It sees the server's process because the
 * pod's containers share their processes, and may signal it because they share a user. Where that ends the server, the
 * kubelet has no part in it, and its grace period does not hold: the watcher waits for as long itself.
 */
function watcher(
  { image, user, stopGrace }: Pick<Workload, "image" | "user" | "stopGrace">,
  { folder, renewal }: CertificateFiles,
  mount: Mount,
) {
  return {
    name: "certificate-watch",
    image,
    imagePullPolicy: "Always",
    command: ["sh", "-c", literal(readTemplate("watch-certificate.sh")), "--", folder, renewal, String(stopGrace)],
    resources: resources({ memory: 32, cpus: "0.05" }, 64),
    securityContext: { ...LOCKED_DOWN, runAsUser: user, runAsGroup: user },
    volumeMounts: [mount],
    // It watches as long as it can read; alive it is as long as anything of it runs.
    readinessProbe: { exec: { command: ["test", "-r", `${folder}/tls.crt`] }, periodSeconds: 30 },
    livenessProbe: { exec: { command: ["test", "-d", folder] }, periodSeconds: 60 },
  };
}
