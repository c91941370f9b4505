import type { PreviousResource } from "../previous.ts";
import { LIVEKIT } from "../rtc.ts";
import { MEILISEARCH } from "../search.ts";
import type { Settings } from "../settings.ts";
import { EDGE, GATEWAY, RTMP } from "../streaming.ts";
import { type Cluster, ClusterError, type ClusterObject, connectCluster } from "./cluster.ts";
import { hostNamespace } from "./from-settings.ts";
import { PART_OF } from "./metadata.ts";

/** What came of asking: a cluster that fits, or the reason why it could not be asked. */
export type Inspection = { readonly title: string } | { readonly unreachable: string };

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
    storageClass(cluster, settings),
    trafficClass(cluster, settings),
    certificates(cluster, settings),
    priorityClass(cluster, settings),
    secrets(cluster, settings),
  ];
  const problems = (await Promise.all(checks)).flat();
  if (problems.length > 0) throw new ClusterError(problems);
  return { title: cluster.title };
}

const set = (key: string, value: string) => `pulumi config set ${key} ${value}`;
const names = (objects: readonly { readonly metadata?: { readonly name?: string } }[] | null | undefined) =>
  (objects ?? []).map(({ metadata }) => metadata?.name ?? "").sort();

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

const rtcNamespace = (settings: Settings) =>
  settings.rtc.media === "hostNetwork" ? hostNamespace(settings) : settings.platform.namespace;

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

const DEFAULT_STORAGE = "storageclass.kubernetes.io/is-default-class";
const DEFAULT_INGRESS = "ingressclass.kubernetes.io/is-default-class";

async function storageClass(cluster: Cluster, { platform, search, streaming }: Settings): Promise<string[]> {
  if (!search.enabled && !streaming.enabled) return [];
  const classes = await cluster.list("storage.k8s.io/v1", "StorageClass");
  return classProblems("platform:storageClass", platform.storageClass, classes, DEFAULT_STORAGE);
}

async function trafficClass(cluster: Cluster, { platform }: Settings): Promise<string[]> {
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

function classProblems(
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

async function certificates(cluster: Cluster, settings: Settings): Promise<string[]> {
  const { tlsIssuer, tlsSecret, namespace, createNamespace } = settings.platform;
  if (tlsIssuer) return issuer(cluster, tlsIssuer);
  if (!tlsSecret) return [];
  const rtc = settings.rtc.enabled && settings.platform.traffic === "ingress" ? rtcNamespace(settings) : namespace;
  const elsewhere = rtc === namespace ? [] : await tlsProblems(cluster, tlsSecret, rtc, false);
  return [...(await tlsProblems(cluster, tlsSecret, namespace, createNamespace)), ...elsewhere];
}

/** @param createNamespace the stack is to make the namespace, in which nobody can put anything before */
async function tlsProblems(
  cluster: Cluster,
  tlsSecret: string,
  namespace: string,
  createNamespace: boolean,
): Promise<string[]> {
  const found = await cluster.read("v1", "Secret", tlsSecret, namespace);
  const make = `kubectl create secret tls ${tlsSecret} --namespace ${namespace} --cert FILE --key FILE`;
  if (found === null) {
    const there = createNamespace ? await cluster.read("v1", "Namespace", namespace) : undefined;
    const first =
      there === null ? `kubectl create namespace ${namespace}; ${set("platform:createNamespace", "false")}; ` : "";
    return [
      `platform:tlsSecret = "${tlsSecret}" does not exist in the namespace ${namespace}. Make it: ${first}${make}`,
    ];
  }
  if (found === undefined || (found.data?.["tls.crt"] && found.data["tls.key"])) return [];
  return [`platform:tlsSecret = "${tlsSecret}" has no tls.crt and tls.key. Make it anew: ${make}`];
}

async function issuer(cluster: Cluster, name: string): Promise<string[]> {
  const issuers = await cluster.list("cert-manager.io/v1", "ClusterIssuer");
  if (issuers === null) {
    return [
      `platform:tlsIssuer = "${name}" needs cert-manager, which the cluster does not have. Install it, or bring a certificate: pulumi config rm platform:tlsIssuer; ${set("platform:tlsSecret", "NAME")}`,
    ];
  }
  return classProblems("platform:tlsIssuer", name, issuers, undefined);
}

async function priorityClass(cluster: Cluster, { platform }: Settings): Promise<string[]> {
  if (!platform.priorityClass) return [];
  const classes = await cluster.list("scheduling.k8s.io/v1", "PriorityClass");
  return classProblems("platform:priorityClass", platform.priorityClass, classes, undefined);
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
