import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type S3Server, startS3 } from "../../lab/s3.ts";
import { Checkout, ok } from "./helpers/checkout.ts";
import { docker, resetEngine } from "./helpers/engine.ts";
import { MESSAGES, Meilisearch } from "./helpers/meilisearch.ts";

/** Search at three in the morning, on Docker: backups that leave the machine, a lost volume, and an upgrade. */
let checkout: Checkout;
let s3: S3Server;
let outputs: Record<string, string>;
let master: Meilisearch;

const BUCKET = "backups";
const SECRET = "lab/secret+of=the.bucket";
/** The bridge that each engine has: its containers reach this machine there. */
const BRIDGE = "172.17.0.1";
const PORT = 27_790;

beforeAll(async () => {
  await resetEngine();
  checkout = await Checkout.create({
    "rtc:enabled": false,
    "streaming:enabled": false,
    "search:image": "getmeili/meilisearch:v1.49.0",
    "search:backupEvery": 24,
    "search:backupKeep": 2,
    "search:backupKind": "both",
    "search:backupEndpoint": `http://${BRIDGE}:${PORT}`,
    "search:backupBucket": BUCKET,
    "search:backupAccessKeyId": "lab-access-key",
  });
  checkout.chooseLab();
  s3 = await serve();
  ok(await checkout.npm("pulumi", "config", "set", "--secret", "search:backupSecretAccessKey", SECRET));
});
afterAll(async () => {
  const down = await checkout.npm("down", "--yes", "--volumes");
  await s3.stop();
  checkout.remove();
  ok(down);
});

const serve = () =>
  startS3({
    address: BRIDGE,
    port: PORT,
    accessKeyId: "lab-access-key",
    secretAccessKey: SECRET,
    bucket: BUCKET,
    folder: join(checkout.path, ".local", "s3"),
  });

/** What is in the bucket, by the last part of its name. */
const inBucket = () => readdirSync(join(checkout.path, ".local", "s3", BUCKET, "nself-chat", "search")).sort();

async function up(): Promise<string> {
  const ran = await checkout.npm("up", "--yes", "--no-env");
  ok(ran);
  await connect();
  return ran.all;
}

async function connect(): Promise<void> {
  outputs = await checkout.outputs();
  master = new Meilisearch(outputs.searchUrl ?? "", outputs.searchMasterKey ?? "");
}

const ids = async () => {
  const search = { q: "deployment", filter: "is_deleted = false", sort: ["created_at:desc"] };
  return new Meilisearch(outputs.searchUrl ?? "", outputs.searchKey ?? "").found("nchat_messages", search);
};

const backupNames = () => inBucket().flatMap((name) => /^(.*)\.dump$/.exec(name)?.[1] ?? []);

describe("npm run search:backup", () => {
  it("copies dump and snapshot to the bucket, and marks the newest", async () => {
    await up();
    await master.done("POST", "/indexes/nchat_messages/documents", MESSAGES);
    const ran = await checkout.npm("search:backup");
    ok(ran);
    expect(ran.all).toContain("Backing up MeiliSearch 1.49.0: 3 documents in 8 indexes");
    const [name = ""] = backupNames();
    expect(ran.all).toContain(`Backup ${name} is complete.`);
    expect(inBucket()).toEqual([`${name}.counts`, `${name}.dump`, `${name}.sha256`, `${name}.snapshot`, "latest"]);
    const folder = join(checkout.path, ".local", "s3", BUCKET, "nself-chat", "search");
    expect(readFileSync(join(folder, "latest"), "utf8").trim()).toBe(name);
    expect(ran.all).not.toContain(SECRET);
  });

  it("keeps as many as it is told to", async () => {
    const [oldest = ""] = backupNames();
    for (const _ of [1, 2]) ok(await checkout.npm("search:backup"));
    expect(backupNames()).toHaveLength(2);
    expect(backupNames()).not.toContain(oldest);
    const { all } = await checkout.npm("search:restore", "--list");
    for (const name of backupNames()) expect(all).toContain(name);
  });

  it("says so when the bucket is out of reach, and changes nothing", async () => {
    const before = inBucket();
    await s3.stop();
    const ran = await checkout.npm("search:backup");
    expect(ran.exitCode).toBe(1);
    expect(ran.all).toMatch(/search:backupEndpoint/);
    s3 = await serve();
    expect(inBucket()).toEqual(before);
    ok(await checkout.npm("search:backup"));
  });
});

