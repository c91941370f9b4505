import * as pulumi from "@pulumi/pulumi";
import { livekitConfig, type Turn } from "./rtc-config.ts";
import { secretOr } from "./secrets.ts";
import type { MediaPorts } from "./settings-values.ts";
import { type Limits, type Platform, type Port, type PortRange, urlOf } from "./workload.ts";

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
}

/** What the server is called; it keeps nothing. */
export const LIVEKIT = { name: "livekit", tasks: [], volumes: [] } as const;

const PORT = 7880;
const CONFIG = "/etc/livekit.yaml";

/** `nonroot` of common base images: the server needs no rights at all. */
const USER = 65_532;

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

    this.apiKey = secretOr(args.apiKey, `${LIVEKIT.name}-api-key`, 20, this);
    this.apiSecret = secretOr(args.apiSecret, `${LIVEKIT.name}-api-secret`, 48, this);

    const server = args.platform.run(
      {
        name: LIVEKIT.name,
        image: args.image,
        user: USER,
        args: ["--config", CONFIG],
        // The server parses this as YAML: without the space after the colon it does not start.
        secretEnv: { LIVEKIT_KEYS: pulumi.interpolate`${this.apiKey}: ${this.apiSecret}` },
        files: [
          {
            path: CONFIG,
            content: livekitConfig({ ...args, port: PORT, nodeAddress: args.platform.mediaAddress }),
            secret: args.turn.external !== undefined,
          },
        ],
        ports: [
          { name: "http", protocol: "tcp", listen: PORT, publish: args.port },
          { name: "ice-tcp", protocol: "tcp", listen: args.tcpPort, publish: args.tcpPort },
          ...mediaPorts(args.mediaPorts),
          ...turnPorts(args.turn),
        ],
        // Fatal start errors exit with 0: only an answer proves that it is up.
        probe: { port: PORT, path: "/", startupBudget: 60 },
        limits: args.limits,
        // A stop waits for every call to end; a developer's does not.
        stopGrace: 5,
      },
      { parent: this },
    );

    const endpoint = server.endpoint("http");
    this.url = pulumi.output(server.ready.urn).apply(() => urlOf("ws", endpoint));
    this.httpUrl = pulumi.output(server.ready.urn).apply(() => urlOf("http", endpoint));
    this.registerOutputs({ url: this.url });
  }
}

function mediaPorts({ first, last }: MediaPorts): (Port | PortRange)[] {
  return first === last
    ? [{ name: "media", protocol: "udp", listen: first, publish: first }]
    : [{ name: "media", protocol: "udp", first, last }];
}

function turnPorts({ udpPort, tlsPort }: Turn): Port[] {
  return [
    ...(udpPort ? [{ name: "turn-udp", protocol: "udp" as const, listen: udpPort, publish: udpPort }] : []),
    ...(tlsPort ? [{ name: "turn-tls", protocol: "tcp" as const, listen: tlsPort, publish: tlsPort }] : []),
  ];
}
