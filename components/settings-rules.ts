import { searchProblems } from "./search/rules.ts";
import type { Settings } from "./settings.ts";
import { kubernetesProblems } from "./settings-rules-kubernetes.ts";

/** A combination of settings that cannot work; `keys` are those that it looks at. */
export interface Problem {
  readonly keys: readonly string[];
  readonly message: string;
}

const LOOPBACK = /^127\./;

/** The secrets that the product's written spec publishes: fine on a laptop, known to everybody elsewhere. */
const PUBLISHED = ["nchat-search-dev-key-32-chars-long", "devkey", "devsecret1234567890123456789012"];

/** Ports that the core backend publishes; its MeiliSearch takes 7700 too, but only where it is switched on. */
const CORE_PORTS = new Set([
  80, 443, 5432, 8080, 9695, 4000, 5000, 5001, 8000, 9000, 9001, 6379, 1025, 8025, 3000, 3021,
]);

/** A port that a service of ours publishes on the host. */
export interface PublishedPort {
  readonly key: string;
  readonly protocol: "tcp" | "udp";
  readonly first: number;
  readonly last: number;
}

/** What the enabled services publish, in a fixed order. */
export function publishedPorts({ search, rtc, streaming }: Settings): PublishedPort[] {
  const one = (key: string, protocol: "tcp" | "udp", port: number) => ({ key, protocol, first: port, last: port });
  return [
    ...(search.enabled ? [one("search:port", "tcp", search.port)] : []),
    ...(rtc.enabled
      ? [
          one("rtc:port", "tcp", rtc.port),
          one("rtc:tcpPort", "tcp", rtc.tcpPort),
          { key: "rtc:mediaPorts", protocol: "udp" as const, ...rtc.mediaPorts },
          ...(rtc.turnUdpPort ? [one("rtc:turnUdpPort", "udp", rtc.turnUdpPort)] : []),
          ...(rtc.turnTlsPort ? [one("rtc:turnTlsPort", "tcp", rtc.turnTlsPort)] : []),
        ]
      : []),
    ...(streaming.enabled
      ? [one("streaming:ingestPort", "tcp", streaming.ingestPort), one("streaming:httpPort", "tcp", streaming.httpPort)]
      : []),
  ];
}

/** Every rule that looks at more than one setting. */
export function problemsAcross(settings: Settings): Problem[] {
  return [
    ...(settings.platform.kind === "docker" ? dockerProblems(settings) : kubernetesProblems(settings)),
    ...searchProblems(settings),
    ...completeTurn(settings),
    ...passwordOfRedis(settings),
    ...closedPublishing(settings),
    ...wholePlaylist(settings),
    ...unpublishedSecrets(settings),
  ];
}

function dockerProblems(settings: Settings): Problem[] {
  return [...distinctPorts(settings), ...corePorts(settings), ...reachableMedia(settings)];
}

function distinctPorts(settings: Settings): Problem[] {
  const ports = publishedPorts(settings);
  // Docker's provider reads ports back in an order that leaves TCP and UDP of one number to chance, and compares lists.
  const alike = ports
    .filter(({ key, protocol }) => key.startsWith("rtc:") && protocol === "udp")
    .flatMap((udp) =>
      ports
        .filter(
          ({ key, protocol, first }) =>
            key.startsWith("rtc:") && protocol === "tcp" && first >= udp.first && first <= udp.last,
        )
        .map((tcp) => ({
          keys: [tcp.key, udp.key],
          message: `${tcp.key} and ${udp.key} publish the same number ${tcp.first}, which Docker's provider cannot tell apart. Give one of them another port`,
        })),
    );
  const twice = ports.flatMap((port, index) =>
    ports
      .slice(index + 1)
      .filter((other) => other.protocol === port.protocol && other.first <= port.last && port.first <= other.last)
      .map((other) => ({
        keys: [port.key, other.key],
        message: `${port.key} and ${other.key} both publish ${port.protocol} port ${Math.max(port.first, other.first)}. Give one of them another port`,
      })),
  );
  return [...twice, ...alike];
}

function corePorts(settings: Settings): Problem[] {
  return publishedPorts(settings)
    .filter(({ protocol, first }) => protocol === "tcp" && CORE_PORTS.has(first))
    .map(({ key, first }) => ({
      keys: [key],
      message: `${key} = "${first}" is a port of the core backend. Choose one that it does not use`,
    }));
}

