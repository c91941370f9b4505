import { expect, vi } from "vitest";
import { ok, type Ran } from "./checkout.ts";
import { kubectl } from "./cluster.ts";

export const soon = { timeout: 120_000, interval: 500 };

export interface ApiObject {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  // biome-ignore lint/suspicious/noExplicitAny: whatever the kind has
  readonly [field: string]: any;
}

const inNamespace = "--namespace=nself-chat";

export const ours = (...args: string[]): Promise<Ran> => kubectl([inNamespace, ...args]);

export async function apply(object: unknown): Promise<void> {
  ok(await kubectl(["apply", "--filename=-"], JSON.stringify(object)));
}

/** Objects of the stack's namespace, by kinds as kubectl takes them. */
export async function objects(kinds: string, ...args: string[]): Promise<ApiObject[]> {
  const ran = await ours("get", kinds, "--output=json", ...args);
  ok(ran);
  return JSON.parse(ran.stdout).items;
}

/** Pods of the servers; those of tasks come and go. */
export const serverPods = () => objects("pod", "--selector=app.kubernetes.io/part-of=nself,!nself.org/task-of");

export const namesOf = (items: readonly ApiObject[]) => items.map(({ metadata }) => metadata.name).sort();

const isReady = ({ status }: ApiObject) =>
  status.phase === "Running" &&
  status.conditions.some(({ type, status: is }: { type: string; status: string }) => type === "Ready" && is === "True");

/** One of each server and two of the edge: all of them ready, none of them on its way out. */
export async function everyServerReady(): Promise<ApiObject[]> {
  return vi.waitFor(async () => {
    const pods = await serverPods();
    const found = pods.map((pod) => `${kindOf(pod)} ${isReady(pod) && !pod.metadata.deletionTimestamp}`).sort();
    expect(found).toEqual(["livekit", "meilisearch", "rtmp", "rtmp-edge", "rtmp-edge"].map((name) => `${name} true`));
    return pods;
  }, soon);
}

export const kindOf = ({ metadata }: ApiObject): string =>
  (metadata as unknown as { labels: Record<string, string> }).labels["app.kubernetes.io/name"] ?? "";

export async function podIds(): Promise<Record<string, string>> {
  return Object.fromEntries((await everyServerReady()).map((pod) => [pod.metadata.name, pod.metadata.uid]));
}

/** The address that a load balancer got. */
export async function addressOf(service: string, namespace = "nself-chat"): Promise<string> {
  const path = "--output=jsonpath={.status.loadBalancer.ingress[0].ip}";
  const ran = await kubectl(["get", `service/${service}`, `--namespace=${namespace}`, path]);
  expect(ran.stdout, ran.all).toMatch(/^10\./);
  return ran.stdout;
}
