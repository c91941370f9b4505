import type { Settings } from "./settings.ts";
import type { Problem } from "./settings-rules.ts";

/** What production asks for, and what a cluster cannot do. */
export function kubernetesProblems(settings: Settings): Problem[] {
  return [
    ...publicHosts(settings),
    ...oneCertificate(settings),
    ...knownGateway(settings),
    ...encryptedOrigins(settings),
    ...fixedImages(settings),
    ...oneSearchServer(settings),
    ...sharedRooms(settings),
    ...openMedia(settings),
    ...distinctRtcPorts(settings),
    ...turnOnHost(settings),
    ...ownHostNamespace(settings),
    ...roomForStreams(settings),
    ...edgeInOrder(settings),
    ...distinctIngest(settings),
    ...seenPublishers(settings),
    ...oneSourceOfSecrets(settings),
  ];
}

function publicHosts({ platform }: Settings): Problem[] {
  if (platform.domain) return [];
  return [
    {
      keys: ["platform:domain"],
      message:
        "platform:domain is missing: the services are at search., livekit. and stream. of it. Set it: pulumi config set platform:domain chat.example.com",
    },
  ];
}

function oneCertificate({ platform: { tlsIssuer, tlsSecret } }: Settings): Problem[] {
  if ((tlsIssuer === undefined) !== (tlsSecret === undefined)) return [];
  const keys = ["platform:tlsIssuer", "platform:tlsSecret"];
  return [
    {
      keys,
      message: tlsIssuer
        ? "platform:tlsIssuer and platform:tlsSecret are both set: certificates come from one of them. Remove one: pulumi config rm platform:tlsSecret"
        : "platform:tlsIssuer or platform:tlsSecret is missing: nothing is served without TLS. Set a cert-manager ClusterIssuer (pulumi config set platform:tlsIssuer letsencrypt-prod), or a Secret with a certificate for all hosts (pulumi config set platform:tlsSecret NAME)",
    },
  ];
}

function knownGateway({ platform }: Settings): Problem[] {
  if (platform.traffic === "ingress" || platform.trafficClass) return [];
  return [
    {
      keys: ["platform:traffic", "platform:trafficClass"],
      message:
        "platform:trafficClass is missing: a Gateway has no default class. Set it: pulumi config set platform:trafficClass NAME (see kubectl get gatewayclass)",
    },
  ];
}

function encryptedOrigins({ frontend }: Settings): Problem[] {
  const plain = frontend.origins.filter((origin) => !origin.startsWith("https://"));
  if (plain.length === 0) return [];
  return [
    {
      keys: ["frontend:origins"],
      message: `frontend:origins has ${plain.join(" and ")}: in production the app is served over https. Set it: pulumi config set frontend:origins '["https://chat.example.com"]'`,
    },
  ];
}

/** A tag with three numbers, or a build date, names one build; everything else moves. */
const FIXED = /(?:\d+\.\d+\.\d+|\d{4}-\d{2}-\d{2})|@sha256:/;

function fixedImages({ search, rtc, streaming }: Settings): Problem[] {
  const images = {
    ...(search.enabled ? { "search:image": search.image } : {}),
    ...(rtc.enabled ? { "rtc:image": rtc.image } : {}),
    ...(streaming.enabled ? { "streaming:image": streaming.image, "streaming:proxyImage": streaming.proxyImage } : {}),
  };
  return Object.entries(images)
    .filter(([, image]) => !FIXED.test(image.slice(image.lastIndexOf("/") + 1)))
    .map(([key, image]) => ({
      keys: [key],
      message: `${key} = "${image}" can be another image tomorrow. Name a version in full, a build date or, best, a digest: pulumi config set ${key} NAME@sha256:…`,
    }));
}

function oneSearchServer({ search }: Settings): Problem[] {
  if (!search.enabled || search.replicas === 1) return [];
  return [
    {
      keys: ["search:replicas"],
      message: `search:replicas = "${search.replicas}" cannot work: MeiliSearch keeps its index on one disk and knows of no other server, so a second one would answer from an index of its own. Set it to 1, and give it more memory and processors instead`,
    },
  ];
}

