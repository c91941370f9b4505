import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { keyUid } from "../../components/search/keys.ts";
import { kindOf, objects } from "./helpers/cluster.ts";
import {
  ALL,
  begin,
  encrypted,
  livekitConfig,
  plain,
  RTC,
  run,
  SEARCH,
  SEED,
  SET_A_BUCKET,
  STACK,
  STREAMING,
  warn,
} from "./helpers/prod-program.ts";
import { find, inputs, registered } from "./helpers/recorded.ts";
import { resolved } from "./helpers/recorder.ts";

vi.mock("../../components/previous.ts", () => ({ previousResources: async () => [] }));
beforeEach(begin);

const INDEXES = [
  ...["channels", "files", "messages"],
  ...["nchat_channels", "nchat_files", "nchat_messages", "nchat_users", "users"],
];

describe("production as Pulumi.prod.yaml has it", () => {
  it("is exactly these objects of the cluster", async () => {
    await run();
    expect(objects(registered)).toEqual(ALL);
  });

  it("and these resources of Pulumi's", async () => {
    await run();
    const others = registered.filter(({ type }) => !type.startsWith("kubernetes:"));
    expect(others.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "nself:platform:Kubernetes kubernetes",
      ...INDEXES.map((uid) => `nself:search:Index ${uid}`),
      ...["backup", "frontend", "indexer", "metrics", "tenant"].map((key) => `nself:search:Key ${key}`),
      "nself:service:Rtc rtc",
      "nself:service:Search search",
      "nself:service:Streaming streaming",
      "pulumi:providers:kubernetes kubernetes",
      "random:index/randomPassword:RandomPassword livekit-api-key",
      "random:index/randomPassword:RandomPassword livekit-api-secret",
      "random:index/randomPassword:RandomPassword meilisearch-master-key",
      "random:index/randomPassword:RandomPassword rtmp-publish-key",
      "random:index/randomUuid:RandomUuid meilisearch-search-key-uid",
    ]);
  });

  it("each belongs to its service or to the platform", async () => {
    await run();
    const children = (parent: string) =>
      registered
        .filter(({ type, options }) => type.startsWith("kubernetes:") && options.parent === parent)
        .map((resource) => `${kindOf(resource)} ${resource.name}`)
        .sort();
    expect(children("Kubernetes kubernetes")).toEqual(STACK);
    expect(children("Search search")).toEqual(SEARCH);
    expect(children("Rtc rtc")).toEqual(RTC);
    expect(children("Streaming streaming")).toEqual(STREAMING);
  });

  it("everything is in one namespace, labelled as ours", async () => {
    await run();
    const placed = registered.filter(({ inputs }) => inputs.metadata && inputs.kind !== "Namespace");
    expect(placed).toHaveLength(ALL.length - 1);
    expect(new Set(placed.map(({ inputs }) => inputs.metadata.namespace))).toEqual(new Set(["nself-chat"]));
    const labels = placed.map(({ inputs }) => inputs.metadata.labels);
    expect(labels.filter((found) => found["app.kubernetes.io/part-of"] !== "nself")).toEqual([]);
  });

  it("has these outputs, encrypted all of them", async () => {
    const outputs = await run();
    const urls = {
      searchUrl: "https://search.chat.example.com",
      rtcUrl: "wss://livekit.chat.example.com",
      ingestUrl: "rtmp://ingest.chat.example.com:1935",
      hlsUrl: "https://stream.chat.example.com/hls",
      dashUrl: "https://stream.chat.example.com/dash",
    };
    const found = (await plain(outputs)) as Record<string, unknown>;
    const secrets = ["publishKey", "rtcApiKey", "rtcApiSecret", "searchKeys", "searchMasterKey"];
    expect(Object.keys(found).sort()).toEqual(
      [...Object.keys(urls), ...secrets, "connectSrc", "frontendEnv", "searchKey", "searchKeyUids"].sort(),
    );
    expect(found).toMatchObject({
      ...urls,
      connectSrc: [
        "https://search.chat.example.com",
        "wss://livekit.chat.example.com",
        "https://livekit.chat.example.com",
        "https://stream.chat.example.com",
      ],
    });
    // Publishing is RTMP; everything else is encrypted.
    expect(JSON.stringify(found)).not.toMatch(/"(http|ws):\/\//);
    for (const [name, value] of Object.entries(outputs).filter(([name]) => name !== "frontendEnv")) {
      expect([name, await pulumi.isSecret(value as pulumi.Output<unknown>)]).toEqual([name, secrets.includes(name)]);
    }
  });

  it("gives the app both families of names, and keeps secrets apart", async () => {
    const { frontendEnv, searchKey, searchKeys } = await run();
    const key = await resolved(searchKey);
    const { indexer, tenant } = (await resolved(searchKeys)) ?? {};
    const value = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect([key, indexer, tenant]).toEqual([value, value, value]);
    expect(await plain(frontendEnv.public)).toEqual({
      NEXT_PUBLIC_MEILISEARCH_URL: "https://search.chat.example.com",
      NEXT_PUBLIC_MEILISEARCH_PUBLIC_KEY: key,
      NEXT_PUBLIC_MEILISEARCH_KEY: key,
      NEXT_PUBLIC_LIVEKIT_URL: "wss://livekit.chat.example.com",
      LIVEKIT_URL: "wss://livekit.chat.example.com",
      VITE_LIVEKIT_URL: "wss://livekit.chat.example.com",
      NEXT_PUBLIC_RECORDING_ENABLED: "false",
      NEXT_PUBLIC_STREAM_INGEST_URL: "rtmp://ingest.chat.example.com:1935",
      NEXT_PUBLIC_HLS_BASE_URL: "https://stream.chat.example.com/hls",
      NEXT_PUBLIC_DASH_BASE_URL: "https://stream.chat.example.com/dash",
      NEXT_PUBLIC_RTMP_URL: "rtmp://ingest.chat.example.com:1935",
      NEXT_PUBLIC_HLS_URL: "https://stream.chat.example.com/hls",
    });
    expect(await resolved(frontendEnv.secret)).toEqual({
      // Under the name that the app knows it gets no more than it needs.
      MEILISEARCH_MASTER_KEY: indexer,
      MEILISEARCH_TENANT_KEY: tenant,
      MEILISEARCH_TENANT_KEY_UID: keyUid(SEED, "tenant", 1),
      LIVEKIT_API_KEY: "generated-livekit-api-key",
      LIVEKIT_API_SECRET: "generated-livekit-api-secret",
      RTMP_PUBLISH_KEY: "generated-rtmp-publish-key",
    });
    expect(await pulumi.isSecret(pulumi.output(frontendEnv.public))).toBe(false);
    expect(await pulumi.isSecret(frontendEnv.secret)).toBe(true);
  });

  it("hands secrets to the servers that need them, in Secrets and nowhere else", async () => {
    await run();
    const holders = (secret: string) =>
      registered
        .filter(({ inputs }) => JSON.stringify(inputs).includes(secret))
        .map((resource) => `${kindOf(resource)} ${resource.name}`)
        .sort();
    expect(holders("generated-meilisearch-master-key")).toEqual([
      "Secret meilisearch-secrets",
      "Secret meilisearch-setup-secrets",
      "Secret meilisearch-upgrade-secrets",
    ]);
    expect(holders("generated-livekit-api-key")).toEqual(["Secret livekit-secrets"]);
    expect(holders("generated-livekit-api-secret")).toEqual(["Secret livekit-secrets"]);
    expect(holders("generated-rtmp-publish-key")).toEqual(["Secret rtmp-secrets"]);
    expect(holders("generated-")).toHaveLength(5);
    const marked = registered.filter(({ secretInputs }) => secretInputs.length > 0);
    expect([...new Set(marked.map(kindOf))]).toEqual(["Secret"]);
  });

  it("guards data, generated secrets and the namespace, and keeps data and the namespace", async () => {
    await run();
    const with_ = (option: "protect" | "retainOnDelete") =>
      registered.filter(({ options }) => options[option]).map((resource) => `${kindOf(resource)} ${resource.name}`);
    const kept = [
      "Namespace nself-chat",
      "PersistentVolumeClaim meilisearch-data",
      "PersistentVolumeClaim rtmp-recordings",
    ];
    expect(with_("protect").sort()).toEqual(
      [
        ...kept,
        "RandomPassword livekit-api-key",
        "RandomPassword livekit-api-secret",
        "RandomPassword meilisearch-master-key",
        "RandomPassword rtmp-publish-key",
        "RandomUuid meilisearch-search-key-uid",
      ].sort(),
    );
    expect(with_("retainOnDelete").sort()).toEqual(kept);
  });

  it("tells LiveKit the address of its load balancer, and MeiliSearch's tasks where the server and its keys are", async () => {
    await run();
    expect(livekitConfig()).toContain("node_ip: 192.0.2.7\\n");
    const [{ env }] = inputs("Job", "meilisearch-setup").spec.template.spec.containers;
    expect(env).toEqual([
      { name: "API_KEY_FILE", value: "/run/meilisearch/api-key" },
      { name: "OWNER", value: "stack" },
      { name: "PLAN", value: "/etc/meilisearch/plan.tsv" },
      { name: "SEARCH_URL", value: "http://meilisearch:7700" },
      { name: "WAIT_SECONDS", value: "1800" },
    ]);
  });

  it("has the upgrade of search before its server, and the setup after it", async () => {
    await run();
    const needs = (kind: string, name: string) => find(kind, name).options.dependsOn;
    expect(needs("StatefulSet", "meilisearch")).toContain("Job meilisearch-upgrade");
    expect(needs("Job", "meilisearch-upgrade")).not.toContain("StatefulSet meilisearch");
    expect(needs("Job", "meilisearch-setup")).toContain("StatefulSet meilisearch");
  });

  it("makes a backup each day with a key for nothing else", async () => {
    const { searchKeys } = await run();
    const { backup } = (await resolved(searchKeys)) ?? {};
    expect(inputs("CronJob", "meilisearch-backup").spec.schedule).toBe("17 0 * * *");
    expect(inputs("Secret", "meilisearch-backup-secrets").stringData).toEqual({ "run.meilisearch.api-key": backup });
  });

  it("warns of backups that are lost with the volume, or not made", async () => {
    await run();
    await run({ "search:backupEvery": "off" });
    const bucket = { "search:backupEndpoint": "https://s3.example.com", "search:backupBucket": "backups" };
    encrypted(["search:backupSecretAccessKey"]);
    const keys = { "search:backupAccessKeyId": "example-id", "search:backupSecretAccessKey": "example-secret" };
    await run({ ...bucket, ...keys });
    const holders = registered.filter(({ inputs }) => JSON.stringify(inputs).includes("example-secret"));
    expect(holders.map(({ name }) => name)).toEqual(["meilisearch-backup-secrets"]);
    await run({ "search:enabled": "false" });
    expect(warn.mock.calls).toEqual([
      [`Backups of search stay on its volume: set${SET_A_BUCKET}`],
      [`No backups of search are made: set search:backupEvery,${SET_A_BUCKET}`],
    ]);
  });

  it("sizes what is kept and what is made anew", async () => {
    await run({
      ...{ "search:storage": "7", "streaming:recordings": "9", "streaming:scratch": "3" },
      "platform:storageClass": "fast",
    });
    const claim = (name: string) => inputs("PersistentVolumeClaim", name).spec;
    expect([claim("meilisearch-data"), claim("rtmp-recordings")]).toMatchObject([
      { resources: { requests: { storage: "7Gi" } }, storageClassName: "fast" },
      { resources: { requests: { storage: "9Gi" } }, storageClassName: "fast" },
    ]);
    const scratch = (kind: string, name: string) =>
      inputs(kind, name).spec.template.spec.volumes.filter(({ emptyDir }: { emptyDir?: object }) => emptyDir);
    expect([scratch("StatefulSet", "rtmp"), scratch("Deployment", "rtmp-edge")]).toEqual([
      [
        { name: "tmp", emptyDir: { sizeLimit: "128Mi" } },
        { name: "rtmp-hls-data", emptyDir: { sizeLimit: "3Gi" } },
      ],
      [
        { name: "tmp", emptyDir: { sizeLimit: "128Mi" } },
        { name: "rtmp-edge-cache", emptyDir: { sizeLimit: "1Gi" } },
      ],
    ]);
    // With what is in /tmp and in the log.
    const { requests, limits } = inputs("StatefulSet", "rtmp").spec.template.spec.containers[0].resources;
    const disk = { "ephemeral-storage": `${3 * 1024 + 128 + 256}Mi` };
    expect([requests, limits]).toMatchObject([disk, disk]);
  });
});

