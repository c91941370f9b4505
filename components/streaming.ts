import * as pulumi from "@pulumi/pulumi";
import { secretOr } from "./secrets.ts";
import { streamingFiles } from "./streaming-config.ts";
import { type Limits, type Platform, urlOf } from "./workload.ts";

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
  /** Seconds of an HLS fragment. */
  readonly fragment: number;
  /** Seconds that a live playlist holds. */
  readonly playlist: number;
  /** Record the application `live` too. */
  readonly record: boolean;
  /** Origins from which browsers may play. */
  readonly origins: readonly string[];
  readonly limits: Limits;
}

/** What the server is called, and what it keeps. */
export const RTMP = { name: "rtmp", tasks: [], volumes: ["rtmp_hls_data", "rtmp_recordings"] } as const;

const INGEST = 1935;
const HTTP = 8088;

/**
 * nginx-rtmp: streams come in over RTMP and go out as HLS.
 *
 * @example
 * const streaming = new StreamingService("streaming", { platform, publish: "key", … });
 * export const hlsUrl = streaming.hlsUrl;
 */
export class StreamingService extends pulumi.ComponentResource {
  /** Where to publish, without an application: `rtmp://host:1935`. */
  readonly ingestUrl: pulumi.Output<string>;
  /** Base of the playlists: `http://host:8088/hls`. */
  readonly hlsUrl: pulumi.Output<string>;
  /** Base of the DASH manifests: `http://host:8088/dash`. */
  readonly dashUrl: pulumi.Output<string>;
  readonly statsUrl: pulumi.Output<string>;
  /** Goes behind the stream's name as `?key=…`; absent where publishing is open. */
  readonly publishKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: StreamingServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("nself:service:Streaming", name, { image: args.image, publish: args.publish }, options);

    this.publishKey =
      args.publish === "key" ? secretOr(args.publishKey, `${RTMP.name}-publish-key`, 32, this) : undefined;

    const server = args.platform.run(
      {
        name: RTMP.name,
        image: args.image,
        files: streamingFiles({ ...args, publishKey: this.publishKey }),
        ports: [
          { name: "ingest", protocol: "tcp", listen: INGEST, publish: args.ingestPort },
          { name: "http", protocol: "tcp", listen: HTTP, publish: args.httpPort },
        ],
        volumes: [
          { name: RTMP.volumes[0], path: "/var/lib/nginx-rtmp/hls" },
          { name: RTMP.volumes[1], path: "/var/lib/nginx-rtmp/recordings" },
        ],
        probe: { port: HTTP, path: "/health", startupBudget: 60 },
        limits: args.limits,
        stopGrace: 5,
      },
      { parent: this },
    );

    const http = urlOf("http", server.endpoint("http"));
    const ingest = urlOf("rtmp", server.endpoint("ingest"));
    this.ingestUrl = pulumi.output(server.ready.urn).apply(() => ingest);
    this.hlsUrl = pulumi.output(server.ready.urn).apply(() => `${http}/hls`);
    this.dashUrl = pulumi.output(server.ready.urn).apply(() => `${http}/dash`);
    this.statsUrl = pulumi.output(server.ready.urn).apply(() => `${http}/stat`);
    this.registerOutputs({ ingestUrl: this.ingestUrl, hlsUrl: this.hlsUrl, statsUrl: this.statsUrl });
  }
}
