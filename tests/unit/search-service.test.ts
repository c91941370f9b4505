import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keyDefinitions } from "../../components/search/key-settings.ts";
import { apiKey, keyUid } from "../../components/search/keys.ts";
import { SearchService, type SearchServiceArgs } from "../../components/search.ts";
import type { Credential, Task, Workload } from "../../components/workload.ts";
import { FakePlatform } from "./helpers/fake-platform.ts";
import { type Registered, recordResources, resolved, settled } from "./helpers/recorder.ts";

let registered: Registered[];
let platform: FakePlatform;
beforeEach(async () => {
  registered = await recordResources();
  platform = new FakePlatform();
});
afterEach(settled);

const SEED = "01234567-89ab-4cde-8f01-23456789abcd";
const INDEXES = [{ uid: "messages", primaryKey: "id", settings: { stopWords: ["the"] } }];
const BUCKET = {
  endpoint: "https://s3.example.com",
  region: "eu-central-1",
  name: "backups",
  prefix: "chat",
  accessKeyId: "access",
  secretAccessKey: "secret",
};

function search(change: Partial<SearchServiceArgs> = {}): SearchService {
  return new SearchService("search", {
    platform,
    image: "example/meilisearch:v1",
    port: 7701,
    startup: 180,
    limits: { memory: 1024, cpus: "2", maxProcesses: 64 },
    indexes: INDEXES,
    keys: keyDefinitions({ keys: {}, rotation: {} }, ["messages"], "stack"),
    ...change,
  });
}

/** Leaf values of a record, secrets in clear. */
const plain = async (record: Readonly<Record<string, pulumi.Input<string>>> | undefined) =>
  resolved(pulumi.output(record ?? {}));

/** Variable and value of each credential. */
const credentials = async (of: Workload | Task | undefined) => {
  const known = (await resolved(pulumi.output((of?.credentials ?? []) as Credential[]))) ?? [];
  return known.map(({ variable, value, file }) => [variable, value, file.path]);
};

describe("the server", () => {
  it("is MeiliSearch, sized from its limits, started by a script that prepares its data", async () => {
    search();
    const [workload] = platform.workloads;
    expect(workload).toMatchObject({
      name: "meilisearch",
      image: "example/meilisearch:v1",
      role: "search",
      user: 65_532,
      args: ["sh", "/etc/meilisearch/start.sh"],
      ports: [
        { name: "http", listen: 7700, publish: 7701, audience: { kind: "web", host: "search", monitored: true } },
      ],
      volumes: [{ name: "meilisearch_data", path: "/meili_data" }],
      probe: { port: 7700, path: "/health", startupBudget: 180 },
      stopGrace: 10,
      reaches: [],
    });
    expect(workload?.env).toEqual({
      MEILI_ENV: "production",
      MEILI_HTTP_ADDR: "0.0.0.0:7700",
      MEILI_DB_PATH: "/meili_data/data.ms",
      MEILI_DUMP_DIR: "/meili_data/dumps",
      MEILI_SNAPSHOT_DIR: "/meili_data/snapshots",
      MEILI_NO_ANALYTICS: "true",
      MEILI_EXPERIMENTAL_ENABLE_METRICS: "true",
      MEILI_MAX_INDEXING_MEMORY: "512MiB",
      MEILI_MAX_INDEXING_THREADS: "2",
    });
    const [file] = workload?.files ?? [];
    expect(file?.path).toBe("/etc/meilisearch/start.sh");
    expect(file?.content).toMatch(
      /^DATA=\/meili_data SEARCH_URL=http:\/\/127\.0\.0\.1:7709 [\s\S]*\nexec meilisearch\n$/,
    );
  });

  it("has its master key as a variable, or as its own configuration", async () => {
    search();
    const [workload] = platform.workloads;
    expect(await resolved(pulumi.output(workload?.credentials ?? []))).toEqual([
      {
        variable: "MEILI_MASTER_KEY",
        value: "generated-meilisearch-master-key",
        file: {
          path: "/etc/meilisearch/config.toml",
          content: 'master_key = "generated-meilisearch-master-key"\n',
          env: { MEILI_CONFIG_FILE_PATH: "/etc/meilisearch/config.toml" },
        },
      },
    ]);
  });

  it("waits for the dump that comes before an upgrade", async () => {
    search();
    const task = platform.workloads[0]?.before;
    expect(task).toMatchObject({
      name: "meilisearch-upgrade",
      image: "example/meilisearch:v1",
      volumes: [{ name: "meilisearch_data", path: "/meili_data" }],
      reaches: [{ kind: "workload", name: "meilisearch", port: 7700 }],
      // As long as the old server may take to be healthy, and half an hour for the dump.
      deadline: 1980,
    });
    expect(task?.env).toEqual({
      SEARCH_URL: "http://meilisearch:7700",
      WAIT_SECONDS: "180",
      DUMP_SECONDS: "1800",
      DATA: "/meili_data",
    });
    expect(await credentials(task)).toEqual([
      ["API_KEY", "generated-meilisearch-master-key", "/run/meilisearch/api-key"],
    ]);
  });

  it("reaches the services that embedders ask", () => {
    search({ embedderUrls: ["https://api.openai.com", "http://ollama:11434/embed", "http://ai/embed"] });
    expect(platform.workloads[0]?.reaches).toEqual([
      { kind: "host", host: "api.openai.com", port: 443 },
      { kind: "host", host: "ollama", port: 11_434 },
      { kind: "host", host: "ai", port: 80 },
    ]);
    expect(platform.workloads[0]?.env).not.toHaveProperty("MEILI_EXPERIMENTAL_ALLOWED_IP_NETWORKS");
    search({ embedderNetworks: ["10.0.0.0/8", "192.168.7.0/24"] });
    expect(platform.workloads[1]?.env).toMatchObject({
      MEILI_EXPERIMENTAL_ALLOWED_IP_NETWORKS: "10.0.0.0/8,192.168.7.0/24",
    });
  });

  it("answers encrypted where the platform does", async () => {
    expect(await resolved(search().url)).toBe("https://chat.example.com:7701");
  });
});

