import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { SearchIndexDefinition } from "../../components/search/indexes.ts";
import { shells } from "./helpers/search-scripts.ts";
import { MASTER_KEY, test } from "./helpers/search-setup.ts";

const DONE = "Search is set up.";
const index = (uid: string, settings: SearchIndexDefinition["settings"] = {}) => ({ uid, primaryKey: "id", settings });
const MESSAGES = {
  searchableAttributes: ["title", "body"],
  filterableAttributes: ["channel_id", "user_id"],
  stopWords: ["the"],
  typoTolerance: { minWordSizeForTypos: { oneTypo: 4, twoTypos: 8 } },
} satisfies SearchIndexDefinition["settings"];

test.concurrent.for(shells)(
  "a new index gets all settings in one request without being read, and a second run changes nothing (%s)",
  async (shell, { setup }) => {
    const plan = { indexes: [index("messages", MESSAGES), index("users")] };
    expect(await setup.run(plan, {}, shell)).toEqual({
      exitCode: 0,
      said: ["messages: searchableAttributes, filterableAttributes, stopWords, typoTolerance", DONE],
    });
    const { server } = setup;
    expect(server.changes()).toEqual(["POST /indexes", "POST /indexes", "PATCH /indexes/messages/settings"]);
    expect(server.bodies("POST /indexes")).toEqual([
      { uid: "messages", primaryKey: "id" },
      { uid: "users", primaryKey: "id" },
    ]);
    expect(server.bodies("PATCH /indexes/messages/settings")).toEqual([MESSAGES]);
    expect(server.requests.filter(({ line }) => line.includes("GET /indexes/messages/settings"))).toEqual([]);

    expect(await setup.run(plan, {}, shell)).toEqual({ exitCode: 0, said: [DONE] });
    expect(server.changes()).toEqual([]);
    expect(server.requests.map(({ line }) => line)).toContain("GET /indexes/messages/settings/stop-words");
  },
);

test.concurrent.for(shells)("only what differs is sent (%s)", async (shell, { setup }) => {
  await setup.run({ indexes: [index("messages", MESSAGES), index("users", MESSAGES)] });
  const changed = { ...MESSAGES, stopWords: ["a", "the"] };
  expect(await setup.run({ indexes: [index("messages", MESSAGES), index("users", changed)] }, {}, shell)).toEqual({
    exitCode: 0,
    said: ["users: stopWords", DONE],
  });
  expect(setup.server.changes()).toEqual(["PATCH /indexes/users/settings"]);
  expect(setup.server.bodies("PATCH /indexes/users/settings")).toEqual([{ stopWords: ["a", "the"] }]);
});

const compared: [string, SearchIndexDefinition["settings"], Record<string, unknown>, boolean][] = [
  ["an order that counts", { searchableAttributes: ["a", "b"] }, { searchableAttributes: ["b", "a"] }, true],
  ["the order of a set", { filterableAttributes: ["a", "b"] }, { filterableAttributes: ["b", "a"] }, false],
  ["a set that lacks one", { filterableAttributes: ["a", "b"] }, { filterableAttributes: ["a"] }, true],
  ["a set with one too many", { filterableAttributes: ["a"] }, { filterableAttributes: ["a", "b"] }, true],
  ["a set of brackets", { separatorTokens: ["{", "["] }, { separatorTokens: ["}", "]"] }, true],
  ["a list that is to be empty", { stopWords: [] }, { stopWords: ["the"] }, true],
  ["synonyms", { synonyms: { a: ["b"] } }, { synonyms: { a: ["c"] } }, true],
  [
    "a number that only begins the same",
    { pagination: { maxTotalHits: 1000 } },
    { pagination: { maxTotalHits: 10000 } },
    true,
  ],
  [
    "leaves in another order, and more of them",
    { typoTolerance: { enabled: true, minWordSizeForTypos: { oneTypo: 4, twoTypos: 8 } } },
    { typoTolerance: { minWordSizeForTypos: { twoTypos: 8, oneTypo: 4 }, disableOnNumbers: false, enabled: true } },
    false,
  ],
  ["a leaf that is another", { typoTolerance: { enabled: true } }, { typoTolerance: { enabled: false } }, true],
];
test.concurrent.for(compared)(
  "of what is there and what is wanted, %s",
  async ([, wanted, there, differs], { setup }) => {
    setup.server.indexes.set("a", { primaryKey: "id", settings: there });
    expect(await setup.run({ indexes: [index("a", wanted)] })).toEqual({
      exitCode: 0,
      said: [...(differs ? [`a: ${Object.keys(wanted)}`] : []), DONE],
    });
    expect(setup.server.bodies("PATCH /indexes/a/settings")).toEqual(differs ? [wanted] : []);
  },
);

