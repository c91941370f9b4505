import { LIVEKIT } from "../rtc.ts";
import { MEILISEARCH } from "../search.ts";
import type { Settings } from "../settings.ts";
import { EDGE, RTMP } from "../streaming.ts";
import type { KubernetesPlatformArgs } from "./platform.ts";

/** MiB of the edge's copies; its configuration has nginx keep to half of it. */
const EDGE_CACHE = 1024;

/** What the settings say about the platform. The rules across settings have seen to it that nothing is missing. */
export function platformArgs(settings: Settings): KubernetesPlatformArgs {
  const { platform, frontend, search, rtc, streaming } = settings;
  const [, dnsNamespace = ""] = platform.dnsService.split(".");
  const protection = { protect: platform.protect, retain: platform.retainData };
  const sizes: Readonly<Record<string, number>> = {
    [MEILISEARCH.volumes[0]]: search.storage,
    [RTMP.volumes[1]]: streaming.recordings,
  };
  const scratch = { [RTMP.volumes[0]]: streaming.scratch * 1024, [EDGE.volumes[0]]: EDGE_CACHE };
  const domain = platform.domain ?? "";
  return {
    access: { kubeconfig: platform.kubeconfig, context: platform.context },
    namespaces: {
      name: platform.namespace,
      create: platform.createNamespace,
      host: rtc.enabled && rtc.media === "hostNetwork" ? hostNamespace(settings) : undefined,
      protection,
    },
    domain,
    webHosts: [
      ...(search.enabled ? ["search"] : []),
      ...(rtc.enabled ? [LIVEKIT.name] : []),
      ...(streaming.enabled ? ["stream"] : []),
    ],
    direct: {
      ingest: {
        host: ingestHost(settings),
        annotations: streaming.ingestAnnotations,
        from: streaming.ingestFrom,
      },
      turn: { host: rtc.turnDomain ?? "", annotations: rtc.mediaAnnotations, from: ["0.0.0.0/0"] },
    },
    media: { by: rtc.media, annotations: rtc.mediaAnnotations, address: rtc.nodeAddress },
    externalTraffic: platform.externalTrafficPolicy,
    traffic: {
      by: platform.traffic,
      className: platform.trafficClass,
      annotations: platform.trafficAnnotations,
      certificates: { issuer: platform.tlsIssuer, secret: platform.tlsSecret },
    },
    neighbours: {
      traffic: { namespace: platform.trafficNamespace, networks: platform.trafficFrom },
      monitoring: platform.monitoringNamespace,
      dns: { namespace: dnsNamespace, addresses: platform.dnsAddresses },
      frontend: frontend.podLabels,
      clusterDomain: platform.clusterDomain,
    },
    frontendEgress: frontend.egressPolicy,
    storage: {
      className: platform.storageClass,
      size: (volume) => known(sizes, volume),
      protection,
    },
    pods: {
      priorityClass: platform.priorityClass,
      pullSecret: platform.pullSecret,
      scratch: (volume) => known(scratch, volume),
    },
    resolver: `${platform.dnsService}.svc.${platform.clusterDomain}`,
  };
}

/** Where servers on their node's network live. */
export function hostNamespace({ platform, rtc }: Settings): string {
  return rtc.hostNamespace ?? `${platform.namespace}-rtc`;
}

/** Where LiveKit lives. */
export function rtcNamespace(settings: Settings): string {
  return settings.rtc.media === "hostNetwork" ? hostNamespace(settings) : settings.platform.namespace;
}

/** Where publishers connect: a load balancer of its own, so a host of its own. */
export function ingestHost({ platform, streaming }: Settings): string {
  return streaming.ingestHost ?? `ingest.${platform.domain}`;
}

function known(sizes: Readonly<Record<string, number>>, volume: string): number {
  const size = sizes[volume];
  if (size === undefined) throw new Error(`No size is known for the volume ${volume}.`);
  return size;
}
