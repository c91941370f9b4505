import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { apiServer } from "./addresses.ts";
import { kubeconfigFile, settingsDirectory } from "./paths.ts";
import { clusterCaFile, pki } from "./pki.ts";

/** The name that users of the cluster's kubeconfig see, and may choose it by. */
export const contextName = "nself-lab";

/** Users of the API server that run outside of it. */
export const servers = ["controller-manager", "scheduler", "kubelet", "proxy", "network-policies", "load-balancer"];

export const serverKubeconfig = (server: string) => join(settingsDirectory, `${server}.kubeconfig`);

/** A kubeconfig for everybody; whoever reads one is that user. */
export async function writeKubeconfigs(): Promise<void> {
  await write(kubeconfigFile, "admin");
  for (const server of servers) await write(serverKubeconfig(server), server);
}

async function write(file: string, user: string): Promise<void> {
  const [ca, certificate, key] = await Promise.all(
    [clusterCaFile, `${pki(user)}.crt`, `${pki(user)}.key`].map((path) => readFile(path, "base64")),
  );
  const text = stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: contextName, cluster: { server: apiServer, "certificate-authority-data": ca } }],
    users: [{ name: user, user: { "client-certificate-data": certificate, "client-key-data": key } }],
    contexts: [{ name: contextName, context: { cluster: contextName, user } }],
    "current-context": contextName,
  });
  await writeFile(file, text, { mode: 0o600 });
}
