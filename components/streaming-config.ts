import * as pulumi from "@pulumi/pulumi";
import { fillNginx, readTemplate } from "./templates.ts";
import type { ConfigFile } from "./workload.ts";

export interface StreamingConfigArgs {
  readonly fragment: number;
  readonly playlist: number;
  readonly record: boolean;
  readonly origins: readonly string[];
  /** Asked of publishers; absent where anybody may publish. */
  readonly publishKey?: pulumi.Input<string> | undefined;
}

/** The server's files; the key has one of its own, so that the rest can be read by anybody. */
export function streamingFiles({ publishKey, ...args }: StreamingConfigArgs): ConfigFile[] {
  return [
    { path: "/etc/nginx/nginx.conf", content: renderNginx({ ...args, keyNeeded: publishKey !== undefined }) },
    { path: "/etc/nginx/pages/stat.html", content: readTemplate("stat.html") },
    { path: "/etc/nginx/pages/stat.xsl", content: readTemplate("stat.xsl") },
    { path: "/etc/nginx/origins.map", content: renderOrigins(args.origins) },
    ...(publishKey === undefined
      ? []
      : [{ path: "/etc/nginx/publish-keys.map", content: pulumi.output(publishKey).apply(renderKey), secret: true }]),
  ];
}

export function renderNginx(args: {
  readonly fragment: number;
  readonly playlist: number;
  readonly record: boolean;
  readonly keyNeeded: boolean;
}): string {
  return fillNginx(readTemplate("nginx-rtmp.conf"), {
    fragment: `${args.fragment}s`,
    playlist: `${args.playlist}s`,
    record: args.record ? "all" : "off",
    withoutKey: args.keyNeeded ? "0" : "1",
  });
}

/** Where the certificate of encrypted ingest lies. */
export const INGEST_CERTIFICATE = "/etc/nginx/tls";

interface ProxyConfigArgs {
  /** Host and port of the origin. */
  readonly origin: string;
  /** Name server that knows the origin. */
  readonly resolver: string;
}

/** Files of an edge: a cache in front of the origin's playlists and segments. */
export function edgeFiles({ origins, ...proxy }: ProxyConfigArgs & { origins: readonly string[] }): ConfigFile[] {
  return [
    { path: "/etc/nginx/nginx.conf", content: renderProxy("nginx-edge.conf", proxy) },
    { path: "/etc/nginx/origins.map", content: renderOrigins(origins) },
  ];
}

/** Files of the server that ends the TLS of publishers. */
export function gatewayFiles(proxy: ProxyConfigArgs): ConfigFile[] {
  return [{ path: "/etc/nginx/nginx.conf", content: renderProxy("nginx-gateway.conf", proxy) }];
}

export function renderProxy(template: "nginx-edge.conf" | "nginx-gateway.conf", args: ProxyConfigArgs): string {
  return fillNginx(readTemplate(template), {
    // Looked up again and again: an origin that moved is found, and one that is not there yet stops nothing.
    origin: `$origin ${args.origin}`,
    resolver: `${args.resolver} valid=5s ipv6=off`,
  });
}

/** Lines of an nginx map. An origin is scheme, host and port: nothing in it needs quoting beyond the quotes. */
export function renderOrigins(origins: readonly string[]): string {
  return `# Origins from which browsers may play.\n${origins.map((origin) => `"${origin}" $http_origin;\n`).join("")}`;
}

/** A line of an nginx map that compares with regard to case; the key's characters mean nothing in a pattern. */
export function renderKey(key: string): string {
  return `"~^${key}$" 1;\n`;
}
