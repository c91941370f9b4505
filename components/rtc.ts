import * as pulumi from "@pulumi/pulumi";
import { holdsSecret, livekitConfig, type Redis, TURN_CERTIFICATE, type Turn } from "./rtc-config.ts";
import { secretsOf } from "./secrets.ts";
import type { MediaPorts } from "./settings-values.ts";
import {
  type AnyPort,
  type Credential,
  type Destination,
  type Limits,
  NONROOT,
  type Platform,
  type Port,
  type PortRange,
  urlOf,
} from "./workload.ts";

export interface RtcServiceArgs {
  readonly platform: Platform;
  /** Image of the LiveKit server. */
  readonly image: string;
  /** Port of the HTTP API and of WebSocket signalling. */
  readonly port: number;
  /** Port of ICE over TCP. */
  readonly tcpPort: number;
  /** One multiplexed UDP port, or a range. */
  readonly mediaPorts: MediaPorts;
  /** Participants in a room. */
  readonly maxParticipants: number;
  /** Seconds that an empty room stays open. */
  readonly emptyTimeout: number;
  readonly logLevel: string;
  readonly turn: Turn;
  readonly limits: Limits;
  /** API key to use instead of a generated one. */
  readonly apiKey?: string | undefined;
  /** API secret to use instead of a generated one. */
  readonly apiSecret?: string | undefined;
  /** Secret on the platform that holds both, under `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET`. */
  readonly existingSecret?: string | undefined;
  /** Guards generated secrets against deletion. Default: false. */
  readonly protect?: boolean;
  /** Servers that share rooms; more than one need Redis and a host each. Default: 1. */
  readonly replicas?: number;
  readonly redis?: Redis | undefined;
  /** Each server asks a STUN server for its address. Default: false. */
  readonly useStun?: boolean;
  /** Seconds that running calls get to end by themselves when a server stops. */
  readonly drain: number;
}

/** What the server is called; it keeps nothing. */
export const LIVEKIT = { name: "livekit", tasks: [], volumes: [] } as const;

const PORT = 7880;
const METRICS = 6789;
const CONFIG = "/etc/livekit.yaml";

/**
 * LiveKit for voice and video, with a generated API key and secret.
 *
 * @example
 * const rtc = new RtcService("rtc", { platform, mediaPorts: { first: 7882, last: 7882 }, … });
 * export const rtcUrl = rtc.url;
 */
export class RtcService extends pulumi.ComponentResource {
  /** WebSocket URL, for the app's server and for browsers alike. */
  readonly url: pulumi.Output<string>;
  /** The same endpoint for the HTTP API. */
  readonly httpUrl: pulumi.Output<string>;
  readonly apiKey: pulumi.Output<string>;
  /** Signs access tokens: for the app's server only. */
  readonly apiSecret: pulumi.Output<string>;

  constructor(name: string, args: RtcServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("nself:service:Rtc", name, { image: args.image, port: args.port }, options);

    const { platform } = args;
    const secrets = secretsOf(this, args);
    this.apiKey = secrets.value(`${LIVEKIT.name}-api-key`, "LIVEKIT_API_KEY", 20, args.apiKey);
    this.apiSecret = secrets.value(`${LIVEKIT.name}-api-secret`, "LIVEKIT_API_SECRET", 48, args.apiSecret);

    const ports = livekitPorts(args);
    const nodeAddress = platform.openMedia({ name: LIVEKIT.name, role: "rtc" }, ports, { parent: this });
    const replicas = args.replicas ?? 1;

    const server = platform.run(
      {
        name: LIVEKIT.name,
        role: "rtc",
        image: args.image,
        user: NONROOT,
        args: ["--config", CONFIG],
        credentials: [keys(this.apiKey, this.apiSecret)],
        files: [
          {
            path: CONFIG,
            content: livekitConfig({ ...args, port: PORT, metricsPort: METRICS, nodeAddress }),
            secret: holdsSecret(args),
          },
        ],
        ...(args.turn.domain && args.turn.ownTls
          ? { certificates: [{ folder: TURN_CERTIFICATE, host: args.turn.domain, renewal: "restart" }] }
          : {}),
        ports,
        // Fatal start errors exit with 0: only an answer proves that it is up.
        probe: { port: PORT, path: "/", startupBudget: 60 },
        limits: args.limits,
        stopGrace: args.drain,
        replicas: { min: replicas, max: replicas },
        reaches: destinations(args),
        ...(nodeAddress === undefined && !args.useStun ? { hostAddressVariable: "NODE_IP" } : {}),
      },
      { parent: this },
    );

    const endpoint = server.endpoint("http");
    this.url = pulumi.output(server.ready.urn).apply(() => urlOf("ws", endpoint));
    this.httpUrl = pulumi.output(server.ready.urn).apply(() => urlOf("http", endpoint));
    this.registerOutputs({ url: this.url });
  }
}

/** The server parses the variable as YAML: without the space after the colon it does not start. */
function keys(apiKey: pulumi.Output<string>, apiSecret: pulumi.Output<string>): Credential {
  const path = "/run/livekit/keys.yaml";
  const value = pulumi.interpolate`${apiKey}: ${apiSecret}`;
  return { variable: "LIVEKIT_KEYS", value, file: { path, content: value, args: ["--key-file", path] } };
}

function livekitPorts({ port, tcpPort, mediaPorts, turn }: RtcServiceArgs): AnyPort[] {
  return [
    { name: "http", protocol: "tcp", listen: PORT, publish: port, audience: { kind: "web", host: "livekit" } },
    { name: "ice-tcp", protocol: "tcp", listen: tcpPort, publish: tcpPort, audience: { kind: "media" } },
    media(mediaPorts),
    ...turnPorts(turn),
    { name: "metrics", protocol: "tcp", listen: METRICS, from: "monitoring" },
  ];
}

function media({ first, last }: MediaPorts): Port | PortRange {
  return first === last
    ? { name: "media", protocol: "udp", listen: first, publish: first, audience: { kind: "media" } }
    : { name: "media", protocol: "udp", first, last };
}

function turnPorts({ udpPort, tlsPort, ownTls }: Turn): Port[] {
  const audience = { kind: "direct", host: "turn" } as const;
  return [
    ...(udpPort ? [{ name: "turn-udp", protocol: "udp" as const, listen: udpPort, publish: udpPort, audience }] : []),
    ...(tlsPort
      ? [
          {
            name: "turn-tls",
            protocol: "tcp" as const,
            listen: tlsPort,
            publish: ownTls?.publish ?? tlsPort,
            audience: { ...audience, secure: true },
          },
        ]
      : []),
  ];
}

function destinations({ redis }: RtcServiceArgs): Destination[] {
  // A STUN server is one more address over UDP.
  return [{ kind: "media-clients" }, ...(redis ? [{ kind: "host" as const, host: redis.host, port: redis.port }] : [])];
}
