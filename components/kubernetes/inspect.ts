import type { PreviousResource } from "../previous.ts";
import { LIVEKIT } from "../rtc.ts";
import { MEILISEARCH } from "../search.ts";
import type { Settings } from "../settings.ts";
import { EDGE, GATEWAY, RTMP } from "../streaming.ts";
import { type Cluster, ClusterError, type ClusterObject, connectCluster } from "./cluster.ts";
import { hostNamespace, rtcNamespace } from "./from-settings.ts";
import { certificates, unprovenHosts } from "./inspect-certificates.ts";
import { priorityClass, set, storageClass, trafficClass } from "./inspect-classes.ts";
import { earlyMediaAddress, nameService, reachedServices, trafficNamespace } from "./inspect-network.ts";
import { PART_OF } from "./metadata.ts";

/** What came of asking: a cluster that fits, or the reason why it could not be asked. */
export type Inspection =
  | { readonly title: string; readonly warnings: readonly string[] }
  | { readonly unreachable: string };

/**
 * Asks the cluster, before anything is created, whether the stack fits into it. What it does not say is not held
 * against it: an account that may not list classes can still deploy.
 * @throws ClusterError with all that is missing, or that belongs to somebody else
 */
export async function inspectCluster(
  settings: Settings,
  previous: readonly PreviousResource[],
  connect: typeof connectCluster = connectCluster,
): Promise<Inspection> {
  const { kubeconfig, context } = settings.platform;
  const cluster = await connect({ kubeconfig, context });
  if ("unreachable" in cluster) return cluster;
  const checks = [
    ownNamespace(cluster, settings, previous),
    strangers(cluster, settings),
    openHostNamespace(cluster, settings, previous),
    otherKind(settings, previous),
    storageClass(cluster, settings),
    trafficClass(cluster, settings),
    trafficNamespace(cluster, settings),
    nameService(cluster, settings),
    earlyMediaAddress(cluster, settings),
    reachedServices(cluster, settings),
    certificates(cluster, settings),
    priorityClass(cluster, settings),
    secrets(cluster, settings),
  ];
  const [found, warnings] = await Promise.all([Promise.all(checks), unprovenHosts(cluster, settings)]);
  const problems = found.flat();
  if (problems.length > 0) throw new ClusterError(problems);
  return { title: cluster.title, warnings };
}

async function ownNamespace(
  cluster: Cluster,
  { platform }: Settings,
  previous: readonly PreviousResource[],
): Promise<string[]> {
  const { namespace, createNamespace } = platform;
  const found = await cluster.read("v1", "Namespace", namespace);
  if (!createNamespace) {
    if (found !== null) return [];
    return [
      `platform:namespace = "${namespace}" does not exist. Make it (kubectl create namespace ${namespace}), or let the stack do it: ${set("platform:createNamespace", "true")}`,
    ];
  }
  if (!found || isOurs(found) || madeBefore(previous, namespace)) return [];
  return [
    `platform:namespace = "${namespace}" exists, and this stack did not make it. Join it: ${set("platform:createNamespace", "false")}. Or choose another: ${set("platform:namespace", "NAME")}`,
  ];
}

function madeBefore(previous: readonly PreviousResource[], namespace: string): boolean {
  return previous.some(({ type, outputs }) => {
    const { name } = (outputs.metadata ?? {}) as { readonly name?: string };
    return type === "kubernetes:core/v1:Namespace" && name === namespace;
  });
}

/** Of both kinds on one node neither would get its ports, and the old one is deleted last. */
function otherKind({ rtc, ...settings }: Settings, previous: readonly PreviousResource[]): string[] {
  if (!rtc.enabled || rtc.media !== "hostNetwork") return [];
  const namespace = hostNamespace({ rtc, ...settings });
  const isOld = previous.some(({ type, outputs }) => {
    const metadata = (outputs.metadata ?? {}) as { readonly name?: string; readonly namespace?: string };
    return type.endsWith(":StatefulSet") && metadata.name === LIVEKIT.name && metadata.namespace === namespace;
  });
  if (!isOld) return [];
  return [
    `rtc:media = "hostNetwork": an earlier version made LiveKit a StatefulSet, which holds the ports that its successor needs. Let it go first, which ends the calls: kubectl delete statefulset ${LIVEKIT.name} --namespace ${namespace}; npm run pulumi -- --stack prod refresh`,
  ];
}

