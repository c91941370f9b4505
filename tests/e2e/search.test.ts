import { generateTenantToken } from "meilisearch/token";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Checkout, ok } from "./helpers/checkout.ts";
import { resetEngine } from "./helpers/engine.ts";
import { MESSAGES, Meilisearch } from "./helpers/meilisearch.ts";

/** Search as code on Docker, in order: indexes, keys, and who may do what. */
let checkout: Checkout;
let outputs: Record<string, string>;
let master: Meilisearch;
let browser: Meilisearch;
beforeAll(async () => {
  await resetEngine();
  checkout = await Checkout.create({ "rtc:enabled": false, "streaming:enabled": false });
});
afterAll(async () => {
  const down = await checkout.npm("down", "--yes", "--volumes");
  checkout.remove();
  ok(down);
});

async function up(): Promise<string> {
  const ran = await checkout.npm("up", "--yes", "--no-env");
  ok(ran);
  await connect();
  return ran.all;
}

async function connect(): Promise<void> {
  outputs = await checkout.outputs();
  const { searchUrl = "", searchMasterKey = "", searchKey = "" } = outputs;
  master = new Meilisearch(searchUrl, searchMasterKey);
  browser = new Meilisearch(searchUrl, searchKey);
}

const setupLog = async () => (await checkout.run("docker", ["logs", "nchat_meilisearch-setup"])).stdout;

describe("npm run up", () => {
  it("makes the indexes that both of the app's code paths use, with their settings", async () => {
    await up();
    const { body } = await master.get("/indexes?limit=100");
    expect(body.results.map(({ uid, primaryKey }: Record<string, string>) => `${uid} ${primaryKey}`).sort()).toEqual([
      "channels id",
      "files id",
      "messages id",
      "nchat_channels id",
      "nchat_files id",
      "nchat_messages id",
      "nchat_users id",
      "users id",
    ]);
    for (const uid of ["messages", "nchat_messages"]) {
      const { body: settings } = await master.get(`/indexes/${uid}/settings`);
      expect(settings.searchableAttributes).toEqual(["content", "author_name", "author_username", "channel_name"]);
      expect(settings.filterableAttributes).toContain("is_deleted");
      expect(settings.rankingRules.at(-1)).toBe("created_at:desc");
      expect(settings.pagination.maxTotalHits).toBe(10_000);
      expect(settings.stopWords).toContain("the");
      expect(settings.synonyms.msg).toContain("message");
    }
  });

  it("lets the app's own query work with the browsers' key, which can do nothing else", async () => {
    await master.done("POST", "/indexes/nchat_messages/documents", MESSAGES);
    const search = { q: "deploiment", filter: "is_deleted = false", sort: ["created_at:desc"] };
    expect(await browser.found("nchat_messages", search)).toEqual(["2", "1"]);
    expect((await browser.send("POST", "/indexes/nchat_messages/documents", MESSAGES)).status).toBe(403);
    expect((await browser.get("/indexes/nchat_messages/settings")).status).toBe(403);
    expect((await browser.get("/keys")).status).toBe(403);
    await master.done("POST", "/indexes", { uid: "elsewhere", primaryKey: "id" });
    expect((await browser.send("POST", "/indexes/elsewhere/search", { q: "" })).status).toBe(403);
    await master.done("DELETE", "/indexes/elsewhere");
  });

  it("gives each kind of client a key of its own", async () => {
    const { searchUrl = "", searchKeys } = outputs as { searchUrl?: string; searchKeys?: unknown };
    const { indexer = "", metrics = "", backup = "" } = searchKeys as Record<string, string>;
    const asApp = new Meilisearch(searchUrl, indexer);
    await asApp.done("POST", "/indexes/messages/documents", MESSAGES);
    expect((await asApp.send("PATCH", "/indexes/messages/settings", { stopWords: [] })).status).toBe(403);
    expect((await new Meilisearch(searchUrl, metrics).get("/indexes")).status).toBe(403);
    const read = await fetch(`${searchUrl}/metrics`, { headers: { Authorization: `Bearer ${metrics}` } });
    expect(await read.text()).toContain("meilisearch_db_size_bytes");
    expect((await new Meilisearch(searchUrl, backup).send("POST", "/dumps")).status).toBe(202);
    expect((await new Meilisearch(searchUrl, backup).get("/indexes/messages/documents")).status).toBe(403);
  });

  it("changes nothing the second time", async () => {
    const ran = await checkout.npm("preview", "--expect-no-changes");
    ok(ran);
    const before = (await master.get("/tasks?limit=1")).body.results[0].uid;
    const applied = await checkout.npm("search:apply");
    ok(applied);
    expect(applied.all).toContain("Search is set up.");
    expect((await master.get("/tasks?limit=1")).body.results[0].uid).toBe(before);
  });
});

/** Somebody who may read the public channel, with a token that the app's server made. */
async function aMember(): Promise<Meilisearch> {
  const { searchKeys = {}, searchKeyUids = {} } = outputs as unknown as Record<string, Record<string, string>>;
  const token = await generateTenantToken({
    apiKey: searchKeys.tenant ?? "",
    apiKeyUid: searchKeyUids.tenant ?? "",
    searchRules: { nchat_messages: { filter: "channel_id IN [public]" } },
    expiresAt: new Date(Date.now() + 600_000),
  });
  return new Meilisearch(outputs.searchUrl ?? "", token);
}

describe("a private channel", () => {
  it("stays private behind a tenant token that the app's server makes", async () => {
    const member = await aMember();
    expect(await member.found("nchat_messages", { q: "deployment", filter: "is_deleted = false" })).toEqual(["1"]);
    expect((await member.send("POST", "/indexes/messages/search", { q: "" })).status).toBe(403);
  });
});

