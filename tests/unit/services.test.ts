import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RtcService, type RtcServiceArgs } from "../../components/rtc.ts";
import { StreamingService, type StreamingServiceArgs } from "../../components/streaming.ts";
import type { Workload } from "../../components/workload.ts";
import { FakePlatform } from "./helpers/fake-platform.ts";
import { recordResources, resolved, settled } from "./helpers/recorder.ts";

let platform: FakePlatform;
beforeEach(async () => {
  await recordResources();
  platform = new FakePlatform();
});
afterEach(settled);

const limits = { memory: 1024, cpus: "2", maxProcesses: 64 };

const credentials = async (workload: Workload | undefined) => resolved(pulumi.output(workload?.credentials ?? []));

const RTC = {
  image: "example/livekit:v1",
  port: 7880,
  tcpPort: 7881,
  mediaPorts: { first: 7882, last: 7882 },
  maxParticipants: 100,
  emptyTimeout: 300,
  logLevel: "info",
  turn: {},
  drain: 5,
  limits,
};

describe("RtcService", () => {
  const rtc = (change: Partial<RtcServiceArgs> = {}) => new RtcService("rtc", { platform, ...RTC, ...change });

  it("is LiveKit, with the address that the platform tells clients", async () => {
    const { url, httpUrl } = rtc();
    const [workload] = platform.workloads;
    expect(workload).toMatchObject({
      name: "livekit",
      user: 65_532,
      args: ["--config", "/etc/livekit.yaml"],
      probe: { port: 7880, path: "/", startupBudget: 60 },
      stopGrace: 5,
    });
    expect(workload?.ports).toEqual([
      { name: "http", protocol: "tcp", listen: 7880, publish: 7880, audience: { kind: "web", host: "livekit" } },
      { name: "ice-tcp", protocol: "tcp", listen: 7881, publish: 7881, audience: { kind: "media" } },
      { name: "media", protocol: "udp", listen: 7882, publish: 7882, audience: { kind: "media" } },
      { name: "metrics", protocol: "tcp", listen: 6789, from: "monitoring" },
    ]);
    expect(platform.media).toEqual([["livekit", workload?.ports]]);
    expect(workload?.replicas).toEqual({ min: 1, max: 1 });
    expect(workload?.reaches).toEqual([{ kind: "media-clients" }]);
    expect(await resolved(workload?.files?.[0]?.content)).toContain("node_ip: 192.0.2.1");
    expect(workload?.files?.[0]?.secret).toBe(false);
    const keys = "generated-livekit-api-key: generated-livekit-api-secret";
    const file = { path: "/run/livekit/keys.yaml", content: keys, args: ["--key-file", "/run/livekit/keys.yaml"] };
    expect(await credentials(workload)).toEqual([{ variable: "LIVEKIT_KEYS", value: keys, file }]);
    expect(await resolved(url)).toBe("wss://chat.example.com:7880");
    expect(await resolved(httpUrl)).toBe("https://chat.example.com:7880");
  });

  it("has a range as a shape of its own, and TURN's ports where TURN is on", () => {
    rtc({
      mediaPorts: { first: 50_000, last: 50_100 },
      turn: { domain: "t.example.com", udpPort: 3478, tlsPort: 5349 },
    });
    expect(platform.workloads[0]?.ports.slice(2)).toEqual([
      { name: "media", protocol: "udp", first: 50_000, last: 50_100 },
      { name: "turn-udp", protocol: "udp", listen: 3478, publish: 3478, audience: { kind: "direct", host: "turn" } },
      {
        name: "turn-tls",
        protocol: "tcp",
        listen: 5349,
        publish: 5349,
        audience: { kind: "direct", host: "turn", secure: true },
      },
      { name: "metrics", protocol: "tcp", listen: 6789, from: "monitoring" },
    ]);
  });

  it("treats its file as a secret where it holds one", () => {
    rtc({ turn: { external: { host: "t.example.com", port: 3478, secret: "s".repeat(32) } } });
    expect(platform.workloads[0]?.files?.[0]?.secret).toBe(true);
  });

  it("ends TURN's TLS by itself where it is told to, with a certificate that is watched", async () => {
    rtc({ turn: { domain: "t.example.com", tlsPort: 5349, ownTls: { publish: 443 }, relayTo: ["10.0.0.0/8"] } });
    const [workload] = platform.workloads;
    expect(workload?.certificates).toEqual([
      { folder: "/etc/livekit/turn", host: "t.example.com", renewal: "restart" },
    ]);
    expect(workload?.ports.find(({ name }) => name === "turn-tls")).toMatchObject({ listen: 5349, publish: 443 });
    const config = await resolved(workload?.files?.[0]?.content);
    expect(config).toContain("cert_file: /etc/livekit/turn/tls.crt");
    expect(config).not.toContain("external_tls");
    expect(config).toContain("10.0.0.0/8");
  });

  it("shares rooms through Redis, whose password makes the file a secret", async () => {
    const redis = { host: "redis", port: 6379, database: 2, secure: true, username: "u", password: "p".repeat(8) };
    rtc({ redis, replicas: 3 });
    const [workload] = platform.workloads;
    expect(workload?.replicas).toEqual({ min: 3, max: 3 });
    expect(workload?.reaches).toContainEqual({ kind: "host", host: "redis", port: 6379 });
    expect(workload?.files?.[0]?.secret).toBe(true);
    const config = await resolved(workload?.files?.[0]?.content);
    expect(config).toContain("address: redis:6379");
    expect(config).toContain("password: pppppppp");
    expect(config).toContain("insecure: false");
  });

  it("learns its address from its host where the platform knows none", async () => {
    platform.mediaAddress = undefined;
    rtc();
    expect(platform.workloads[0]?.hostAddressVariable).toBe("NODE_IP");
    expect(await resolved(platform.workloads[0]?.files?.[0]?.content)).not.toContain("node_ip");
  });

  it("asks a STUN server instead where it is told to", async () => {
    platform.mediaAddress = undefined;
    rtc({ useStun: true });
    expect(platform.workloads[0]?.hostAddressVariable).toBeUndefined();
    expect(await resolved(platform.workloads[0]?.files?.[0]?.content)).toContain("use_external_ip: true");
  });
});