describe("indexes and keys", () => {
  it("are brought about by one task with a plan, and no secret in it", async () => {
    search({ settingsOwner: "app", embedderKey: "embedder-token" });
    const [task] = platform.tasks;
    expect(task).toMatchObject({ name: "meilisearch-setup", deadline: 360 });
    expect(await plain(task?.env)).toEqual({
      SEARCH_URL: "http://meilisearch:7700",
      WAIT_SECONDS: "180",
      PLAN: "/etc/meilisearch/plan.tsv",
      OWNER: "app",
    });
    expect(await credentials(task)).toEqual([
      ["API_KEY", "generated-meilisearch-master-key", "/run/meilisearch/api-key"],
      ["EMBEDDER_KEY", "embedder-token", "/run/meilisearch/embedder-key"],
    ]);
    const [plan] = task?.files ?? [];
    const text = (await resolved(plan?.content)) ?? "";
    expect(text).toContain("index\tmessages\tid\n");
    expect(text).toContain(`key\t${SEED}\tfrontend\t`);
    expect(text + task?.script).not.toMatch(/generated-|embedder-token/);
  });

  it("are resources, so that a preview shows what changes", async () => {
    search();
    await settled();
    const of = (type: string) => registered.filter((resource) => resource.type === type);
    expect(of("nself:search:Index").map(({ name, inputs }) => [name, inputs])).toEqual([
      ["messages", { primaryKey: "id", stopWords: ["the"], settingsOwner: "stack" }],
    ]);
    expect(
      of("nself:search:Key")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["backup", "frontend", "indexer", "metrics", "tenant"]);
  });

  it("have values that are known before the server runs", async () => {
    const { searchKey = pulumi.output("none"), tenant, keys, keyUids, masterKey } = search();
    const master = (await resolved(masterKey)) ?? "";
    expect(await resolved(searchKey)).toBe(apiKey(master, SEED));
    expect(await plain(keyUids)).toMatchObject({ frontend: SEED, indexer: keyUid(SEED, "indexer", 1) });
    expect(Object.keys(keys)).toEqual(["indexer", "tenant", "metrics", "backup"]);
    expect(await resolved(keys.indexer)).toBe(apiKey(master, keyUid(SEED, "indexer", 1)));
    expect(await resolved(tenant.uid)).toBe(keyUid(SEED, "tenant", 1));
    expect(await resolved(tenant.key)).toBe(await resolved(keys.tenant));
    const of = [searchKey, tenant.uid, tenant.key, masterKey, ...Object.values(keys)];
    const secret = await Promise.all(of.map((key) => pulumi.isSecret(key)));
    expect(secret).toEqual([false, false, true, true, true, true, true, true]);
  });

  it("are scoped for the app's server, unless it is to have the master key", async () => {
    const { appKey, keys, masterKey } = search();
    expect(await resolved(appKey)).toBe(await resolved(keys.indexer));
    const all = search({ appKey: "master" });
    expect(await resolved(all.appKey)).toBe(await resolved(masterKey));
    expect(await pulumi.isSecret(all.appKey)).toBe(true);
  });

  it("must be there where something needs them", () => {
    expect(() => search({ keys: [] })).toThrow("The search service has no key named frontend.");
  });
});

