import { embedderUrls } from "../search/rules.ts";
import { hostOf } from "../search/tasks.ts";
import type { Settings } from "../settings.ts";
import type { Cluster } from "./cluster.ts";
import { rtcNamespace } from "./from-settings.ts";
import { nameInCluster } from "./hosts.ts";
import { set } from "./inspect-classes.ts";

/** Names by which ingress controllers are known, in whatever namespace. */
const CONTROLLER = /traefik|ingress|nginx-gateway|envoy-gateway|contour|haproxy|kong/;

const isEmpty = ({ search, rtc, streaming }: Settings) => !search.enabled && !rtc.enabled && !streaming.enabled;

/** Where the namespace is another, nothing reaches a server, and nothing says why. */
export async function trafficNamespace(cluster: Cluster, settings: Settings): Promise<string[]> {
  const { trafficNamespace: name, trafficFrom } = settings.platform;
  if (isEmpty(settings) || trafficFrom.length > 0) return [];
  if ((await cluster.read("v1", "Namespace", name)) !== null) return [];
  const likely = await controllerNamespaces(cluster);
  const key = "platform:trafficNamespace";
  const offer = likely[0]
    ? `An ingress controller seems to be in ${likely.join(" or ")}. Set it: ${set(key, likely[0])}`
    : `Look for its pods (kubectl get pods --all-namespaces | grep -i -E "traefik|nginx"), and set it: ${set(key, "NAME")}`;
  const networks = `Where traffic comes from no pod, name its networks: ${set("platform:trafficFrom", `'["10.0.0.0/8"]'`)}`;
  return [`${key} = "${name}" does not exist, and browsers are let in from there alone. ${offer}. ${networks}`];
}

async function controllerNamespaces(cluster: Cluster): Promise<string[]> {
  const kinds = ["Deployment", "DaemonSet"].map((kind) => cluster.list("apps/v1", kind));
  const found = (await Promise.all(kinds))
    .flatMap((objects) => objects ?? [])
    .filter(({ metadata }) => CONTROLLER.test(metadata?.name ?? ""))
    .flatMap(({ metadata }) => metadata?.namespace ?? []);
  return [...new Set(found)].sort();
}

/** Pods may ask in its namespace alone, and our proxies ask it by its name. */
export async function nameService(cluster: Cluster, settings: Settings): Promise<string[]> {
  const { dnsService } = settings.platform;
  const [service = "", namespace = ""] = dnsService.split(".");
  if (isEmpty(settings) || (await cluster.read("v1", "Service", service, namespace)) !== null) return [];
  const services = (await cluster.list("v1", "Service")) ?? [];
  const known = services
    .filter(({ spec }) => spec?.ports?.some(({ port }) => port === 53))
    .map(({ metadata }) => `${metadata?.name}.${metadata?.namespace}`)
    .sort();
  const offer = known[0]
    ? `The cluster has ${known.join(", ")}. Set it: ${set("platform:dnsService", known[0])}`
    : `Look for it (kubectl get services --all-namespaces | grep 53/UDP), and set it: ${set("platform:dnsService", "NAME.NAMESPACE")}`;
  return [`platform:dnsService = "${dnsService}" does not exist. ${offer}`];
}

/**
 * LiveKit starts when it knows its address. ServiceLB of k3s gives `local` traffic the addresses of nodes with a server
 * that is ready: each would wait for the other. Its account is not there where it is switched off.
 * @see https://github.com/k3s-io/k3s/blob/master/pkg/cloudprovider/servicelb.go
 */
export async function earlyMediaAddress(cluster: Cluster, { platform, rtc }: Settings): Promise<string[]> {
  if (!rtc.enabled || rtc.media !== "loadBalancer" || rtc.nodeAddress) return [];
  if (platform.externalTrafficPolicy === "cluster" || !cluster.version.includes("+k3s")) return [];
  if (!(await cluster.read("v1", "ServiceAccount", "svclb", "kube-system"))) return [];
  return [
    `platform:externalTrafficPolicy = "local" cannot work for calls on k3s: its ServiceLB gives an address to servers that are ready, and LiveKit is ready when it knows its address. Have any node take the traffic: ${set("platform:externalTrafficPolicy", "cluster")}. Or name the address that clients reach: ${set("rtc:nodeAddress", "ADDRESS")}`,
  ];
}

/** A network policy sees the port of the pods. Ours is made of the one in the URL, which is their Service's. */
export async function reachedServices(cluster: Cluster, settings: Settings): Promise<string[]> {
  const { platform, search, rtc } = settings;
  const { redisUrl } = rtc;
  const from = (key: string, urls: readonly string[]) =>
    urls.map((url) => ({ key, ...hostOf(url), place: platform.namespace }));
  const reached = [
    ...(rtc.enabled && redisUrl ? [{ key: "rtc:redisUrl", ...redisUrl, place: rtcNamespace(settings) }] : []),
    ...(search.enabled && search.backupEndpoint ? from("search:backupEndpoint", [search.backupEndpoint]) : []),
    ...(search.enabled ? from("search:embedders", embedderUrls(settings)) : []),
  ];
  const problems = reached.map(async ({ key, host, port, place }) => {
    const { service, namespace = place } = nameInCluster(host, platform.clusterDomain) ?? {};
    const endpoints = service && (await cluster.read("v1", "Endpoints", service, namespace));
    const ports = endpoints ? (endpoints.subsets ?? []).flatMap((subset) => subset.ports ?? []) : [];
    const numbers = [...new Set(ports.flatMap((found) => found.port ?? []))];
    if (numbers.length === 0 || numbers.includes(port)) return [];
    return [
      `${key} names port ${port} of the Service ${service} in ${namespace}, whose pods listen at ${numbers.join(" and ")}: a network policy sees their port, and ours would let nothing through. Name a Service that has the same port as its pods`,
    ];
  });
  return (await Promise.all(problems)).flat();
}