function reachableMedia({ platform, rtc }: Settings): Problem[] {
  if (!rtc.enabled || rtc.nodeAddress || platform.bindAddress !== "0.0.0.0") return [];
  return [
    {
      keys: ["platform:bindAddress", "rtc:nodeAddress"],
      message:
        "rtc:nodeAddress is missing: with platform:bindAddress = 0.0.0.0 calls need the address at which clients reach this host. Set it: pulumi config set rtc:nodeAddress 192.168.1.20",
    },
  ];
}

/** LiveKit's TURN without a port is fatal at start, and TLS needs a domain; half an external server is ignored. */
function completeTurn({ rtc }: Settings): Problem[] {
  const problems: Problem[] = [];
  const own = rtc.turnUdpPort ?? rtc.turnTlsPort;
  if (rtc.turnDomain && !own) {
    problems.push({
      keys: ["rtc:turnDomain", "rtc:turnUdpPort", "rtc:turnTlsPort"],
      message: `rtc:turnDomain = "${rtc.turnDomain}" turns TURN on, but no port is set. Set rtc:turnUdpPort, rtc:turnTlsPort or both`,
    });
  }
  if (own && !rtc.turnDomain) {
    problems.push({
      keys: ["rtc:turnDomain", "rtc:turnUdpPort", "rtc:turnTlsPort"],
      message:
        "rtc:turnDomain is missing: a TURN port is set, and clients are told this name. Set it, or remove the port",
    });
  }
  const external = { turnServer: rtc.turnServer, turnServerPort: rtc.turnServerPort, turnSecret: rtc.turnSecret };
  const missing = Object.entries(external).flatMap(([key, value]) => (value === undefined ? [`rtc:${key}`] : []));
  if (missing.length > 0 && missing.length < 3) {
    problems.push({
      keys: Object.keys(external).map((key) => `rtc:${key}`),
      message: `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing: an external TURN server needs rtc:turnServer, rtc:turnServerPort and rtc:turnSecret together`,
    });
  }
  return problems;
}

function passwordOfRedis({ rtc }: Settings): Problem[] {
  if (!rtc.redisPassword || rtc.redisUrl) return [];
  return [
    {
      keys: ["rtc:redisUrl", "rtc:redisPassword"],
      message:
        "rtc:redisUrl is missing: a password for Redis is set. Set it: pulumi config set rtc:redisUrl redis://HOST:6379",
    },
  ];
}

function closedPublishing({ platform, streaming }: Settings): Problem[] {
  if (!streaming.enabled || streaming.publish === "key" || isPrivate(platform)) return [];
  const where =
    platform.kind === "docker" ? `platform:bindAddress = ${platform.bindAddress}` : "platform:kind = kubernetes";
  return [
    {
      keys: ["streaming:publish", "platform:bindAddress"],
      message: `streaming:publish = "open" with ${where} would let anybody on the network publish. Set it: pulumi config set streaming:publish key`,
    },
  ];
}

/** Nobody but this machine reaches it. */
const isPrivate = ({ kind, bindAddress }: Settings["platform"]) => kind === "docker" && LOOPBACK.test(bindAddress);

function wholePlaylist({ streaming }: Settings): Problem[] {
  if (streaming.playlist >= 3 * streaming.fragment) return [];
  return [
    {
      keys: ["streaming:playlist", "streaming:fragment"],
      message: `streaming:playlist = "${streaming.playlist}" holds fewer than three fragments of ${streaming.fragment} s: players would stall. Set it to ${3 * streaming.fragment} or more`,
    },
  ];
}

function unpublishedSecrets({ platform, search, rtc, streaming }: Settings): Problem[] {
  if (isPrivate(platform)) return [];
  const given = {
    "search:masterKey": search.masterKey,
    "rtc:apiKey": rtc.apiKey,
    "rtc:apiSecret": rtc.apiSecret,
    "streaming:publishKey": streaming.publishKey,
  };
  return Object.entries(given)
    .filter(([, value]) => value !== undefined && PUBLISHED.includes(value))
    .map(([key]) => ({
      keys: [key],
      message: `${key} is a published development value, and this stack is reachable from outside. Remove it to have one generated: pulumi config rm ${key}`,
    }));
}