test.concurrent.for(shells)("settings of the app stay, but for those of a new index (%s)", async (shell, { setup }) => {
  const OWNER = "app";
  setup.server.indexes.set("messages", { primaryKey: "id", settings: { stopWords: ["app"] } });
  const plan = { indexes: [index("messages", { stopWords: ["the"] }), index("users", { stopWords: ["the"] })] };
  expect(await setup.run(plan, { OWNER }, shell)).toEqual({ exitCode: 0, said: ["users: stopWords", DONE] });
  expect(setup.server.changes()).toEqual(["POST /indexes", "PATCH /indexes/users/settings"]);

  const users = setup.server.indexes.get("users");
  if (users) users.settings.stopWords = ["app"];
  expect(await setup.run(plan, { OWNER }, shell)).toEqual({ exitCode: 0, said: [DONE] });
  expect(setup.server.changes()).toEqual([]);
});

test.concurrent.for(shells)("an index without a primary key is given it (%s)", async (shell, { setup }) => {
  setup.server.indexes.set("a", { primaryKey: null, settings: {} });
  expect(await setup.run({ indexes: [index("a")] }, {}, shell)).toEqual({
    exitCode: 0,
    said: ["a: primary key set", DONE],
  });
  expect(setup.server.bodies("PATCH /indexes/a")).toEqual([{ primaryKey: "id" }]);
  expect(setup.server.indexes.get("a")?.primaryKey).toBe("id");
});

test.concurrent("an index with another primary key is left alone", async ({ setup }) => {
  setup.server.indexes.set("a", { primaryKey: "key", settings: {} });
  expect(await setup.run({ indexes: [index("a")] })).toEqual({
    exitCode: 1,
    said: [
      "The index a has the primary key key, and the definition says id. An index with documents keeps its key: change the definition, or delete the index and have the app fill it again.",
    ],
  });
  expect(setup.server.changes()).toEqual([]);
});

test.concurrent("the key of an embedder's service is put in its place, and stands in no argument", async ({
  setup,
}) => {
  const embedders = {
    own: { source: "userProvided", dimensions: 3 },
    small: { source: "openAi", model: "small" },
    large: { source: "openAi", model: "large" },
  } as const;
  const secret = "sk-secret/+=.0123";
  const file = join(setup.folder, "embedder-key");
  writeFileSync(file, secret);
  const plan = { indexes: [index("a", { embedders })], embedderKey: secret };
  const said = ["a: embedders", DONE];
  expect(await setup.run(plan, { EMBEDDER_KEY_FILE: file })).toEqual({ exitCode: 0, said });
  const apiKey = secret;
  const sent = {
    embedders: { ...embedders, small: { ...embedders.small, apiKey }, large: { ...embedders.large, apiKey } },
  };
  expect(setup.server.bodies("PATCH /indexes/a/settings")).toEqual([sent]);
  // The server shows no more than its first letters.
  expect(await setup.run(plan, { EMBEDDER_KEY: secret })).toEqual({ exitCode: 0, said });
  expect(setup.server.bodies("PATCH /indexes/a/settings")).toEqual([sent]);
  expect(setup.arguments()).toContain("@/dev/fd/3");
  expect([secret, MASTER_KEY].filter((text) => setup.arguments().includes(text))).toEqual([]);
});

test.concurrent.for(shells)("an embedder that the plan does not name is removed (%s)", async (shell, { setup }) => {
  const own = { source: "userProvided", dimensions: 3 } as const;
  const rest = { source: "rest", url: "http://localhost", request: { source: "{{text}}" }, response: "{{embedding}}" };
  setup.server.indexes.set("a", { primaryKey: "id", settings: { embedders: { own, "old-1": own, rest } } });
  setup.server.indexes.set("b", { primaryKey: "id", settings: { embedders: { own } } });
  const plan = { indexes: [index("a", { embedders: { own } }), index("b", { embedders: {} })] };
  expect(await setup.run(plan, {}, shell)).toEqual({ exitCode: 0, said: ["a: embedders", "b: embedders", DONE] });
  expect(setup.server.bodies("PATCH /indexes/a/settings")).toEqual([{ embedders: { rest: null, "old-1": null, own } }]);
  expect(setup.server.bodies("PATCH /indexes/b/settings")).toEqual([{ embedders: { own: null } }]);

  expect(await setup.run(plan, {}, shell)).toEqual({ exitCode: 0, said: [DONE] });
  expect(setup.server.changes()).toEqual([]);
});

test.concurrent("the master key can come in a file, which goes before the variable", async ({ setup }) => {
  const file = join(setup.folder, "api-key");
  writeFileSync(file, `${MASTER_KEY}\n`);
  expect(await setup.run({ indexes: [index("a")] }, { API_KEY: "another", API_KEY_FILE: file })).toEqual({
    exitCode: 0,
    said: [DONE],
  });
  expect(setup.arguments()).not.toContain(MASTER_KEY);
});
