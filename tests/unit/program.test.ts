import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { apiKey, keyUid } from "../../components/search/keys.ts";
import { type Registered, recordResources, resolved, settled } from "./helpers/recorder.ts";

const inspectHost = vi.hoisted(() => vi.fn());
vi.mock("../../components/docker-host.ts", async (original) => ({ ...(await original<object>()), inspectHost }));

const previousResources = vi.hoisted(() => vi.fn(async (): Promise<object[]> => []));
vi.mock("../../components/previous.ts", () => ({ previousResources }));

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

/** Of a key, as the server derives it. */
const SEED = "01234567-89ab-4cde-8f01-23456789abcd";
const derived = (seed: string, name: string, version: number) =>
  apiKey("generated-meilisearch-master-key", keyUid(seed, name, version));

const SEARCH = ["meilisearch", "meilisearch-setup", "meilisearch-upgrade"];

describe("a laptop's stack", () => {
  it("is exactly these resources", async () => {
    await run();
    expect(names()).toEqual([
      "Container livekit",
      "Container meilisearch",
      "Container meilisearch-setup",
      "Container meilisearch-upgrade",
      "Container rtmp",
      "Docker docker",
      "Index channels",
      "Index files",
      "Index messages",
      "Index nchat_channels",
      "Index nchat_files",
      "Index nchat_messages",
      "Index nchat_users",
      "Index users",
      "Key backup",
      "Key frontend",
      "Key indexer",
      "Key metrics",
      "Key tenant",
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
    const names = ["frontend", "indexer", "tenant", "metrics", "backup"];
    expect(Object.keys((await resolved(outputs.searchKeyUids)) ?? {})).toEqual(names);
    const keys = ["rtcApiKey", "rtcApiSecret", "searchKey", "searchKeys", "searchKeyUids", "searchMasterKey"];
    expect(Object.keys(outputs).sort()).toEqual([...Object.keys(plain), ...keys, "frontendEnv"].sort());
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
      MEILISEARCH_TENANT_KEY: derived(SEED, "tenant", 1),
      MEILISEARCH_TENANT_KEY_UID: keyUid(SEED, "tenant", 1),
      LIVEKIT_API_KEY: "generated-livekit-api-key",
      LIVEKIT_API_SECRET: "generated-livekit-api-secret",
    });
    expect(await pulumi.isSecret(pulumi.output(frontendEnv.public))).toBe(false);
    expect(await pulumi.isSecret(frontendEnv.secret)).toBe(true);
  });

  it("marks every secret output", async () => {
    const outputs = await run({ "streaming:publish": "key" });
    const { searchMasterKey, searchKeys, rtcApiKey, rtcApiSecret, publishKey } = outputs;
    for (const output of [searchMasterKey, searchKeys, rtcApiKey, rtcApiSecret, publishKey]) {
      expect(output && (await pulumi.isSecret(output as pulumi.Output<unknown>))).toBe(true);
    }
  });

  it("hands secrets to the server that needs them, and to no other", async () => {
    await run({ "streaming:publish": "key" });
    const holders = (secret: string) =>
      registered
        .filter(({ inputs }) => JSON.stringify(inputs).includes(secret))
        .map(({ name }) => name)
        .sort();
    expect(holders("generated-meilisearch-master-key")).toEqual(SEARCH);
    expect(holders("generated-livekit-api-secret")).toEqual(["livekit"]);
    expect(holders("generated-rtmp-publish-key")).toEqual(["rtmp"]);
  });
});

describe("what the settings change", () => {
  it.each([
    ["search", ["livekit", "rtmp"]],
    ["rtc", [...SEARCH, "rtmp"]],
    ["streaming", ["livekit", ...SEARCH]],
  ])("without %s the others come up", async (service, containers) => {
    const outputs = await run({ [`${service}:enabled`]: "false" });
    expect(names().filter((name) => name.startsWith("Container "))).toEqual(
      containers.map((name) => `Container ${name}`),
    );
    const urls = { search: outputs.searchUrl, rtc: outputs.rtcUrl, streaming: outputs.hlsUrl };
    expect(urls[service as keyof typeof urls]).toBeUndefined();
    expect(Object.values(urls).filter((url) => url !== undefined)).toHaveLength(2);
  });

  it("the app's server gets the key of its own work where it is to have no more", async () => {
    const outputs = await run({ "search:appKey": "scoped" });
    const { indexer } = (await resolved(outputs.searchKeys)) ?? {};
    expect(indexer).toMatch(/^[0-9a-f]{64}$/);
    expect(await resolved(outputs.frontendEnv.secret)).toMatchObject({ MEILISEARCH_MASTER_KEY: indexer });
  });

  it("keys of one's own are outputs, and a rotated one is another", async () => {
    const before = await run();
    expect(await resolved(before.searchKey)).toBe(apiKey("generated-meilisearch-master-key", SEED));
    const after = await run({
      "search:keys": '{"reports":{"actions":["search"],"indexes":["messages"]}}',
      "search:rotation": '{"frontend":2,"reports":3}',
    });
    expect(await resolved(after.searchKeyUids)).toMatchObject({ frontend: keyUid(SEED, "frontend", 2) });
    expect(await resolved(after.searchKey)).toBe(derived(SEED, "frontend", 2));
    expect(await resolved(after.searchKeys)).toEqual({
      ...(await resolved(before.searchKeys)),
      reports: derived(SEED, "reports", 3),
    });
  });

  it("browsers get no key that searches all, where they are to bring tenant tokens", async () => {
    const outputs = await run({ "search:publicKey": "false" });
    const { frontendEnv } = outputs;
    expect("searchKey" in outputs).toBe(false);
    expect(registered.map(({ type, name }) => `${type} ${name}`)).not.toContain("nself:search:Key frontend");
    const names = Object.keys((await resolved(pulumi.output(frontendEnv.public))) ?? {});
    expect(names.filter((name) => name.includes("MEILISEARCH"))).toEqual(["NEXT_PUBLIC_MEILISEARCH_URL"]);
  });

  it("backups are made by a container that has the key for them, and not the master key", async () => {
    await run({ "search:backupEvery": "12" });
    const backup = registered.find(({ name }) => name === "meilisearch-backup")?.inputs;
    expect(backup?.command.slice(0, 2)).toEqual(["every", "43200"]);
    expect(JSON.stringify(backup)).not.toContain("generated-meilisearch-master-key");
  });

  it("an older MeiliSearch is refused before anything is asked of the engine", async () => {
    previousResources.mockResolvedValueOnce([
      { type: "nself:service:Search", outputs: { runs: "getmeili/meilisearch:v1.51.0" } },
    ]);
    await expect(run()).rejects.toMatchObject({
      __pulumiRunError: true,
      message: expect.stringMatching(
        /^A setting needs a change:\n {2}- search:image = "getmeili\/meilisearch:v1\.50\.0" is older than getmeili\/meilisearch:v1\.51\.0, /,
      ),
    });
    expect(registered).toEqual([]);
    expect(inspectHost).not.toHaveBeenCalled();
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

it("what is nobody's mistake stays what it is", async () => {
  inspectHost.mockRejectedValue(new TypeError("a bug"));
  await expect(run()).rejects.toThrow(new TypeError("a bug"));
});

it("a user's mistake is a sentence without a stack trace, and registers nothing", async () => {
  await expect(run({ "search:port": "0" })).rejects.toMatchObject({
    __pulumiRunError: true,
    message: 'A setting needs a change:\n  - search:port = "0" must be a port from 1 to 65535. The default is 7700',
  });
  expect(registered).toEqual([]);
  expect(inspectHost).not.toHaveBeenCalled();
});