function sharedRooms({ rtc }: Settings): Problem[] {
  if (!rtc.enabled || rtc.replicas === 1) return [];
  const problems: Problem[] = [];
  if (!rtc.redisUrl) {
    problems.push({
      keys: ["rtc:replicas", "rtc:redisUrl"],
      message: `rtc:replicas = "${rtc.replicas}" needs Redis, through which servers share rooms: without it two people of one room can be on servers that do not know of each other. Set it: pulumi config set rtc:redisUrl redis://HOST:6379`,
    });
  }
  if (rtc.media === "loadBalancer") {
    problems.push({
      keys: ["rtc:replicas", "rtc:media"],
      message: `rtc:replicas = "${rtc.replicas}" with rtc:media = loadBalancer cannot work: a balancer sends a client's media to any server, and the client's call is on one. Set rtc:replicas to 1, or use the nodes' own network: pulumi config set rtc:media hostNetwork`,
    });
  }
  return problems;
}

function openMedia({ rtc }: Settings): Problem[] {
  if (!rtc.enabled) return [];
  const { first, last } = rtc.mediaPorts;
  if (rtc.media === "loadBalancer") {
    return [
      ...(first === last
        ? []
        : [
            {
              keys: ["rtc:mediaPorts", "rtc:media"],
              message: `rtc:mediaPorts = "${first}-${last}" with rtc:media = loadBalancer: a Service has no ranges. Set one port, over which all media is multiplexed: pulumi config set rtc:mediaPorts 7882`,
            },
          ]),
      ...(rtc.useStun
        ? [
            {
              keys: ["rtc:useStun", "rtc:media"],
              message:
                "rtc:useStun = true with rtc:media = loadBalancer: a STUN server would see the address by which the cluster goes out, not the balancer's. Remove it: pulumi config rm rtc:useStun",
            },
          ]
        : []),
    ];
  }
  if (!rtc.nodeAddress) return [];
  return [
    {
      keys: ["rtc:nodeAddress", "rtc:media"],
      message: `rtc:nodeAddress = "${rtc.nodeAddress}" with rtc:media = hostNetwork: each node has an address of its own. Remove it: pulumi config rm rtc:nodeAddress`,
    },
  ];
}

/** Ports on which the server itself listens, whatever the settings say. */
const LIVEKITS_OWN = { "LiveKit's API": 7880, "LiveKit's metrics": 6789 };

/** One server and one Service: a number is there once for each protocol. */
function distinctRtcPorts({ rtc }: Settings): Problem[] {
  if (!rtc.enabled) return [];
  const clash = (keys: string[], port: number) => ({
    keys,
    message: `${keys.join(" and ")} both use port ${port}. Give one of them another port`,
  });
  const tcp = [
    { key: "rtc:tcpPort", ports: [rtc.tcpPort] },
    // Clients of TURN over TLS are always told 443.
    { key: "rtc:turnTlsPort", ports: rtc.turnTlsPort ? [rtc.turnTlsPort, 443] : [] },
    ...Object.entries(LIVEKITS_OWN).map(([key, port]) => ({ key, ports: [port] })),
  ];
  const twice = tcp.flatMap((one, index) =>
    tcp.slice(index + 1).flatMap((other) => {
      const port = one.ports.find((number) => other.ports.includes(number));
      return port === undefined ? [] : [clash([one.key, other.key], port)];
    }),
  );
  const { turnUdpPort, mediaPorts } = rtc;
  const udp = turnUdpPort !== undefined && turnUdpPort >= mediaPorts.first && turnUdpPort <= mediaPorts.last;
  return [...twice, ...(udp ? [clash(["rtc:turnUdpPort", "rtc:mediaPorts"], turnUdpPort)] : [])];
}

function turnOnHost({ rtc }: Settings): Problem[] {
  if (!rtc.enabled || rtc.media !== "hostNetwork" || !rtc.turnTlsPort) return [];
  return [
    {
      keys: ["rtc:media", "rtc:turnTlsPort"],
      message: `rtc:turnTlsPort = "${rtc.turnTlsPort}" with rtc:media = hostNetwork cannot work: clients are told port 443, which the server may not open on a node. Use an external TURN server (rtc:turnServer), or rtc:turnUdpPort alone: pulumi config rm rtc:turnTlsPort`,
    },
  ];
}

