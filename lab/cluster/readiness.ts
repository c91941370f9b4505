import { Resolver } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../errors.ts";
import { lastLines } from "../run.ts";
import { dnsAddress, nodeName } from "./addresses.ts";
import { read } from "./api.ts";
import { kubectl } from "./manifests.ts";

const withinMs = 180_000;
const pollMs = 250;

interface Conditioned {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}
interface Exposed {
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

const has = (type: string, object: Conditioned | undefined) =>
  object?.status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;

export const nodeReady = async () => has("Ready", await read<Conditioned>(`/api/v1/nodes/${nodeName}`));

/** Where Traefik is reached; undefined while it has no address. */
export async function ingressAddress(): Promise<string | undefined> {
  const service = await read<Exposed>("/api/v1/namespaces/traefik/services/traefik");
  return service?.status?.loadBalancer?.ingress?.[0]?.ip;
}

/** Asked through the network where possible: right after a start, the API still says what was true before the stop. */
const checks: Readonly<Record<string, () => Promise<boolean>>> = {
  "the node": nodeReady,
  DNS: () => {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([dnsAddress]);
    const answer = resolver.resolve4("kubernetes.default.svc.cluster.local");
    return answer.then(
      () => true,
      () => false,
    );
  },
  Traefik: async () => {
    const address = await ingressAddress();
    if (address === undefined) return false;
    const answer = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    // It knows no such host: that is Traefik speaking.
    return answer?.status === 404;
  },
  storage: async () => {
    const path = "/apis/apps/v1/namespaces/local-path-storage/deployments/local-path-provisioner";
    return has("Available", await read<Conditioned>(path));
  },
};

/** What is not ready yet. */
export async function unready(): Promise<string[]> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await check()] as const),
  );
  return results.filter(([, good]) => !good).map(([name]) => name);
}

/** Waits until the cluster's own parts work. */
export async function untilReady(detail: (text: string) => void): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(pollMs)) {
    const missing = await unready();
    if (missing.length === 0) return;
    detail(`waiting for ${missing.join(", ")}`);
  }
  const pods = await kubectl("get", "pods", "--all-namespaces").catch((error: Error) => error.message);
  throw new LabError(
    `The cluster runs, but after ${withinMs / 1000} s these do not work: ${(await unready()).join(", ")}.\n${lastLines(pods)}`,
    "Look at them with kubectl describe and kubectl logs, then run the command again.",
  );
}
