import { ok } from "./checkout.ts";
import { kubectl } from "./cluster.ts";
import { apply } from "./pods.ts";

/** A pod from which servers are tried. */
export interface Visitor {
  readonly namespace: string;
  readonly name: string;
}

/** Starts a pod that does nothing, and waits for it. The standard lets it in, so that only NetworkPolicies keep it out. */
export async function visitor(namespace: string, name: string, labels: Record<string, string> = {}): Promise<Visitor> {
  const securityContext = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } };
  const container = {
    name,
    image: "busybox:1.35",
    command: ["sleep", "3600"],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
  // A new namespace gets it a moment later, and without it pods are refused.
  await waitIn(namespace, "--for=create", "serviceaccount/default");
  await apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: { terminationGracePeriodSeconds: 0, securityContext, containers: [container] },
  });
  await waitIn(namespace, "--for=condition=Ready", `pod/${name}`);
  return { namespace, name };
}

async function waitIn(namespace: string, ...what: string[]): Promise<void> {
  ok(await kubectl(["wait", `--namespace=${namespace}`, "--timeout=180s", ...what]));
}

/** Whether a connection to `service:port` comes about. */
export async function reaches({ namespace, name }: Visitor, target: string): Promise<boolean> {
  const [service = "", port = ""] = target.split(":");
  const host = `${service}.nself-chat.svc.cluster.local`;
  const connect = ["nc", "-w", "3", host, port, "-e", "true"];
  const { exitCode, all } = await kubectl(["exec", `--namespace=${namespace}`, name, "--", ...connect]);
  if (exitCode !== 0 && !/Connection refused|timed out/.test(all))
    throw new Error(`${name} cannot try ${host}: ${all}`);
  return exitCode === 0;
}
