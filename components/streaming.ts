import * as pulumi from "@pulumi/pulumi";
import { secretsOf } from "./secrets.ts";
import { edgeFiles, gatewayFiles, INGEST_CERTIFICATE, streamingFiles } from "./streaming-config.ts";
import {
  type AnyPort,
  type Limits,
  NONROOT,
  type Platform,
  type Port,
  type Replicas,
  type Running,
  urlOf,
  type Workload,
} from "./workload.ts";

export interface StreamingServiceArgs {
  readonly platform: Platform;
  /** Image of nginx with the RTMP module. */
  readonly image: string;
  /** Port of RTMP ingest. */
  readonly ingestPort: number;
  /** Port of HLS and statistics. */
  readonly httpPort: number;
  /** `open`: anybody who reaches the port publishes. `key`: `?key=…` is asked for. */
  readonly publish: "open" | "key";
  /** Key to use instead of a generated one. */
  readonly publishKey?: string | undefined;
  /** Secret on the platform that holds the key under `RTMP_PUBLISH_KEY`. */
  readonly existingSecret?: string | undefined;
  /** Guards the generated key against deletion. Default: false. */
  readonly protect?: boolean;
  /** Seconds of an HLS fragment. */
  readonly fragment: number;
  /** Seconds that a live playlist holds. */
  readonly playlist: number;
  /** Record the application `live` too. */
  readonly record: boolean;
  /** Origins from which browsers may play. */
  readonly origins: readonly string[];
  readonly limits: Limits;
  /** Servers between viewers and the origin. Default: none, viewers reach the origin. */
  readonly edge?: EdgeArgs | undefined;
  /** A way in that is encrypted, beside the plain one. Default: none. */
  readonly rtmps?: RtmpsArgs | undefined;
  /** Base URL of a CDN in front, without a trailing slash; players get it instead. */
  readonly cdnUrl?: string | undefined;
}

export interface EdgeArgs {
  /** Image of nginx. */
  readonly image: string;
  readonly replicas: Replicas;
  readonly limits: Limits;
}

export interface RtmpsArgs {
  /** Image of nginx with its stream and SSL modules. */
  readonly image: string;
  /** Port at which clients reach it. */
  readonly port: number;
  /** Host name of its certificate. */
  readonly host: string;
}

/** What the servers are called, and what they keep. */
export const RTMP = { name: "rtmp", tasks: [], volumes: ["rtmp_hls_data", "rtmp_recordings"] } as const;
export const EDGE = { name: "rtmp-edge", volumes: ["rtmp_edge_cache"] } as const;
export const GATEWAY = { name: "rtmp-gateway" } as const;

const INGEST = 1935;
const RTMPS_INGEST = 1936;
const HTTP = 8088;
const INGEST_PORT = { name: "ingest", protocol: "tcp", listen: INGEST } as const;

/**
 * nginx-rtmp: streams come in over RTMP and go out as HLS. With an edge, viewers scale apart from the ingest.
 *
 * @example
 * const streaming = new StreamingService("streaming", { platform, publish: "key", … });
 * export const hlsUrl = streaming.hlsUrl;
 */
export class StreamingService extends pulumi.ComponentResource {
  /** Where to publish, without an application: `rtmp://host:1935`, or `rtmps://…` where that is offered. */
  readonly ingestUrl: pulumi.Output<string>;
  /** Base of the playlists: `http://host:8088/hls`. */
  readonly hlsUrl: pulumi.Output<string>;
  /** Base of the DASH manifests: `http://host:8088/dash`. */
  readonly dashUrl: pulumi.Output<string>;
  /** Absent behind an edge, which does not pass statistics on. */
  readonly statsUrl: pulumi.Output<string> | undefined;
  /** Goes behind the stream's name as `?key=…`; absent where publishing is open. */
  readonly publishKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: StreamingServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("nself:service:Streaming", name, { image: args.image, publish: args.publish }, options);

    const { platform, edge, rtmps } = args;
    this.publishKey =
      args.publish === "key"
        ? secretsOf(this, args).value(`${RTMP.name}-publish-key`, "RTMP_PUBLISH_KEY", 32, args.publishKey)
        : undefined;