it("the app's server gets the master key where it is to have it", async () => {
  const { frontendEnv, searchMasterKey } = await run({ "search:appKey": "master" });
  const secret = await resolved(frontendEnv.secret);
  expect(secret).toMatchObject({ MEILISEARCH_MASTER_KEY: "generated-meilisearch-master-key" });
  expect(await resolved(searchMasterKey)).toBe("generated-meilisearch-master-key");
});

describe("a service that is switched off", () => {
  it.each([
    ["search", SEARCH, ["searchUrl", "searchKey", "searchKeyUids", "searchKeys", "searchMasterKey"]],
    ["rtc", RTC, ["rtcUrl", "rtcApiKey", "rtcApiSecret"]],
    ["streaming", STREAMING, ["ingestUrl", "hlsUrl", "dashUrl", "publishKey"]],
  ])("%s takes all that is its own with it, and nothing else", async (service, gone, outputsGone) => {
    const outputs = await run({ [`${service}:enabled`]: "false" });
    expect(objects(registered)).toEqual(ALL.filter((name) => !gone.includes(name)));
    expect(outputsGone.filter((name) => name in outputs)).toEqual([]);
    expect(Object.keys(outputs)).toHaveLength(14 - outputsGone.length);
  });

  it("has no listener of the Gateway", async () => {
    await run({ "rtc:enabled": "false", "platform:traffic": "gateway", "platform:trafficClass": "envoy" });
    expect(inputs("Gateway", "nself").spec.listeners.map(({ name }: { name: string }) => name)).toEqual([
      "search",
      "stream",
    ]);
  });

  it("rtc on its nodes' networks leaves no namespace for it", async () => {
    await run({ "rtc:enabled": "false", "rtc:media": "hostNetwork" });
    expect(objects(registered).filter((name) => name.startsWith("Namespace"))).toEqual(["Namespace nself-chat"]);
  });
});

describe("by Gateway API", () => {
  it("a Gateway and routes take the place of Ingresses", async () => {
    await run({ "platform:traffic": "gateway", "platform:trafficClass": "envoy" });
    expect(objects(registered)).toEqual(
      [...ALL.map((name) => name.replace(/^Ingress /, "HTTPRoute ")), "Gateway nself"].sort(),
    );
    const { gatewayClassName, listeners } = inputs("Gateway", "nself").spec;
    expect([gatewayClassName, listeners.map(({ hostname }: { hostname: string }) => hostname)]).toEqual([
      "envoy",
      ["search.chat.example.com", "livekit.chat.example.com", "stream.chat.example.com"],
    ]);
    const sections = registered
      .filter((resource) => kindOf(resource) === "HTTPRoute")
      .map(({ name, inputs }) => [name, inputs.spec.parentRefs[0].sectionName, inputs.spec.hostnames])
      .sort();
    expect(sections).toEqual([
      ["livekit", "livekit", ["livekit.chat.example.com"]],
      ["meilisearch", "search", ["search.chat.example.com"]],
      ["rtmp-edge", "stream", ["stream.chat.example.com"]],
    ]);
  });
});
