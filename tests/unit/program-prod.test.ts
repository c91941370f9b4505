import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { apiKey, keyUid } from "../../components/search/keys.ts";
import { plainSettings, readStackFile } from "../../scripts/lib/stack-file.ts";
import { kindOf, objects, registration, selector } from "./helpers/cluster.ts";
import { failure, type Registered, recordResources, resolved, settled } from "./helpers/recorder.ts";

const previousResources = vi.hoisted(() => vi.fn(async (): Promise<object[]> => []));
vi.mock("../../components/previous.ts", () => ({ previousResources }));

const base64 = (text: string) => Buffer.from(text).toString("base64");
const SEED = "01234567-89ab-4cde-8f01-23456789abcd";
const EXISTING = {
  MEILISEARCH_MASTER_KEY: "kept-master-key",
  LIVEKIT_API_KEY: "kept-api-key",
  LIVEKIT_API_SECRET: "kept-api-secret",
  RTMP_PUBLISH_KEY: "kept-publish-key",
};

/** What the run says on its way. */
const warn = vi.spyOn(pulumi.log, "warn");

let registered: Registered[];
let balancer: Readonly<Record<string, string>>;
beforeEach(async () => {
  balancer = { ip: "192.0.2.7" };
  vi.spyOn(pulumi.log, "warn").mockReset().mockResolvedValue();
  warn.mockReset().mockResolvedValue();
  askCluster.mockReset().mockResolvedValue({ title: "the cluster", warnings: [] });
  registered = await recordResources({
    "kubernetes:core/v1:Service": () => ({ status: { loadBalancer: { ingress: [balancer] } } }),
    "kubernetes:core/v1:Secret": (name) =>
      name === "existing-keys"
        ? { data: Object.fromEntries(Object.entries(EXISTING).map(([key, text]) => [key, base64(text)])) }
        : {},
  });
});

const PROD = plainSettings(readStackFile(readFileSync("Pulumi.prod.yaml", "utf8")));

/** Encrypted settings of the run, as Pulumi tells of them. */
const encrypted = (keys: readonly string[]) => {
  process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(keys);
};
afterEach(() => {
  delete process.env.PULUMI_CONFIG_SECRET_KEYS;
});

type Change = Readonly<Record<string, string | undefined>>;
type Ask = Parameters<typeof import("../../index.ts")["default"]>[0];

/** A cluster that takes every stack. */
const askCluster = vi.fn<NonNullable<NonNullable<Ask>["askCluster"]>>();

