import { beforeEach, describe, expect, it, vi } from "vitest";
import { objects, selector } from "./helpers/cluster.ts";
import { ALL, begin, plain, run, start } from "./helpers/prod-program.ts";
import { inputs, registered } from "./helpers/recorded.ts";
import { resolved } from "./helpers/recorder.ts";

vi.mock("../../components/previous.ts", () => ({ previousResources: async () => [] }));
beforeEach(begin);

describe("RTMPS", () => {
  it("is offered by a server of its own, and told to publishers", async () => {
    const outputs = await run({ "streaming:rtmps": "true" });
    expect(objects(registered)).toEqual(
      [
        // The origin has no address of its own any more.
        ...ALL.filter((name) => name !== "Service rtmp-public"),
        "Certificate rtmp-gateway-server-tls",
        "ConfigMap rtmp-gateway-config",
        "NetworkPolicy rtmp-gateway",
        "PodDisruptionBudget rtmp-gateway",
        "Service rtmp-gateway",
        "Service rtmp-gateway-headless",
        "Service rtmp-gateway-public",
        "ServiceAccount rtmp-gateway",
        "StatefulSet rtmp-gateway",
      ].sort(),
    );
    expect(await resolved(outputs.ingestUrl)).toBe("rtmps://ingest.chat.example.com:443");
    expect(await plain(outputs.frontendEnv.public)).toMatchObject({
      NEXT_PUBLIC_STREAM_INGEST_URL: "rtmps://ingest.chat.example.com:443",
      NEXT_PUBLIC_RTMP_URL: "rtmps://ingest.chat.example.com:443",
    });
    expect(inputs("Certificate", "rtmp-gateway-server-tls").spec.dnsNames).toEqual(["ingest.chat.example.com"]);
  });

  it("and plain RTMP are at one address, since they are at one host", async () => {
    await run({ "streaming:rtmps": "true", "streaming:ingestPort": "1940" });
    const { selector: pods, ports } = inputs("Service", "rtmp-gateway-public").spec;
    expect([pods, ports]).toEqual([
      selector("rtmp-gateway"),
      [
        { name: "ingest", port: 1940, targetPort: "ingest", protocol: "TCP" },
        { name: "ingest-tls", port: 443, targetPort: "ingest-tls", protocol: "TCP" },
      ],
    ]);
    const anybody = [{ ipBlock: { cidr: "0.0.0.0/0" } }];
    expect(inputs("NetworkPolicy", "rtmp-gateway").spec.ingress).toEqual([
      { from: anybody, ports: [{ protocol: "TCP", port: 1935 }] },
      { from: anybody, ports: [{ protocol: "TCP", port: 1936 }] },
    ]);
  });

  it("leaves the origin to nobody but the server in front", async () => {
    await run({ "streaming:rtmps": "true" });
    const gateway = { podSelector: { matchLabels: selector("rtmp-gateway") } };
    const edge = { podSelector: { matchLabels: selector("rtmp-edge") } };
    expect(inputs("NetworkPolicy", "rtmp").spec.ingress).toEqual([
      { from: [gateway], ports: [{ protocol: "TCP", port: 1935 }] },
      { from: [edge], ports: [{ protocol: "TCP", port: 8088 }] },
    ]);
    expect(inputs("NetworkPolicy", "rtmp-gateway").spec.egress.at(-1)).toEqual({
      to: [{ podSelector: { matchLabels: selector("rtmp") } }],
      ports: [{ protocol: "TCP", port: 1935 }],
    });
    expect(inputs("ConfigMap", "rtmp-gateway-config").data["etc.nginx.nginx.conf"]).toContain(
      "set $origin rtmp.nself-chat.svc.cluster.local:1935;",
    );
  });

  it("at a host and for networks of one's own", async () => {
    const outputs = await run({
      "streaming:rtmps": "true",
      "streaming:rtmpsPort": "1936",
      "streaming:ingestHost": "publish.example.com",
      "streaming:ingestFrom": '["203.0.113.0/24"]',
      "streaming:ingestAnnotations": '{"example.com/a":"b"}',
    });
    expect(await resolved(outputs.ingestUrl)).toBe("rtmps://publish.example.com:1936");
    const { metadata, spec } = inputs("Service", "rtmp-gateway-public");
    expect([metadata.annotations, spec.loadBalancerSourceRanges]).toEqual([
      { "example.com/a": "b" },
      ["203.0.113.0/24"],
    ]);
    const allowed = inputs("NetworkPolicy", "rtmp-gateway").spec.ingress.map(({ from }: { from: object[] }) => from);
    expect(allowed).toEqual(Array(2).fill([{ ipBlock: { cidr: "203.0.113.0/24" } }]));
    expect(inputs("Certificate", "rtmp-gateway-server-tls").spec.dnsNames).toEqual(["publish.example.com"]);
  });
});

it("RTMP and RTMPS at one number are refused: the API takes no Service that has it twice", async () => {
  const both = { "streaming:rtmps": "true", "streaming:ingestPort": "443" };
  await expect(start(both)).rejects.toThrow(/streaming:ingestPort and streaming:rtmpsPort/);
});

it("players get the CDN where there is one", async () => {
  const outputs = await run({ "streaming:cdnUrl": "https://cdn.example.com" });
  expect(await resolved(outputs.hlsUrl)).toBe("https://cdn.example.com/hls");
  expect(await resolved(outputs.connectSrc)).toContain("https://cdn.example.com");
});
