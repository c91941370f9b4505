import { namesFor } from "../../components/docker-names.ts";
import { hostNamespace } from "../../components/kubernetes/from-settings.ts";
import { isStateful } from "../../components/kubernetes/server.ts";
import { LIVEKIT } from "../../components/rtc.ts";
import { MEILISEARCH } from "../../components/search.ts";
import type { Settings } from "../../components/settings.ts";
import { EDGE, RTMP } from "../../components/streaming.ts";
import { Advice, type AdviceOnAll, type Server } from "./advice.ts";
import type { Service } from "./check.ts";

type Servers = Readonly<Record<Service, Server>>;

const OTHER_ADDRESS = "Another address is told by rtc:nodeAddress.";

/** Advice that fits where the stack runs, and what things are called there. */
export function adviceFor(stack: string, settings: Settings): AdviceOnAll {
  const servers = settings.platform.kind === "docker" ? onDocker(settings) : onKubernetes(settings);
  const on = (service: Service) => new Advice(stack, servers[service]);
  return { MeiliSearch: on("MeiliSearch"), LiveKit: on("LiveKit"), "RTMP Stats": on("RTMP Stats") };
}

function onDocker({ platform }: Settings): Servers {
  const names = namesFor(platform.prefix, platform.network);
  const server = ({ name }: { readonly name: string }): Server => {
    const container = names.container(name);
    return {
      logs: `docker logs ${container}`,
      isItOurs: `Is ${container} this stack's container?`,
      ports: `Is the port published? \`docker port ${container}\` lists those that are. ${OTHER_ADDRESS}`,
    };
  };
  return { MeiliSearch: server(MEILISEARCH), LiveKit: server(LIVEKIT), "RTMP Stats": server(RTMP) };
}

function onKubernetes(settings: Settings): Servers {
  const { platform, rtc, streaming } = settings;
  const onHost = rtc.media === "hostNetwork";
  const rtcIn = onHost ? hostNamespace(settings) : platform.namespace;
  return {
    MeiliSearch: pods(platform.namespace, objectOf(MEILISEARCH.name)),
    LiveKit: {
      ...pods(rtcIn, objectOf(LIVEKIT.name, rtc.replicas, onHost)),
      ports: onHost
        ? `Is the port open on the nodes? \`${kubectl(rtcIn)} get pods --output wide\` names those that have a server.`
        : `Does the load balancer pass the port on? \`${kubectl(rtcIn)} get service ${LIVEKIT.name}-public\` lists its ports. ${OTHER_ADDRESS}`,
    },
    "RTMP Stats": {
      ...pods(platform.namespace, objectOf(RTMP.name)),
      webLogs: logsOf(platform.namespace, objectOf(EDGE.name, streaming.edgeMaxReplicas)),
    },
  };
}

const pods = (namespace: string, object: string): Server => ({
  logs: logsOf(namespace, object),
  isItOurs: `Does its host name lead to ${object} in the namespace ${namespace}?`,
});

const kubectl = (namespace: string) => `kubectl --namespace ${namespace}`;
const logsOf = (namespace: string, object: string) => `${kubectl(namespace)} logs ${object}`;

/** What runs a server's pods, as kubectl names it. */
function objectOf(name: string, replicas = 1, onHost = false): string {
  const kind = isStateful({ replicas: { min: replicas, max: replicas } }, onHost) ? "statefulset" : "deployment";
  return `${kind}/${name}`;
}