describe("npm run search:restore", () => {
  it("asks first, and refuses a name that nobody knows", async () => {
    const unasked = await checkout.npm("search:restore", "--from", "latest");
    expect(unasked.exitCode).toBe(1);
    expect(unasked.all).toContain("This replaces data. Say that you mean it: --yes");
    const unknown = await checkout.npm("search:restore", "--from", "nobody", "--yes");
    expect(unknown.exitCode).toBe(1);
    expect(unknown.all).toContain(backupNames()[0]);
    expect(await ids()).toEqual(["2", "1"]);
  });

  it("brings documents, settings and keys back after the volume is lost", async () => {
    await master.done("PATCH", "/indexes/nchat_messages/settings", { stopWords: ["zzz"] });
    ok(await checkout.npm("search:backup"));
    const names = [
      "nchat_meilisearch",
      "nchat_meilisearch-backup",
      "nchat_meilisearch-setup",
      "nchat_meilisearch-upgrade",
    ];
    for (const name of names) await docker.getContainer(name).remove({ force: true });
    await docker.getVolume("nchat_meilisearch_data").remove();

    await up();
    expect((await master.get("/indexes/nchat_messages/stats")).body.numberOfDocuments).toBe(0);
    const ran = await checkout.npm("search:restore", "--from", "latest", "--yes");
    ok(ran);
    expect(ran.all).toContain("Search holds the backup, with the indexes, settings and keys of this stack.");
    expect(await ids()).toEqual(["2", "1"]);
    expect((await master.get("/indexes/nchat_messages/settings/stop-words")).body).toContain("the");
    ok(await checkout.npm("verify"));
    ok(await checkout.npm("preview", "--expect-no-changes"));
  });

  it("leaves everything as it was where the backup is broken", async () => {
    const [name = ""] = backupNames();
    const spoil = `cd /meili_data/backups; echo broken > ${name}.dump; sha256sum ${name}.dump > ${name}.sha256`;
    ok(await checkout.run("docker", ["exec", "nchat_meilisearch-backup", "sh", "-c", spoil]));
    const ran = await checkout.npm("search:restore", "--from", name, "--yes");
    expect(ran.exitCode).toBe(1);
    expect(ran.all).toContain("The backup was not restored");
    expect(ran.all).toContain("The data is as it was.");
    expect(await ids()).toEqual(["2", "1"]);
  });
});

describe("an upgrade", () => {
  it.each(["v1.50.0", "v1.51.0"])("to %s takes a dump first, and keeps everything", async (version) => {
    checkout.configure({ "search:image": `getmeili/meilisearch:${version}` });
    await up();
    expect((await master.get("/version")).body.pkgVersion).toBe(version.slice(1));
    expect(await ids()).toEqual(["2", "1"]);
    const { body } = await master.get("/tasks?types=upgradeDatabase&limit=1");
    expect(body.results[0]).toMatchObject({ status: "succeeded", details: { upgradeTo: version } });
    const { stdout } = await checkout.run("docker", ["logs", "nchat_meilisearch-upgrade"]);
    expect(stdout).toContain(`before-${version}-`);
    ok(await checkout.npm("preview", "--expect-no-changes"));
  });

  it("back is refused at preview, with the way out", async () => {
    checkout.configure({ "search:image": "getmeili/meilisearch:v1.50.0" });
    const { exitCode, all } = await checkout.npm("preview");
    expect(exitCode).not.toBe(0);
    expect(all).toContain("MeiliSearch cannot open the data of a later version. Keep v1.51.0 or later");
    expect(await ids()).toEqual(["2", "1"]);
  });
});
