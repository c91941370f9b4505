import { expect, vi } from "vitest";
import { type Cluster, ClusterError, type ClusterObject } from "../../../components/kubernetes/cluster.ts";
import { inspectCluster } from "../../../components/kubernetes/inspect.ts";
import type { PreviousResource } from "../../../components/previous.ts";
import { called, GATEWAY, INGRESS, ISSUER, PRIORITY, STORAGE } from "./inspected-classes.ts";
import { settings } from "./inspected-settings.ts";
import type { Change } from "./settings.ts";

/**
 * What a cluster answers: `v1 Secret chat/keys` is an object, `storage.k8s.io/v1 StorageClass` are all of a kind. Null is
 * none, and undefined no answer.
 */
export interface Answers {
  readonly objects?: Readonly<Record<string, ClusterObject | null | undefined>>;
  readonly kinds?: Readonly<Record<string, readonly ClusterObject[] | null | undefined>>;
  readonly version?: string;
}

/** An empty cluster with all that the least settings ask for. */
const OBJECTS: NonNullable<Answers["objects"]> = {
  "v1 Namespace traefik": called("traefik"),
  "v1 Service kube-system/kube-dns": called("kube-dns"),
};
const KINDS: NonNullable<Answers["kinds"]> = {
  [STORAGE]: [called("slow"), called("fast", { "storageclass.kubernetes.io/is-default-class": "true" })],
  [INGRESS]: [called("traefik", { "ingressclass.kubernetes.io/is-default-class": "true" })],
  [GATEWAY]: null,
  [ISSUER]: [called("letsencrypt-prod")],
  [PRIORITY]: [called("system-node-critical")],
};

export const K3S = "v1.34.4+k3s1";
export const SERVICE_LB = { "v1 ServiceAccount kube-system/svclb": called("svclb") };

export function clusterOf({ objects = {}, kinds = {}, version = "v1.34.4" }: Answers) {
  const all: Answers["kinds"] = { ...KINDS, ...kinds };
  const there: Answers["objects"] = { ...OBJECTS, ...objects };
  const read = vi.fn<Cluster["read"]>(async (apiVersion, kind, name, namespace) => {
    const key = `${apiVersion} ${kind} ${namespace ? `${namespace}/` : ""}${name}`;
    return key in there ? there[key] : null;
  });
  const list = vi.fn<Cluster["list"]>(async (apiVersion, kind) => all[`${apiVersion} ${kind}`]);
  return { title: "prod at https://192.0.2.1", version, read, list };
}

export function inspect(change: Change, answers: Answers = {}, previous: readonly PreviousResource[] = []) {
  return inspectCluster(settings(change), previous, async () => clusterOf(answers));
}

/** The problems that are found, each as its whole sentence; of a cluster without any the warnings. */
export async function problems(
  change: Change,
  answers: Answers = {},
  previous: readonly PreviousResource[] = [],
): Promise<readonly string[]> {
  try {
    const inspection = await inspect(change, answers, previous);
    return "warnings" in inspection ? inspection.warnings : [inspection.unreachable];
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const [head, ...lines] = error.message.split("\n");
    expect(head).toBe("The cluster cannot take the stack as it is:");
    return lines.map((line) => line.replace(/^ {2}- /, ""));
  }
}