describe("the master key", () => {
  it("is the user's where one is given", async () => {
    const { masterKey } = search({ masterKey: "m".repeat(32) });
    expect(await resolved(masterKey)).toBe("m".repeat(32));
    expect(await pulumi.isSecret(masterKey)).toBe(true);
  });

  it("is the platform's where that keeps it", async () => {
    const { masterKey } = search({ existingSecret: "keys" });
    expect(await resolved(masterKey)).toBe("MEILISEARCH_MASTER_KEY-of-keys");
    expect(await pulumi.isSecret(masterKey)).toBe(true);
  });

  it("is another after a rotation, and the one before stays, since it may be protected", async () => {
    const { masterKey } = search({ masterKeyVersion: 2, protect: true });
    expect(await resolved(masterKey)).toBe("generated-meilisearch-master-key-2");
    await settled();
    const made = registered.filter(({ type }) => type.endsWith(":RandomPassword"));
    expect(made.map(({ name, options }) => [name, options.protect])).toEqual([
      ["meilisearch-master-key", true],
      ["meilisearch-master-key-2", true],
    ]);
  });
});

describe("backups", () => {
  it("are not made where nobody asks for them", () => {
    search();
    expect(platform.schedules).toEqual([]);
  });

  it("are a scheduled task with a key for nothing else", async () => {
    const { keys } = search({ backup: { every: 6, kind: "both", keep: 3, bucket: BUCKET } });
    const [[task, every] = []] = platform.schedules;
    expect(every).toBe(6);
    expect(task).toMatchObject({
      name: "meilisearch-backup",
      volumes: [{ name: "meilisearch_data", path: "/meili_data" }],
      reaches: [
        { kind: "workload", name: "meilisearch", port: 7700 },
        { kind: "host", host: "s3.example.com", port: 443 },
      ],
    });
    expect(task?.env).toEqual({
      SEARCH_URL: "http://meilisearch:7700",
      WAIT_SECONDS: "21600",
      DATA: "/meili_data",
      KINDS: "dump snapshot",
      KEEP: "3",
      S3_ENDPOINT: "https://s3.example.com",
      S3_REGION: "eu-central-1",
      S3_BUCKET: "backups",
      S3_PREFIX: "chat",
      S3_ACCESS_KEY_ID_FILE: "/run/meilisearch/s3-access-key-id",
    });
    expect(task?.files).toEqual([{ path: "/run/meilisearch/s3-access-key-id", content: "access", secret: true }]);
    expect(await credentials(task)).toEqual([
      ["API_KEY", await resolved(keys.backup), "/run/meilisearch/api-key"],
      ["S3_SECRET_ACCESS_KEY", "secret", "/run/meilisearch/s3-secret-access-key"],
    ]);
  });

  it("stay on the volume where there is no bucket", () => {
    search({ backup: { every: 24, kind: "dump", keep: 7 } });
    const [[task] = []] = platform.schedules;
    expect(task?.env).toMatchObject({ KINDS: "dump", S3_ENDPOINT: "" });
    expect(task?.reaches).toHaveLength(1);
    expect(task?.credentials).toHaveLength(1);
  });
});
