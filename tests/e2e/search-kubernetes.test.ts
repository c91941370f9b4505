import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { nodeAddress } from "../../lab/cluster/addresses.ts";
import { type S3Server, startS3 } from "../../lab/s3.ts";
import { ok } from "./helpers/checkout.ts";
import { MESSAGES, Meilisearch } from "./helpers/meilisearch.ts";
import { objects, ours, soon } from "./helpers/pods.ts";
import {
  introduce,
  makeCertificate,
  makeNamespace,
  Production,
  RESTRICTED,
  untilServed,
} from "./helpers/production.ts";

/** Search as code in a cluster whose pods reach nothing but what they need: the same as on Docker. */
let production: Production;
let s3: S3Server;
// biome-ignore lint/suspicious/noExplicitAny: outputs of all kinds
let outputs: any;

const BUCKET = "backups";
const SECRET = "lab/secret+of=the.bucket";
const PORT = 27_791;

beforeAll(async () => {
  production = await Production.create();
  s3 = await startS3({
    ...{ address: nodeAddress, port: PORT, bucket: BUCKET },
    ...{ accessKeyId: "lab-access-key", secretAccessKey: SECRET },
    folder: join(production.checkout.path, ".local", "s3"),
  });
  await production.settle();
  production.configure({
    "platform:createNamespace": false,
    "rtc:enabled": false,
    "streaming:enabled": false,
    "search:image": "getmeili/meilisearch:v1.49.0",
    "search:backupEndpoint": s3.endpoint,
    "search:backupBucket": BUCKET,
    "search:backupAccessKeyId": "lab-access-key",
  });
  ok(await production.npm("pulumi", ["config", "set", "--secret", "search:backupSecretAccessKey", SECRET]));
  await makeNamespace(RESTRICTED);
  await makeCertificate();
});
afterAll(async () => {
  await production?.remove();
  await s3?.stop();
});

async function up(): Promise<void> {
  ok(await production.up());
  outputs = await production.outputs();
}

const as = (key: string) => new Meilisearch(outputs.searchUrl, key);

const ids = () => {
  const search = { q: "deployment", filter: "is_deleted = false", sort: ["created_at:desc"] };
  return as(outputs.searchKey).found("nchat_messages", search);
};

/** Backups in the bucket, by name. */
const backups = () =>
  readdirSync(join(production.checkout.path, ".local", "s3", BUCKET, "nself-chat", "search"))
    .flatMap((name) => /^(.*)\.dump$/.exec(name)?.[1] ?? [])
    .sort();

describe("npm run up", () => {
  it("makes indexes and keys from inside the cluster", async () => {
    await up();
    await introduce({});
    await untilServed(["search"]);
    const { body } = await as(outputs.searchMasterKey).get("/indexes?limit=100");
    expect(body.results).toHaveLength(8);
    ok(await production.preview("--expect-no-changes"));
  });

  it("gives the app's server a key that can store and find, and nothing more", async () => {
    const key = outputs.frontendEnv.secret.MEILISEARCH_MASTER_KEY;
    expect(key).toBe(outputs.searchKeys.indexer);
    expect(key).not.toBe(outputs.searchMasterKey);
    await as(key).done("POST", "/indexes/nchat_messages/documents", MESSAGES);
    expect(await ids()).toEqual(["2", "1"]);
    expect((await as(key).get("/keys")).status).toBe(403);
    expect((await as(key).send("PATCH", "/indexes/nchat_messages/settings", { stopWords: [] })).status).toBe(403);
  });
});

describe("backups", () => {
  it("reach the bucket, by hand and by the schedule's own Job", async () => {
    const ran = await production.npm("search:backup");
    ok(ran);
    expect(ran.all).toMatch(/Backup \S+ is complete\./);
    expect(backups()).toHaveLength(1);
    ok(await ours("create", "job", "scheduled", "--from=cronjob/meilisearch-backup"));
    ok(await ours("wait", "--for=condition=complete", "job/scheduled", "--timeout=120s"));
    expect(backups()).toHaveLength(2);
  });

  it("leave no secret outside of Secrets", async () => {
    const kinds = "configmap,pod,job,cronjob,statefulset,networkpolicy,event";
    const shown = await ours("get", kinds, "--output=json");
    ok(shown);
    const pods = await objects("pod", "--selector=nself.org/task-of");
    expect(pods.length).toBeGreaterThanOrEqual(3);
    const logs = await Promise.all(pods.map(({ metadata }) => ours("logs", metadata.name)));
    const text = shown.stdout + logs.map(({ all }) => all).join("");
    expect(text).toContain("is complete.");
    for (const secret of [SECRET, outputs.searchMasterKey, ...Object.values<string>(outputs.searchKeys)]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe("an upgrade", () => {
  it("takes a dump first, and keeps everything", async () => {
    production.configure({ "search:image": "getmeili/meilisearch:v1.50.0" });
    await up();
    await untilServed(["search"]);
    expect((await as(outputs.searchMasterKey).get("/version")).body.pkgVersion).toBe("1.50.0");
    expect(await ids()).toEqual(["2", "1"]);
    const kept = await ours("exec", "meilisearch-0", "--", "ls", "/meili_data/backups");
    expect(kept.stdout).toMatch(/^before-v1\.50\.0-\S+\.dump$/m);
    ok(await production.preview("--expect-no-changes"));
  });
});

describe("a task that fails", () => {
  it("tells the server's reason, and is run again when that is mended where Pulumi does not see it", async () => {
    const operator = as(outputs.searchMasterKey);
    await operator.done("POST", "/indexes", { uid: "notes", primaryKey: "id" });
    production.configure({ "search:indexes": { notes: { primaryKey: "key" } } });
    const failed = await production.up();
    expect(failed.exitCode).not.toBe(0);
    expect(failed.all).toContain("The index notes has the primary key id, and the definition says key.");

    await operator.done("DELETE", "/indexes/notes");
    await up();
    expect((await operator.get("/indexes/notes")).body.primaryKey).toBe("key");
  });
});

describe("a lost volume", () => {
  it("is filled again from the bucket", async () => {
    ok(await ours("scale", "statefulset/meilisearch", "--replicas=0"));
    // A claim stays as long as a pod names it, and be it one that has ended.
    ok(await ours("delete", "pod", "--selector=nself.org/task-of=meilisearch"));
    ok(await ours("delete", "persistentvolumeclaim/meilisearch-data-meilisearch-0", "--timeout=180s"));
    ok(await ours("scale", "statefulset/meilisearch", "--replicas=1"));
    await vi.waitFor(async () => {
      const { body } = await as(outputs.searchMasterKey).get("/indexes");
      expect(body.results).toEqual([]);
    }, soon);

    const ran = await production.npm("search:restore", ["--from", "latest", "--yes"]);
    ok(ran);
    expect(ran.all).toContain("Search holds the backup, with the indexes, settings and keys of this stack.");
    expect(await ids()).toEqual(["2", "1"]);
    ok(await production.npm("verify"));
  });
});
