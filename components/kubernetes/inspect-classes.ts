import type { Settings } from "../settings.ts";
import type { Cluster } from "./cluster.ts";

export const set = (key: string, value: string) => `pulumi config set ${key} ${value}`;
const names = (objects: readonly { readonly metadata?: { readonly name?: string } }[] | null | undefined) =>
  (objects ?? []).map(({ metadata }) => metadata?.name ?? "").sort();

/** Classes that the settings name, or whose default they count on. */

const DEFAULT_STORAGE = "storageclass.kubernetes.io/is-default-class";
const DEFAULT_INGRESS = "ingressclass.kubernetes.io/is-default-class";

export async function storageClass(cluster: Cluster, { platform, search, streaming }: Settings): Promise<string[]> {
  if (!search.enabled && !streaming.enabled) return [];
  const classes = await cluster.list("storage.k8s.io/v1", "StorageClass");
  return classProblems("platform:storageClass", platform.storageClass, classes, DEFAULT_STORAGE);
}

export async function trafficClass(cluster: Cluster, { platform }: Settings): Promise<string[]> {
  if (platform.traffic === "ingress") {
    const classes = await cluster.list("networking.k8s.io/v1", "IngressClass");
    return classProblems("platform:trafficClass", platform.trafficClass, classes, DEFAULT_INGRESS);
  }
  const classes = await cluster.list("gateway.networking.k8s.io/v1", "GatewayClass");
  if (classes === null) {
    return [
      `platform:traffic = "gateway" needs the Gateway API, which the cluster does not have. Install its CRDs and a controller, or use Ingress: ${set("platform:traffic", "ingress")}`,
    ];
  }
  return classProblems("platform:trafficClass", platform.trafficClass, classes, undefined);
}

type Classes = Awaited<ReturnType<Cluster["list"]>>;

export function classProblems(
  key: string,
  wanted: string | undefined,
  classes: Classes,
  defaultMark: string | undefined,
): string[] {
  if (!classes) return [];
  const known = names(classes);
  const offer = `The cluster has ${known.join(", ") || "none"}. Set it: ${set(key, known[0] ?? "NAME")}`;
  if (wanted) return known.includes(wanted) ? [] : [`${key} = "${wanted}" does not exist. ${offer}`];
  const hasDefault = classes.some(({ metadata }) => defaultMark && metadata?.annotations?.[defaultMark] === "true");
  return hasDefault ? [] : [`${key} is missing, and the cluster has no default one. ${offer}`];
}

export async function priorityClass(cluster: Cluster, { platform }: Settings): Promise<string[]> {
  if (!platform.priorityClass) return [];
  const classes = await cluster.list("scheduling.k8s.io/v1", "PriorityClass");
  return classProblems("platform:priorityClass", platform.priorityClass, classes, undefined);
}