const STREAMING = {
  image: "example/rtmp:v1",
  ingestPort: 1935,
  httpPort: 8088,
  publish: "open" as const,
  fragment: 2,
  playlist: 20,
  record: false,
  origins: ["http://localhost:3000"],
  limits,
};

describe("StreamingService", () => {
  const streaming = (change: Partial<StreamingServiceArgs> = {}) =>
    new StreamingService("streaming", { platform, ...STREAMING, ...change });
  const paths = () => platform.workloads[0]?.files?.map(({ path }) => path);

  it("is nginx-rtmp", async () => {
    const { ingestUrl, hlsUrl, dashUrl, statsUrl, publishKey } = streaming();
    const [workload] = platform.workloads;
    expect(workload).toMatchObject({
      name: "rtmp",
      ports: [
        {
          name: "ingest",
          protocol: "tcp",
          listen: 1935,
          publish: 1935,
          audience: { kind: "direct", host: "ingest" },
        },
        { name: "http", protocol: "tcp", listen: 8088, publish: 8088, audience: { kind: "web", host: "stream" } },
      ],
      volumes: [
        { name: "rtmp_hls_data", path: "/var/lib/nginx-rtmp/live", disposable: true },
        { name: "rtmp_recordings", path: "/var/lib/nginx-rtmp/recordings" },
      ],
      probe: { port: 8088, path: "/health" },
    });
    expect(paths()).toEqual([
      "/etc/nginx/nginx.conf",
      "/etc/nginx/pages/stat.html",
      "/etc/nginx/pages/stat.xsl",
      "/etc/nginx/origins.map",
    ]);
    expect([
      await resolved(ingestUrl),
      await resolved(hlsUrl),
      await resolved(dashUrl),
      await resolved(statsUrl),
    ]).toEqual([
      "rtmps://chat.example.com:1935",
      "https://chat.example.com:8088/hls",
      "https://chat.example.com:8088/dash",
      "https://chat.example.com:8088/stat",
    ]);
    expect(publishKey).toBeUndefined();
  });

  it("has everything that a stream is made into on the volume that is made anew", async () => {
    streaming();
    const config = (await resolved(platform.workloads[0]?.files?.[0]?.content)) ?? "";
    const values = (directive: string) =>
      [...config.matchAll(new RegExp(`^ *${directive} (.+);$`, "gm"))].map(([, value]) => value);
    expect([values("hls_path"), values("dash_path"), values("root")]).toEqual([
      ["/var/lib/nginx-rtmp/live/hls"],
      ["/var/lib/nginx-rtmp/live/dash"],
      ["/var/lib/nginx-rtmp/live", "/etc/nginx/pages"],
    ]);
  });

  it("keeps a publish key in a secret file of its own", async () => {
    const { publishKey } = streaming({ publish: "key" });
    const file = platform.workloads[0]?.files?.at(-1);
    expect(file).toMatchObject({ path: "/etc/nginx/publish-keys.map", secret: true });
    expect(await resolved(file?.content)).toBe('"~^generated-rtmp-publish-key$" 1;\n');
    expect(publishKey && (await pulumi.isSecret(publishKey))).toBe(true);
    const others = platform.workloads[0]?.files?.slice(0, -1) ?? [];
    expect((await resolved(pulumi.all(others.map(({ content }) => content))))?.join("")).not.toContain("generated");
  });

  it("puts an edge between viewers and the origin, which they then never reach", async () => {
    const edge = { image: "example/nginx:1.0.0", replicas: { min: 2, max: 5 }, limits };
    const { hlsUrl, statsUrl } = streaming({ edge });
    const [origin, front] = platform.workloads;
    expect(origin?.ports[1]).toEqual({ name: "http", protocol: "tcp", listen: 8088, from: ["rtmp-edge"] });
    expect(front).toMatchObject({
      name: "rtmp-edge",
      image: "example/nginx:1.0.0",
      replicas: { min: 2, max: 5 },
      reaches: [{ kind: "workload", name: "rtmp", port: 8088 }],
    });
    const config = await resolved(front?.files?.[0]?.content);
    expect(config).toContain("set $origin rtmp.internal:8088;");
    expect(config).toContain("resolver 192.0.2.53 valid=5s ipv6=off;");
    expect(await resolved(hlsUrl)).toBe("https://chat.example.com:8088/hls");
    expect(statsUrl).toBeUndefined();
  });

  it("tells players of a CDN in front", async () => {
    const { hlsUrl, dashUrl } = streaming({ cdnUrl: "https://cdn.example.com" });
    expect(await resolved(hlsUrl)).toBe("https://cdn.example.com/hls");
    expect(await resolved(dashUrl)).toBe("https://cdn.example.com/dash");
  });

  it("offers RTMPS by a server of its own, in front of the origin", async () => {
    const rtmps = { image: "example/nginx:1.0.0", port: 443, host: "ingest.example.com" };
    const { ingestUrl } = streaming({ rtmps, ingestPort: 1940 });
    const [origin, gateway] = platform.workloads;
    expect(origin?.ports).toEqual([
      { name: "ingest", protocol: "tcp", listen: 1935, from: ["rtmp-gateway"] },
      { name: "http", protocol: "tcp", listen: 8088, publish: 8088, audience: { kind: "web", host: "stream" } },
    ]);
    expect(gateway).toEqual({
      name: "rtmp-gateway",
      role: "streaming",
      image: "example/nginx:1.0.0",
      user: 65_532,
      files: [{ path: "/etc/nginx/nginx.conf", content: expect.any(String) }],
      certificates: [{ folder: "/etc/nginx/tls", host: "ingest.example.com", renewal: "reload" }],
      ports: [
        {
          name: "ingest",
          protocol: "tcp",
          listen: 1935,
          publish: 1940,
          audience: { kind: "direct", host: "ingest" },
        },
        {
          name: "ingest-tls",
          protocol: "tcp",
          listen: 1936,
          publish: 443,
          audience: { kind: "direct", host: "ingest", secure: true },
        },
      ],
      probe: { port: 8088, path: "/health", startupBudget: 30 },
      limits,
      stopGrace: 5,
      reaches: [{ kind: "workload", name: "rtmp", port: 1935 }],
    });
    expect(await resolved(ingestUrl)).toBe("rtmps://chat.example.com:443");
  });

  it("has the gateway keep its publishers while it takes a renewed certificate", async () => {
    streaming({ rtmps: { image: "example/nginx:1.0.0", port: 443, host: "ingest.example.com" } });
    expect(await resolved(platform.workloads[1]?.files?.[0]?.content)).toContain("\nworker_shutdown_timeout 12h;\n");
  });

  it("passes both kinds of publishers on to the origin, which is looked up again and again", async () => {
    streaming({ rtmps: { image: "example/nginx:1.0.0", port: 443, host: "ingest.example.com" } });
    const config = await resolved(platform.workloads[1]?.files?.[0]?.content);
    expect(config).toContain("resolver 192.0.2.53 valid=5s ipv6=off;");
    const servers = [...(config ?? "").matchAll(/^ {4}server \{\n([\s\S]*?)^ {4}\}/gm)].map(([, inside = ""]) =>
      inside
        .trim()
        .split("\n")
        .map((line) => line.trim()),
    );
    expect(servers.slice(0, 2)).toEqual([
      [
        "listen 1936 ssl;",
        "ssl_certificate /etc/nginx/tls/tls.crt;",
        "ssl_certificate_key /etc/nginx/tls/tls.key;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "set $origin rtmp.internal:1935;",
        "proxy_pass $origin;",
      ],
      ["listen 1935;", "set $origin rtmp.internal:1935;", "proxy_pass $origin;"],
    ]);
  });
});
