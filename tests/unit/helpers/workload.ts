import { expect } from "vitest";
import type { KubernetesPlatformArgs } from "../../../components/kubernetes/platform.ts";
import type { Workload } from "../../../components/workload.ts";
import { cluster, WORKLOAD } from "./cluster.ts";
import { inputs } from "./recorded.ts";
import { settled } from "./recorder.ts";

export async function run(change: Partial<Workload> = {}, args: Partial<KubernetesPlatformArgs> = {}) {
  const running = cluster(args).run({ ...WORKLOAD, ...change }, {});
  await settled();
  return running;
}

/** What the API is asked for a server, where it is the only one. */
export const set = () => inputs("StatefulSet", "server").spec;
export const pod = () => set().template.spec;
export const container = () => pod().containers[0];

/** Rules of a policy for asking for names; those for what a workload reaches come after them. */
export const NAMES = 2;
const WEB = { kind: "web", host: "search" } as const;
export const HTTP = { name: "http", protocol: "tcp", listen: 8080, publish: 8081, audience: WEB } as const;
export const DATA = { name: "search_data", path: "/data" };
export const CREDENTIAL = {
  variable: "KEY",
  value: "value",
  file: { path: "/run/key", content: "content", args: ["--key", "/run/key"], env: { KEY_FILE: "/run/key" } },
};
/** Where a hash of the content stands: `kubernetes-data.test.ts` looks into it. */
export const named = (name: string) => expect.stringMatching(new RegExp(`^${name}-[0-9a-f]{10}$`));

/** What it is about, a change, where to look, and what has to be there. */
type Row<T> = readonly [string, Partial<T>, () => unknown, unknown];
/** Each of these fields, and what Kubernetes makes of it. */
export type Rows<T, Field extends keyof T> = Readonly<Record<Field, readonly Row<T>[]>>;

type Subset<T, Part extends T> = Part;
/** Fields that say what a workload is made of; all others say how it is run. */
export type Made = Subset<
  keyof Workload,
  "name" | "role" | "image" | "user" | "args" | "env" | "credentials" | "files" | "certificates"
>;
