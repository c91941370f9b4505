import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Registered, recordResources, resolved, settled } from "./helpers/recorder.ts";

const inspectHost = vi.hoisted(() => vi.fn());
vi.mock("../../components/docker-host.ts", async (original) => ({ ...(await original<object>()), inspectHost }));

const FREE = {
  address: "unix:///var/run/docker.sock",
  joinsNetwork: false,
  probesOftenAtStart: true,
  attempts: {},
  limitProcesses: async () => {},
};

let registered: Registered[];
beforeEach(async () => {
  inspectHost.mockReset().mockResolvedValue(FREE);
  registered = await recordResources();
});

async function run(config: Record<string, string> = {}) {
  pulumi.runtime.setAllConfig(config);
  const { default: program } = await import("../../index.ts");
  const outputs = await program();
  await settled();
  return outputs;
}

const names = () => registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort();

describe("a laptop's stack", () => {
  it("is exactly these resources", async () => {
    await run();
    expect(names()).toEqual([
      "Container livekit",
      "Container meilisearch",
      "Container meilisearch-keys",
      "Container rtmp",
      "Docker docker",
      "Network nchat_network",
      "RandomPassword livekit-api-key",
      "RandomPassword livekit-api-secret",
      "RandomPassword meilisearch-master-key",
      "RandomUuid meilisearch-search-key-uid",
      "RemoteImage livekit-image",
      "RemoteImage meilisearch-image",
      "RemoteImage rtmp-image",
      "Rtc rtc",
      "Search search",
      "Streaming streaming",
      "Volume nchat_meilisearch_data",
      "Volume nchat_rtmp_hls_data",
      "Volume nchat_rtmp_recordings",
      "docker docker",
    ]);
  });

  it("has these outputs", async () => {
    const outputs = await run();
    const plain = {
      searchUrl: "http://localhost:7700",
      rtcUrl: "ws://localhost:7880",
      ingestUrl: "rtmp://localhost:1935",
      hlsUrl: "http://localhost:8088/hls",
      dashUrl: "http://localhost:8088/dash",
      statsUrl: "http://localhost:8088/stat",
      connectSrc: ["http://localhost:7700", "ws://localhost:7880", "http://localhost:7880", "http://localhost:8088"],
    };
    for (const [name, value] of Object.entries(plain)) {
      const output = outputs[name as keyof typeof plain] as pulumi.Output<unknown>;
      expect([name, await resolved(output), await pulumi.isSecret(output)]).toEqual([name, value, false]);
    }
    expect(Object.keys(outputs).sort()).toEqual(
      [...Object.keys(plain), "frontendEnv", "rtcApiKey", "rtcApiSecret", "searchKey", "searchMasterKey"].sort(),
    );
  });

  it("gives the app both families of names, and keeps secrets apart", async () => {
    const { frontendEnv, searchKey } = await run();
    const key = await resolved(searchKey);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(await resolved(pulumi.output(frontendEnv.public))).toEqual({
      NEXT_PUBLIC_MEILISEARCH_URL: "http://localhost:7700",
      NEXT_PUBLIC_MEILISEARCH_PUBLIC_KEY: key,
      NEXT_PUBLIC_MEILISEARCH_KEY: key,
      NEXT_PUBLIC_LIVEKIT_URL: "ws://localhost:7880",
      LIVEKIT_URL: "ws://localhost:7880",
      VITE_LIVEKIT_URL: "ws://localhost:7880",
      NEXT_PUBLIC_RECORDING_ENABLED: "false",
      NEXT_PUBLIC_STREAM_INGEST_URL: "rtmp://localhost:1935",
      NEXT_PUBLIC_HLS_BASE_URL: "http://localhost:8088/hls",
      NEXT_PUBLIC_DASH_BASE_URL: "http://localhost:8088/dash",
      NEXT_PUBLIC_RTMP_URL: "rtmp://localhost:1935",
      NEXT_PUBLIC_RTMP_STATS_URL: "http://localhost:8088/stat",
      NEXT_PUBLIC_HLS_URL: "http://localhost:8088/hls",
    });
    expect(await resolved(frontendEnv.secret)).toEqual({
      MEILISEARCH_MASTER_KEY: "generated-meilisearch-master-key",
      LIVEKIT_API_KEY: "generated-livekit-api-key",
      LIVEKIT_API_SECRET: "generated-livekit-api-secret",
    });
    expect(await pulumi.isSecret(pulumi.output(frontendEnv.public))).toBe(false);
    expect(await pulumi.isSecret(frontendEnv.secret)).toBe(true);
  });

  it("marks every secret output", async () => {
    const { searchMasterKey, rtcApiKey, rtcApiSecret, publishKey } = await run({ "streaming:publish": "key" });
    for (const output of [searchMasterKey, rtcApiKey, rtcApiSecret, publishKey]) {
      expect(output && (await pulumi.isSecret(output))).toBe(true);
    }
  });

  it("hands secrets to the server that needs them, and to no other", async () => {
    await run({ "streaming:publish": "key" });
    const holders = (secret: string) =>
      registered
        .filter(({ inputs }) => JSON.stringify(inputs).includes(secret))
        .map(({ name }) => name)
        .sort();
    expect(holders("generated-meilisearch-master-key")).toEqual(["meilisearch", "meilisearch-keys"]);
    expect(holders("generated-livekit-api-secret")).toEqual(["livekit"]);
    expect(holders("generated-rtmp-publish-key")).toEqual(["rtmp"]);
  });
});

describe("what the settings change", () => {
  it.each([
    ["search", ["livekit", "rtmp"]],
    ["rtc", ["meilisearch", "meilisearch-keys", "rtmp"]],
    ["streaming", ["livekit", "meilisearch", "meilisearch-keys"]],
  ])("without %s the others come up", async (service, containers) => {
    const outputs = await run({ [`${service}:enabled`]: "false" });
    expect(names().filter((name) => name.startsWith("Container "))).toEqual(
      containers.map((name) => `Container ${name}`),
    );
    const urls = { search: outputs.searchUrl, rtc: outputs.rtcUrl, streaming: outputs.hlsUrl };
    expect(urls[service as keyof typeof urls]).toBeUndefined();
    expect(Object.values(urls).filter((url) => url !== undefined)).toHaveLength(2);
  });

  it("a network that is there is joined, not made", async () => {
    inspectHost.mockResolvedValue({ ...FREE, joinsNetwork: true });
    await run();
    expect(names().filter((name) => name.startsWith("Network"))).toEqual([]);
    const container = registered.find(({ name }) => name === "meilisearch");
    expect(container?.inputs.networksAdvanced).toEqual([{ name: "nchat_network", aliases: ["meilisearch"] }]);
  });

  it("the app is told ports and host of the settings", async () => {
    const outputs = await run({ "platform:hostname": "chat.example.com", "rtc:port": "17880" });
    expect(await resolved(outputs.rtcUrl)).toBe("ws://chat.example.com:17880");
  });
});

it("a user's mistake is a sentence without a stack trace, and registers nothing", async () => {
  await expect(run({ "search:port": "0" })).rejects.toMatchObject({
    __pulumiRunError: true,
    message: 'A setting needs a change:\n  - search:port = "0" must be a port from 1 to 65535. The default is 7700',
  });
  expect(registered).toEqual([]);
  expect(inspectHost).not.toHaveBeenCalled();
});