describe("a change of definitions", () => {
  it("shows in the preview which index and which setting, and touches no other", async () => {
    checkout.configure({
      "search:indexes": {
        notes: { primaryKey: "key", searchableAttributes: ["text"] },
        users: { stopWords: ["dr"] },
      },
    });
    const { all } = await checkout.npm("preview");
    expect(all).toMatch(/\+ +nself:search:Index notes create/);
    expect(all).toMatch(/~ +nself:search:Index users update \[diff: .*stopWords/);
    expect(all).toMatch(/~ +nself:search:Key frontend update \[diff: ~indexes\]/);
    expect(all).not.toContain("Index messages");
    await up();
    expect((await setupLog()).split("\n").filter((line) => /^[a-z_]+:/.test(line))).toEqual([
      "nchat_users: stopWords",
      "notes: searchableAttributes",
      "users: stopWords",
    ]);
    // With more rights, and the same value.
    expect((await browser.send("POST", "/indexes/notes/search", { q: "" })).status).toBe(200);
  });

  it("restores what somebody changed, or leaves it to the app, by a setting", async () => {
    await master.done("PATCH", "/indexes/users/settings", { stopWords: ["mr"] });
    ok(await checkout.npm("search:apply"));
    expect((await master.get("/indexes/users/settings/stop-words")).body).toEqual(["dr"]);

    checkout.configure({ "search:settingsOwner": "app" });
    await up();
    const { indexer = "" } = outputs.searchKeys as unknown as Record<string, string>;
    const asApp = new Meilisearch(outputs.searchUrl ?? "", indexer);
    await asApp.done("PATCH", "/indexes/users/settings", { stopWords: ["mr"] });
    ok(await checkout.npm("search:apply"));
    expect((await master.get("/indexes/users/settings/stop-words")).body).toEqual(["mr"]);
    checkout.configure({ "search:settingsOwner": undefined });
    await up();
    expect((await master.get("/indexes/users/settings/stop-words")).body).toEqual(["dr"]);
  });

  it("fails the update with what is wrong, loses nothing, and goes on when that is mended", async () => {
    await master.done("POST", "/indexes/notes/documents", [{ key: 1, text: "kept" }]);
    checkout.configure({ "search:indexes": { notes: { primaryKey: "other", searchableAttributes: ["text"] } } });
    const ran = await checkout.npm("up", "--yes", "--no-env");
    expect(ran.exitCode).toBe(1);
    expect(ran.all).toContain("The index notes has the primary key key, and the definition says other.");
    expect((await master.get("/indexes/notes/documents/1")).body).toEqual({ key: 1, text: "kept" });
    checkout.configure({ "search:indexes": { notes: { primaryKey: "key", searchableAttributes: ["text", "title"] } } });
    await up();
    expect((await master.get("/indexes/notes/settings/searchable-attributes")).body).toEqual(["text", "title"]);
  });

  it("is refused at preview where it makes no sense", async () => {
    checkout.configure({
      "search:indexes": { notes: { primaryKey: "key", rankingRules: ["wrods"] }, messages: { aliases: ["notes"] } },
      "search:keys": { reports: { actions: ["search"], indexes: ["nowhere"] }, frontend: { expiresAt: "soon" } },
    });
    const { exitCode, all } = await checkout.npm("preview");
    expect(exitCode).not.toBe(0);
    expect(all).toContain('"wrods"');
    expect(all).toContain("did you mean words?");
    expect(all).toContain('has expiresAt = "soon", which is no date');
    checkout.configure({ "search:indexes": undefined, "search:keys": undefined });
  });
});

describe("rotation", () => {
  it("of a key leaves the one before valid until the next", async () => {
    await up();
    const first = browser;
    checkout.configure({ "search:rotation": { frontend: 2 } });
    await up();
    const second = browser;
    expect((await second.send("POST", "/indexes/messages/search", { q: "" })).status).toBe(200);
    expect((await first.send("POST", "/indexes/messages/search", { q: "" })).status).toBe(200);
    checkout.configure({ "search:rotation": { frontend: 3 } });
    await up();
    expect((await browser.send("POST", "/indexes/messages/search", { q: "" })).status).toBe(200);
    expect((await second.send("POST", "/indexes/messages/search", { q: "" })).status).toBe(200);
    expect((await first.send("POST", "/indexes/messages/search", { q: "" })).status).toBe(403);
  });

  it("of the master key makes all keys new in one update, and keeps the documents", async () => {
    const before = master;
    checkout.configure({ "search:rotation": { frontend: 3, masterKey: 2 } });
    await up();
    expect((await before.get("/keys")).status).toBe(403);
    expect(await browser.found("nchat_messages", { q: "deployment", filter: "is_deleted = false" })).toHaveLength(2);
    const written = await checkout.npm("env", "--out", "app.env");
    ok(written);
    ok(await checkout.npm("preview", "--expect-no-changes"));
  });
});

describe("without a key for browsers", () => {
  it("the one that they had is forgotten, and members search with their tokens", async () => {
    const before = browser;
    checkout.configure({ "search:publicKey": false });
    await up();
    expect(outputs.searchKey).toBeUndefined();
    expect((await before.send("POST", "/indexes/messages/search", { q: "" })).status).toBe(403);
    const member = await aMember();
    expect(await member.found("nchat_messages", { q: "deployment", filter: "is_deleted = false" })).toEqual(["1"]);
    ok(await checkout.npm("verify"));
  });
});
