import type { Settings } from "../settings.ts";
import type { Cluster, Solver } from "./cluster.ts";
import { ingestHost, rtcNamespace } from "./from-settings.ts";
import { classProblems, set } from "./inspect-classes.ts";

/** Whoever issues the certificates, or the one that is there. */
export async function certificates(cluster: Cluster, settings: Settings): Promise<string[]> {
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

/**
 * HTTP-01 asks port 80 of a host. A load balancer of our own does not listen there, and neither does our Gateway. Where
 * one address serves them and the ingress controller it works all the same, which only DNS knows: so it is a warning.
 */
export async function unprovenHosts(cluster: Cluster, settings: Settings): Promise<string[]> {
  const { platform, rtc, streaming } = settings;
  const { tlsIssuer } = platform;
  if (!tlsIssuer) return [];
  const issuers = await cluster.list("cert-manager.io/v1", "ClusterIssuer");
  const { acme } = issuers?.find(({ metadata }) => metadata?.name === tlsIssuer)?.spec ?? {};
  const solvers = acme?.solvers ?? [];
  if (!acme || solvers.some(({ dns01 }) => dns01)) return [];
  const closed = [
    ...(streaming.enabled && streaming.rtmps ? [`${ingestHost(settings)} (streaming:rtmps)`] : []),
    ...(rtc.enabled && rtc.turnDomain && rtc.turnTlsPort ? [`${rtc.turnDomain} (rtc:turnDomain)`] : []),
    ...(platform.traffic === "gateway" && !(await sharesAddress(cluster, platform.trafficClass, solvers))
      ? [`*.${platform.domain} (platform:traffic = gateway)`]
      : []),
  ];
  if (closed.length === 0) return [];
  return [
    `platform:tlsIssuer = "${tlsIssuer}" proves hosts by HTTP-01 alone, at their port 80, where nobody of ours answers for ${closed.join(" and ")}. Unless the ingress controller does, name an issuer with a DNS-01 solver: ${set("platform:tlsIssuer", "NAME")}. Or bring a certificate: pulumi config rm platform:tlsIssuer; ${set("platform:tlsSecret", "NAME")}`,
  ];
}

/** A controller of both kinds has one address for both: there, cert-manager's Ingress answers for a Gateway's host. */
async function sharesAddress(
  cluster: Cluster,
  trafficClass: string | undefined,
  solvers: readonly Solver[],
): Promise<boolean> {
  if (!solvers.some(({ http01 }) => http01?.ingress)) return false;
  const [gateways, ingresses] = await Promise.all([
    cluster.list("gateway.networking.k8s.io/v1", "GatewayClass"),
    cluster.list("networking.k8s.io/v1", "IngressClass"),
  ]);
  if (!gateways || !ingresses) return true;
  const vendor = (controller = "") => controller.split("/")[0];
  const own = gateways.find(({ metadata }) => metadata?.name === trafficClass)?.spec?.controllerName;
  return ingresses.some(({ spec }) => vendor(spec?.controller) === vendor(own));
}