/** Settings with the change on top; a key that is undefined is left out. */
async function start(change: Change) {
  const entries = Object.entries<string | undefined>({ ...PROD, ...change }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  pulumi.runtime.setAllConfig(Object.fromEntries(entries));
  const { default: program } = await import("../../index.ts");
  return program({ askCluster });
}

async function run(change: Change = {}) {
  const outputs = await start(change);
  await settled();
  return outputs;
}

const inputs = (kind: string, name: string) => registration(registered, kind, name).inputs;
/** All of the outputs, in clear. */
const plain = async (outputs: object) => resolved(pulumi.output(outputs as Record<string, unknown>));
const livekitConfig = () => JSON.stringify(inputs("ConfigMap", "livekit-config").data);

const SEARCH = [
  "ConfigMap meilisearch-config",
  "ConfigMap meilisearch-setup-config",
  "CronJob meilisearch-backup",
  "Ingress meilisearch",
  "Job meilisearch-setup",
  "Job meilisearch-upgrade",
  "NetworkPolicy meilisearch",
  "NetworkPolicy meilisearch-backup",
  "NetworkPolicy meilisearch-setup",
  "NetworkPolicy meilisearch-upgrade",
  "NetworkPolicy nself-frontend-meilisearch",
  "PersistentVolumeClaim meilisearch-data",
  "PodDisruptionBudget meilisearch",
  "Secret meilisearch-backup-secrets",
  "Secret meilisearch-secrets",
  "Secret meilisearch-setup-secrets",
  "Secret meilisearch-upgrade-secrets",
  "Service meilisearch",
  "Service meilisearch-headless",
  "ServiceAccount meilisearch",
  "ServiceAccount meilisearch-backup",
  "ServiceAccount meilisearch-setup",
  "ServiceAccount meilisearch-upgrade",
  "StatefulSet meilisearch",
];
const INDEXES = [
  ...["channels", "files", "messages"],
  ...["nchat_channels", "nchat_files", "nchat_messages", "nchat_users", "users"],
];
const RTC = [
  "ConfigMap livekit-config",
  "Ingress livekit",
  "NetworkPolicy livekit",
  "NetworkPolicy nself-frontend-livekit",
  "PodDisruptionBudget livekit",
  "Secret livekit-secrets",
  "Service livekit",
  "Service livekit-headless",
  "Service livekit-public",
  "ServiceAccount livekit",
  "StatefulSet livekit",
];
const STREAMING = [
  "ConfigMap rtmp-config",
  "ConfigMap rtmp-edge-config",
  "Deployment rtmp-edge",
  "HorizontalPodAutoscaler rtmp-edge",
  "Ingress rtmp-edge",
  "NetworkPolicy nself-frontend-rtmp-edge",
  "NetworkPolicy rtmp",
  "NetworkPolicy rtmp-edge",
  "PersistentVolumeClaim rtmp-recordings",
  "PodDisruptionBudget rtmp",
  "PodDisruptionBudget rtmp-edge",
  "Secret rtmp-secrets",
  "Service rtmp",
  "Service rtmp-edge",
  "Service rtmp-headless",
  "Service rtmp-public",
  "ServiceAccount rtmp",
  "ServiceAccount rtmp-edge",
  "StatefulSet rtmp",
];
const STACK = ["Namespace nself-chat", "NetworkPolicy nself-default-deny", "NetworkPolicy nself-frontend"];
const ALL = [...STACK, ...SEARCH, ...RTC, ...STREAMING].sort();

const SET_A_BUCKET =
  " search:backupEndpoint, search:backupBucket, search:backupAccessKeyId and search:backupSecretAccessKey.";

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
    const needs = (kind: string, name: string) => registration(registered, kind, name).options.dependsOn;
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

it("an older MeiliSearch than runs is refused before the cluster is asked, and a later one is not", async () => {
  previousResources.mockResolvedValue([
    { type: "nself:service:Rtc", outputs: { runs: "livekit/livekit-server:v99.0.0" } },
    { type: "nself:service:Search", outputs: { runs: "getmeili/meilisearch:v1.50.0" } },
  ]);
  await expect(start({ "search:image": "getmeili/meilisearch:v1.49.9" })).rejects.toMatchObject({
    __pulumiRunError: true,
    message: expect.stringContaining(
      'search:image = "getmeili/meilisearch:v1.49.9" is older than getmeili/meilisearch:v1.50.0, which this stack runs: ',
    ),
  });
  expect(registered).toEqual([]);
  expect(askCluster).not.toHaveBeenCalled();
  await run({ "search:image": "getmeili/meilisearch:v1.51.0" });
  expect(objects(registered)).toEqual(ALL);
  previousResources.mockResolvedValue([]);
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

describe("TURN over TLS", () => {
  const TURN = { "rtc:turnDomain": "turn.example.com", "rtc:turnTlsPort": "5349", "rtc:turnUdpPort": "3478" };

  it("ends at LiveKit, whose load balancer has it at the port that clients are told", async () => {
    const outputs = await run(TURN);
    expect(inputs("Service", "livekit-public").spec.ports).toEqual([
      { name: "ice-tcp", port: 7881, targetPort: "ice-tcp", protocol: "TCP" },
      { name: "media", port: 7882, targetPort: "media", protocol: "UDP" },
      { name: "turn-udp", port: 3478, targetPort: "turn-udp", protocol: "UDP" },
      { name: "turn-tls", port: 443, targetPort: "turn-tls", protocol: "TCP" },
    ]);
    const { containers, volumes, shareProcessNamespace } = inputs("StatefulSet", "livekit").spec.template.spec;
    expect([containers.map(({ name }: { name: string }) => name), volumes.at(-1).name, shareProcessNamespace]).toEqual([
      ["livekit", "certificate-watch"],
      "certificate",
      true,
    ]);
    expect(livekitConfig()).toContain("cert_file: /etc/livekit/turn/tls.crt");
    expect(livekitConfig()).toContain("key_file: /etc/livekit/turn/tls.key");
    expect(await plain(outputs.frontendEnv.public)).toMatchObject({ TURN_SERVER_URL: "turn.example.com" });
  });

  it("has a certificate for its own host", async () => {
    await run(TURN);
    const certificate = registered.find((resource) => kindOf(resource) === "Certificate");
    expect(certificate?.inputs.spec.dnsNames).toEqual(["turn.example.com"]);
    const { volumes } = inputs("StatefulSet", "livekit").spec.template.spec;
    expect(volumes.at(-1).secret.secretName).toBe(certificate?.inputs.spec.secretName);
  });

  it("has a certificate for its own host that is not the one of browsers", async () => {
    await run(TURN);
    const certificate = registered.find((resource) => kindOf(resource) === "Certificate");
    expect([inputs("Ingress", "livekit").spec.tls, certificate?.inputs.spec.secretName]).toEqual([
      [{ hosts: ["livekit.chat.example.com"], secretName: "livekit-tls" }],
      "livekit-server-tls",
    ]);
  });

  it("is refused where another port has its number", async () => {
    // All the pairs: settings-kubernetes.test.ts.
    await expect(start({ ...TURN, "rtc:tcpPort": "443" })).rejects.toMatchObject({
      __pulumiRunError: true,
      message:
        "A setting needs a change:\n  - rtc:tcpPort and rtc:turnTlsPort both use port 443. Give one of them another port",
    });
    expect(registered).toEqual([]);
  });

  it("shares the certificate that is there", async () => {
    await run({ ...TURN, "platform:tlsIssuer": undefined, "platform:tlsSecret": "wildcard" });
    expect(objects(registered).filter((name) => name.startsWith("Certificate"))).toEqual([]);
    const { volumes } = inputs("StatefulSet", "livekit").spec.template.spec;
    expect(volumes.at(-1).secret.secretName).toBe("wildcard");
    expect(inputs("Ingress", "livekit").spec.tls[0].secretName).toBe("wildcard");
  });
});

describe("calls on the nodes' own networks", () => {
  const HOST = { "rtc:media": "hostNetwork", "rtc:replicas": "3", "rtc:redisUrl": "redis://redis.data.svc:6379/2" };

  it("are taken by three servers in a namespace apart", async () => {
    await run(HOST);
    const moved = (name: string) => !["Service livekit-headless", "Service livekit-public"].includes(name);
    expect(objects(registered)).toEqual(
      [
        ...ALL.filter(moved).map((name) => name.replace("StatefulSet livekit", "Deployment livekit")),
        "Namespace nself-chat-rtc",
        "NetworkPolicy nself-default-deny-host",
      ].sort(),
    );
    const apart = registered.filter(({ inputs }) => inputs.metadata?.namespace === "nself-chat-rtc");
    expect(apart.map((resource) => `${kindOf(resource)} ${resource.name}`).sort()).toEqual([
      "ConfigMap livekit-config",
      "Deployment livekit",
      "Ingress livekit",
      "NetworkPolicy livekit",
      "NetworkPolicy nself-default-deny-host",
      "PodDisruptionBudget livekit",
      "Secret livekit-secrets",
      "Service livekit",
      "ServiceAccount livekit",
    ]);
    const { replicas, template } = inputs("Deployment", "livekit").spec;
    expect([replicas, template.spec.hostNetwork, template.spec.containers[0].env]).toEqual([
      3,
      true,
      [{ name: "NODE_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }],
    ]);
  });

  it("share rooms through Redis, which they may reach", async () => {
    await run(HOST);
    expect(livekitConfig()).toContain("address: redis.data.svc:6379");
    expect(livekitConfig()).toContain("db: 2");
    expect(livekitConfig()).not.toContain("node_ip");
    expect(inputs("NetworkPolicy", "livekit").spec.egress.at(-1)).toEqual({
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "data" } } }],
      ports: [{ protocol: "TCP", port: 6379 }],
    });
  });

  it("with a password of Redis the configuration is a Secret", async () => {
    encrypted(["rtc:redisPassword"]);
    await run({ ...HOST, "rtc:redisPassword": "the-password-of-redis" });
    const holders = registered.filter(({ inputs }) => JSON.stringify(inputs).includes("the-password-of-redis"));
    expect(holders.map((resource) => `${kindOf(resource)} ${resource.name}`)).toEqual(["Secret livekit-secrets"]);
    expect(objects(registered)).not.toContain("ConfigMap livekit-config");
  });

  it("with STUN they are told no address of their node", async () => {
    await run({ ...HOST, "rtc:useStun": "true" });
    expect(inputs("Deployment", "livekit").spec.template.spec.containers[0].env).toEqual([]);
    expect(livekitConfig()).toContain("use_external_ip: true");
  });

  it("in a namespace of the operator's choice", async () => {
    await run({ ...HOST, "rtc:hostNamespace": "calls" });
    expect(objects(registered).filter((name) => name.startsWith("Namespace"))).toEqual([
      "Namespace calls",
      "Namespace nself-chat",
    ]);
  });
});

describe("what is there already", () => {
  it("a namespace is joined, not made", async () => {
    await run({ "platform:createNamespace": "false", "platform:namespace": "chat" });
    expect(objects(registered)).toEqual(ALL.filter((name) => !name.startsWith("Namespace ")));
    expect(inputs("StatefulSet", "meilisearch").metadata.namespace).toBe("chat");
  });

  it("Secrets are read, and nothing is generated", async () => {
    const outputs = await run({
      "search:existingSecret": "keys",
      "rtc:existingSecret": "keys",
      "streaming:existingSecret": "keys",
    });
    const read = registered.filter((resource) => resource.read);
    expect(read.map(({ type, name, read, options }) => [type, name, read, options])).toEqual(
      Array(3).fill(["kubernetes:core/v1:Secret", "existing-keys", "nself-chat/keys", expect.anything()]),
    );
    expect(registered.filter(({ type }) => type.endsWith(":RandomPassword"))).toEqual([]);
    expect(objects(registered)).toEqual(ALL);
    const { indexer, tenant } = (await resolved(outputs.searchKeys)) ?? {};
    expect(indexer).toBe(apiKey(EXISTING.MEILISEARCH_MASTER_KEY, keyUid(SEED, "indexer", 1)));
    expect(await resolved(outputs.frontendEnv.secret)).toEqual({
      ...EXISTING,
      MEILISEARCH_MASTER_KEY: indexer,
      MEILISEARCH_TENANT_KEY: tenant,
      MEILISEARCH_TENANT_KEY_UID: keyUid(SEED, "tenant", 1),
    });
    expect(inputs("Secret", "livekit-secrets").stringData).toEqual({
      "run.livekit.keys.yaml": "kept-api-key: kept-api-secret",
    });
    for (const secret of Object.values(EXISTING)) {
      const holders = registered.filter(({ inputs }) => JSON.stringify(inputs).includes(secret));
      expect([secret, [...new Set(holders.map(kindOf))]]).toEqual([secret, ["Secret"]]);
    }
  });

  it("a Secret without the key is refused", async () => {
    const error = await failure(() => start({ "search:existingSecret": "other" }));
    expect(error).toMatchObject({
      __pulumiRunError: true,
      // Pulumi says before it where it came up.
      message: expect.stringMatching(/: The Secret other has no key MEILISEARCH_MASTER_KEY\.$/),
    });
  });
});

describe("the load balancer of calls", () => {
  it("that has only a host name is refused", async () => {
    balancer = { hostname: "a.elb.example.com" };
    // The whole sentence: kubernetes-media.test.ts.
    expect(await failure(() => start({}))).toMatchObject({
      __pulumiRunError: true,
      message: expect.stringContaining(": The load balancer of calls has only the host name a.elb.example.com, and"),
    });
  });

  it("is not asked where its address is named", async () => {
    balancer = { hostname: "a.elb.example.com" };
    await run({ "rtc:nodeAddress": "198.51.100.1", "rtc:mediaAnnotations": '{"example.com/eip":"a"}' });
    expect(livekitConfig()).toContain("node_ip: 198.51.100.1\\n");
    expect(inputs("Service", "livekit-public").metadata.annotations).toEqual({ "example.com/eip": "a" });
  });
});

it("players get the CDN where there is one", async () => {
  const outputs = await run({ "streaming:cdnUrl": "https://cdn.example.com" });
  expect(await resolved(outputs.hlsUrl)).toBe("https://cdn.example.com/hls");
  expect(await resolved(outputs.connectSrc)).toContain("https://cdn.example.com");
});

it("a mistake is a sentence without a stack trace, and registers nothing", async () => {
  await expect(run({ "search:replicas": "2" })).rejects.toMatchObject({
    __pulumiRunError: true,
    message:
      'A setting needs a change:\n  - search:replicas = "2" cannot work: MeiliSearch keeps its index on one disk and knows of no other server, so a second one would answer from an index of its own. Set it to 1, and give it more memory and processors instead',
  });
  expect(registered).toEqual([]);
  expect(askCluster).not.toHaveBeenCalled();
});

describe("a cluster that does not answer", () => {
  beforeEach(() => {
    askCluster.mockResolvedValue({ unreachable: "prod at https://192.0.2.1 does not answer (ECONNREFUSED)" });
  });

  it("stops an update before anything is asked of it", async () => {
    await expect(run()).rejects.toMatchObject({
      __pulumiRunError: true,
      message:
        "The cluster cannot take the stack as it is:\n  - prod at https://192.0.2.1 does not answer (ECONNREFUSED). Check the kubeconfig (kubectl cluster-info), platform:kubeconfig and platform:context",
    });
    expect(registered).toEqual([]);
  });

  it("does not stop a preview", async () => {
    const preview = vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
    await run();
    expect(objects(registered)).toEqual(ALL);
    expect(warn.mock.calls).toEqual([
      [
        "Not checked against the cluster: prod at https://192.0.2.1 does not answer (ECONNREFUSED). Classes, certificates and the namespace are taken as they are set.",
      ],
      [`Backups of search stay on its volume: set${SET_A_BUCKET}`],
    ]);
    preview.mockRestore();
  });
});