function ownHostNamespace({ platform, rtc }: Settings): Problem[] {
  if (!rtc.enabled || rtc.media !== "hostNetwork" || rtc.hostNamespace !== platform.namespace) return [];
  return [
    {
      keys: ["rtc:hostNamespace", "platform:namespace"],
      message: `rtc:hostNamespace = "${rtc.hostNamespace}" is the namespace of the other services, which is restricted: pods on their node's network are refused there. Choose another name: pulumi config set rtc:hostNamespace ${platform.namespace}-rtc`,
    },
  ];
}

/**
 * Mbit/s of a good stream: the most that YouTube takes of 1080p at 30 pictures a second.
 * @see https://support.google.com/youtube/answer/2853702
 */
const GOOD_STREAM = 8;

/** Where it overflows, the kubelet ends the server, and with it all streams. Each is on it twice: as HLS and as DASH. */
function roomForStreams({ streaming: { enabled, playlist, fragment, scratch } }: Settings): Problem[] {
  const gibibytesPerSecond = (2 * GOOD_STREAM * 1e6) / 8 / 2 ** 30;
  // nginx-rtmp keeps a segment for two playlists, and looks every two for what is older.
  const needed = (4 * playlist + fragment) * gibibytesPerSecond;
  if (!enabled || needed <= scratch) return [];
  const longest = Math.floor((scratch / gibibytesPerSecond - fragment) / 4);
  return [
    {
      keys: ["streaming:playlist", "streaming:fragment", "streaming:scratch"],
      message: `streaming:playlist = "${playlist}" does not fit into streaming:scratch = ${scratch} GiB: one stream of ${GOOD_STREAM} Mbit/s takes up to ${Math.ceil(needed * 10) / 10} GiB, four playlists and a fragment as HLS and again as DASH. Set it to ${longest} or less, or make room: pulumi config set streaming:scratch ${Math.ceil(needed)}`,
    },
  ];
}

function edgeInOrder({ streaming }: Settings): Problem[] {
  if (!streaming.enabled || streaming.edgeMaxReplicas >= streaming.edgeReplicas) return [];
  return [
    {
      keys: ["streaming:edgeReplicas", "streaming:edgeMaxReplicas"],
      message: `streaming:edgeMaxReplicas = "${streaming.edgeMaxReplicas}" is less than streaming:edgeReplicas = ${streaming.edgeReplicas}. Set it to ${streaming.edgeReplicas} or more`,
    },
  ];
}

function distinctIngest({ streaming }: Settings): Problem[] {
  if (!streaming.enabled || !streaming.rtmps || streaming.ingestPort !== streaming.rtmpsPort) return [];
  const keys = ["streaming:ingestPort", "streaming:rtmpsPort"];
  return [
    { keys, message: `${keys.join(" and ")} both use port ${streaming.rtmpsPort}. Give one of them another port` },
  ];
}

/** Whoever takes traffic for another node puts its own address in the place of the client's: the pods' policy sees that. */
function seenPublishers({ platform, streaming: { enabled, ingestFrom } }: Settings): Problem[] {
  if (!enabled || platform.externalTrafficPolicy === "local" || ingestFrom.includes("0.0.0.0/0")) return [];
  return [
    {
      keys: ["streaming:ingestFrom", "platform:externalTrafficPolicy"],
      message: `streaming:ingestFrom = ${JSON.stringify(ingestFrom)} with platform:externalTrafficPolicy = cluster cannot work: a node that passes traffic on hides the publisher's address, and nobody would be let in. Have each node take its own (pulumi config set platform:externalTrafficPolicy local), or let all in: pulumi config rm streaming:ingestFrom`,
    },
  ];
}

function oneSourceOfSecrets({ search, rtc, streaming }: Settings): Problem[] {
  const sources = [
    { existing: search.existingSecret, key: "search:existingSecret", given: { "search:masterKey": search.masterKey } },
    {
      existing: rtc.existingSecret,
      key: "rtc:existingSecret",
      given: { "rtc:apiKey": rtc.apiKey, "rtc:apiSecret": rtc.apiSecret },
    },
    {
      existing: streaming.existingSecret,
      key: "streaming:existingSecret",
      given: { "streaming:publishKey": streaming.publishKey },
    },
  ];
  return sources.flatMap(({ existing, key, given }) =>
    Object.entries(given)
      .filter(([, value]) => existing !== undefined && value !== undefined)
      .map(([other]) => ({
        keys: [key, other],
        message: `${key} and ${other} are both set: the secret comes from one of them. Remove one: pulumi config rm ${other}`,
      })),
  );
}