/** What is ours by its labels: made by this stack, or left by one before. */
function isOurs(object: ClusterObject | null | undefined): boolean {
  const labels = object?.metadata?.labels ?? {};
  return Object.entries(PART_OF).every(([key, value]) => labels[key] === value);
}

/** Objects that an update takes over by their names: in a namespace that is shared they can be somebody else's. */
async function strangers(cluster: Cluster, settings: Settings): Promise<string[]> {
  const { search, rtc, streaming } = settings;
  const { namespace } = settings.platform;
  const streamers = streaming.rtmps ? [RTMP, EDGE, GATEWAY] : [RTMP, EDGE];
  const servers = [
    ...(search.enabled ? [{ name: MEILISEARCH.name, key: "search:enabled", namespace }] : []),
    ...(rtc.enabled ? [{ name: LIVEKIT.name, key: "rtc:enabled", namespace: rtcNamespace(settings) }] : []),
    ...(streaming.enabled ? streamers.map(({ name }) => ({ name, key: "streaming:enabled", namespace })) : []),
  ];
  const found = servers.flatMap(({ name, key, namespace: there }) =>
    KINDS.map(async ({ apiVersion, kind }) => {
      const object = await cluster.read(apiVersion, kind, name, there);
      if (!object || isOurs(object)) return [];
      return [
        `A ${kind} ${name} exists in the namespace ${there} that this program did not make. Choose another namespace (${set("platform:namespace", "NAME")}), or switch our service off (${set(key, "false")})`,
      ];
    }),
  );
  return (await Promise.all(found)).flat();
}

const KINDS = [
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "apps/v1", kind: "StatefulSet" },
  { apiVersion: "apps/v1", kind: "Deployment" },
] as const;

/** It is opened to pods that may do much: nobody else's may become that. A closed one refuses ours, minutes later. */
async function openHostNamespace(
  cluster: Cluster,
  settings: Settings,
  previous: readonly PreviousResource[],
): Promise<string[]> {
  const { rtc } = settings;
  if (!rtc.enabled || rtc.media !== "hostNetwork") return [];
  const name = hostNamespace(settings);
  const found = await cluster.read("v1", "Namespace", name);
  if (!found) return [];
  const level = found.metadata?.labels?.["pod-security.kubernetes.io/enforce"];
  if (!isOurs(found) && !madeBefore(previous, name) && level !== "restricted" && level !== "baseline") {
    return [
      `rtc:hostNamespace = "${name}" exists, and this stack did not make it. Choose another: ${set("rtc:hostNamespace", "NAME")}`,
    ];
  }
  if (level !== "restricted" && level !== "baseline") return [];
  return [
    `rtc:hostNamespace = "${name}" enforces the Pod Security Standard ${level}, which refuses pods on their node's network. Choose another: ${set("rtc:hostNamespace", "NAME")}`,
  ];
}

/** Secrets that somebody else makes, and the keys that we read of them. */
async function secrets(cluster: Cluster, { platform, search, rtc, streaming }: Settings): Promise<string[]> {
  const wanted = [
    { key: "platform:pullSecret", name: platform.pullSecret, fields: [".dockerconfigjson"] },
    { key: "search:existingSecret", name: search.enabled && search.existingSecret, fields: ["MEILISEARCH_MASTER_KEY"] },
    {
      key: "rtc:existingSecret",
      name: rtc.enabled && rtc.existingSecret,
      fields: ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"],
    },
    {
      key: "streaming:existingSecret",
      name: streaming.enabled && streaming.existingSecret,
      fields: ["RTMP_PUBLISH_KEY"],
    },
  ];
  const problems = wanted.map(async ({ key, name, fields }) => {
    if (!name) return [];
    const found = await cluster.read("v1", "Secret", name, platform.namespace);
    if (found === null)
      return [`${key} = "${name}" does not exist in the namespace ${platform.namespace}. Make it there`];
    const missing = fields.filter((field) => found && !found.data?.[field]);
    return missing.length > 0 ? [`${key} = "${name}" has no ${missing.join(" and no ")}. Add it to the Secret`] : [];
  });
  return (await Promise.all(problems)).flat();
}
