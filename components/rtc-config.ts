import * as pulumi from "@pulumi/pulumi";
import type { MediaPorts } from "./settings-values.ts";
import type { RedisUrl } from "./settings-values-cluster.ts";
import { fillYaml, readTemplate, type YamlPath } from "./templates.ts";
import type { MediaAddress } from "./workload.ts";

/** The built-in TURN server, an external one, both or none. */
export interface Turn {
  /** Host name of the built-in server; turns it on. */
  readonly domain?: string | undefined;
  readonly udpPort?: number | undefined;
  readonly tlsPort?: number | undefined;
  /** The server ends the TLS itself, on this port for clients; else a proxy in front does. */
  readonly ownTls?: { readonly publish: number } | undefined;
  /** Private networks to which it may relay, as CIDR. Default: none. */
  readonly relayTo?: readonly string[] | undefined;
  readonly external?: { readonly host: string; readonly port: number; readonly secret: string } | undefined;
}

/** Shared state of several servers. */
export interface Redis extends RedisUrl {
  readonly password?: string | undefined;
}

export interface LivekitConfigArgs {
  readonly port: number;
  /** Default: no metrics. */
  readonly metricsPort?: number;
  readonly tcpPort: number;
  readonly mediaPorts: MediaPorts;
  /** Address that clients are told; where absent each server finds its own. */
  readonly nodeAddress: MediaAddress;
  /** Ask a STUN server for the address instead. */
  readonly useStun?: boolean;
  readonly redis?: Redis | undefined;
  readonly maxParticipants: number;
  readonly emptyTimeout: number;
  readonly logLevel: string;
  readonly turn: Turn;
}

/** Where the certificate of the built-in TURN server lies. */
export const TURN_CERTIFICATE = "/etc/livekit/turn";

/** The server's configuration file. */
export function livekitConfig(args: LivekitConfigArgs): pulumi.Output<string> {
  return pulumi.output(args.nodeAddress).apply((nodeAddress) => renderLivekit({ ...args, nodeAddress }));
}

/** Whether the file has to be kept like a secret. */
export function holdsSecret({ turn, redis }: Pick<LivekitConfigArgs, "turn" | "redis">): boolean {
  return turn.external !== undefined || redis?.password !== undefined;
}

type Entry = readonly [YamlPath, unknown];

export function renderLivekit(
  args: Omit<LivekitConfigArgs, "nodeAddress"> & { readonly nodeAddress: string | undefined },
): string {
  const { mediaPorts: media, turn } = args;
  const oneUdpPort = media.first === media.last;
  return fillYaml(readTemplate("livekit.yaml"), [
    [["port"], args.port],
    [["prometheus_port"], args.metricsPort],
    ...redisEntries(args.redis),
    [["rtc", "tcp_port"], args.tcpPort],
    [["rtc", "udp_port"], oneUdpPort ? media.first : undefined],
    [["rtc", "port_range_start"], oneUdpPort ? undefined : media.first],
    [["rtc", "port_range_end"], oneUdpPort ? undefined : media.last],
    [["rtc", "node_ip"], args.nodeAddress],
    [["rtc", "use_external_ip"], args.useStun ?? false],
    [["rtc", "turn_servers"], turn.external ? [{ ...turn.external, protocol: "udp" }] : undefined],
    [["room", "max_participants"], args.maxParticipants],
    [["room", "empty_timeout"], args.emptyTimeout],
    [["logging", "level"], args.logLevel],
    ...turnEntries(turn),
  ]);
}

function redisEntries(redis: Redis | undefined): Entry[] {
  if (!redis) return [[["redis"], undefined]];
  return [
    [["redis", "address"], `${redis.host}:${redis.port}`],
    [["redis", "username"], redis.username],
    [["redis", "password"], redis.password],
    [["redis", "db"], redis.database],
    [["redis", "tls"], redis.secure ? { enabled: true, insecure: false } : undefined],
  ];
}

function turnEntries({ domain, udpPort, tlsPort, ownTls, relayTo = [] }: Turn): Entry[] {
  if (!domain) return [[["turn"], undefined]];
  return [
    [["turn", "domain"], domain],
    [["turn", "udp_port"], udpPort],
    [["turn", "tls_port"], tlsPort],
    [["turn", "external_tls"], tlsPort && !ownTls ? true : undefined],
    [["turn", "cert_file"], ownTls ? `${TURN_CERTIFICATE}/tls.crt` : undefined],
    [["turn", "key_file"], ownTls ? `${TURN_CERTIFICATE}/tls.key` : undefined],
    [["turn", "allow_restricted_peer_cidrs"], relayTo.length > 0 ? relayTo : undefined],
  ];
}