    const origin = platform.run(originOf(args, this.publishKey), { parent: this });
    const viewers = edge ? platform.run(edgeOf(args, edge, origin), { parent: this, dependsOn: origin.ready }) : origin;
    const publishers = rtmps
      ? platform.run(gatewayOf(args, rtmps, origin), { parent: this, dependsOn: origin.ready })
      : origin;

    const after = <T>(server: Running, value: T) => pulumi.output(server.ready.urn).apply(() => value);
    const http = args.cdnUrl ?? urlOf("http", viewers.endpoint("http"));
    this.ingestUrl = after(publishers, urlOf("rtmp", publishers.endpoint(rtmps ? "ingest-tls" : "ingest")));
    this.hlsUrl = after(viewers, `${http}/hls`);
    this.dashUrl = after(viewers, `${http}/dash`);
    this.statsUrl = edge ? undefined : after(origin, `${http}/stat`);
    this.registerOutputs({ ingestUrl: this.ingestUrl, hlsUrl: this.hlsUrl });
  }
}

function publicIngest({ ingestPort }: StreamingServiceArgs): Port {
  return { ...INGEST_PORT, publish: ingestPort, audience: { kind: "direct", host: "ingest" } };
}

function originOf(args: StreamingServiceArgs, key: pulumi.Output<string> | undefined): Workload {
  const http = { name: "http", protocol: "tcp", listen: HTTP } as const;
  const ports: AnyPort[] = [
    args.rtmps ? { ...INGEST_PORT, from: [GATEWAY.name] } : publicIngest(args),
    args.edge
      ? { ...http, from: [EDGE.name] }
      : { ...http, publish: args.httpPort, audience: { kind: "web", host: "stream" } },
  ];
  return {
    name: RTMP.name,
    role: "streaming",
    image: args.image,
    user: NONROOT,
    files: streamingFiles({ ...args, publishKey: key }),
    ports,
    volumes: [
      { name: RTMP.volumes[0], path: "/var/lib/nginx-rtmp/live", disposable: true },
      { name: RTMP.volumes[1], path: "/var/lib/nginx-rtmp/recordings" },
    ],
    probe: { port: HTTP, path: "/health", startupBudget: 60 },
    limits: args.limits,
    stopGrace: 5,
  };
}

/** Keeps nothing but copies: any number of them may come and go. */
function edgeOf({ platform, origins }: StreamingServiceArgs, edge: EdgeArgs, origin: Running): Workload {
  return {
    name: EDGE.name,
    role: "streaming",
    image: edge.image,
    user: NONROOT,
    files: edgeFiles({ origin: origin.internalAddress("http"), resolver: platform.resolver, origins }),
    ports: [{ name: "http", protocol: "tcp", listen: HTTP, publish: HTTP, audience: { kind: "web", host: "stream" } }],
    volumes: [{ name: EDGE.volumes[0], path: "/var/cache/nginx-edge", disposable: true }],
    probe: { port: HTTP, path: "/health", startupBudget: 30 },
    limits: edge.limits,
    // Longer than a segment takes to send, and than a balancer takes to notice.
    stopGrace: 20,
    replicas: edge.replicas,
    reaches: [{ kind: "workload", name: RTMP.name, port: HTTP }],
  };
}

/**
 * Ends the TLS of publishers: the module itself speaks plain RTMP only. Plain RTMP comes in here too, because both are
 * at one host, and a host is one address.
 */
function gatewayOf(args: StreamingServiceArgs, rtmps: RtmpsArgs, origin: Running): Workload {
  const { platform, limits } = args;
  return {
    name: GATEWAY.name,
    role: "streaming",
    image: rtmps.image,
    user: NONROOT,
    files: gatewayFiles({ origin: origin.internalAddress("ingest"), resolver: platform.resolver }),
    certificates: [{ folder: INGEST_CERTIFICATE, host: rtmps.host, renewal: "reload" }],
    ports: [
      publicIngest(args),
      {
        name: "ingest-tls",
        protocol: "tcp",
        listen: RTMPS_INGEST,
        publish: rtmps.port,
        audience: { kind: "direct", host: "ingest", secure: true },
      },
    ],
    probe: { port: HTTP, path: "/health", startupBudget: 30 },
    limits,
    stopGrace: 5,
    reaches: [{ kind: "workload", name: RTMP.name, port: INGEST }],
  };
}
