import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SearchIndexDefinition } from "../../components/search/indexes.ts";
import { type KeyDefinition, keyUid } from "../../components/search/keys.ts";
import { planText } from "../../components/search/plan.ts";

const SEED = "01234567-89ab-4cde-8f01-23456789abcd";
const KEY: KeyDefinition = { name: "reports", version: 1, description: "Reports", actions: ["search"], indexes: ["a"] };

const plan = (change: Partial<Parameters<typeof planText>[0]>) =>
  planText({ indexes: [], keys: [], keepPrevious: true, ...change }, SEED)
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));

const settings = (of: SearchIndexDefinition["settings"]) =>
  plan({ indexes: [{ uid: "a", primaryKey: "id", settings: of }] }).slice(1);

describe("an index", () => {
  it("comes with its primary key, before any setting", () => {
    const indexes = [
      { uid: "a", primaryKey: "id", settings: { stopWords: ["the"] } },
      { uid: "b", primaryKey: "key", settings: {} },
    ];
    expect(plan({ indexes })).toEqual([
      ["index", "a", "id"],
      ["index", "b", "key"],
      ["setting", "a", "stop-words", "set", "stopWords", '["the"]'],
    ]);
  });
});

describe("a setting", () => {
  it("is compared in order where order means something, and as a set elsewhere", () => {
    const of = {
      searchableAttributes: ["title", "body"],
      filterableAttributes: ["id"],
      rankingRules: ["words"],
      synonyms: { a: ["b"] },
    };
    expect(settings(of).map(([, , route, how]) => [route, how])).toEqual([
      ["searchable-attributes", "ordered"],
      ["filterable-attributes", "set"],
      ["ranking-rules", "ordered"],
      ["synonyms", "ordered"],
    ]);
  });

  it("in which the server fills in the rest is compared by its leaves", () => {
    const typoTolerance = { minWordSizeForTypos: { oneTypo: 4, twoTypos: 8 }, disableOnAttributes: ["email"] };
    expect(settings({ typoTolerance })).toEqual([
      ["setting", "a", "typo-tolerance", "part", "typoTolerance", JSON.stringify(typoTolerance)],
      ["leaf", "a", "typo-tolerance", '"oneTypo":4'],
      ["leaf", "a", "typo-tolerance", '"twoTypos":8'],
      ["leaf", "a", "typo-tolerance", '"disableOnAttributes":["email"]'],
    ]);
  });

  it("that needs the key of a service holds its place, and no other embedder does", () => {
    const embedders = {
      own: { source: "userProvided", dimensions: 3 },
      asked: { source: "openAi", model: "small" },
    } as const;
    const indexes = [{ uid: "a", primaryKey: "id", settings: { embedders } }];
    const json = (embedderKey?: string) => JSON.parse(plan({ indexes, embedderKey })[1]?.[5] ?? "");
    expect(json("secret")).toEqual({ ...embedders, asked: { ...embedders.asked, apiKey: "@EMBEDDER_KEY@" } });
    expect(json()).toEqual(embedders);
  });
});

describe("a key", () => {
  it("is what the API is told, in the order in which the server tells it back", () => {
    expect(plan({ keys: [{ ...KEY, expiresAt: "2027-01-31T00:00:00Z" }] })).toEqual([
      [
        "key",
        keyUid(SEED, "reports", 1),
        "reports",
        `{"name":"reports","description":"Reports. Managed by nself-chat.","uid":"${keyUid(SEED, "reports", 1)}","actions":["search"],"indexes":["a"],"expiresAt":"2027-01-31T00:00:00Z"}`,
      ],
    ]);
  });

  it.each([
    [1, true, [1]],
    [2, true, [1, 2]],
    [5, true, [4, 5]],
    [5, false, [5]],
  ])("of version %i has its predecessor beside it: %s", (version, keepPrevious, versions) => {
    const keys = [{ ...KEY, version }];
    expect(plan({ keys, keepPrevious }).map(([, uid]) => uid)).toEqual(
      versions.map((one) => keyUid(SEED, "reports", one)),
    );
  });
});

it("whatever is in a setting, a line stays a line, and its fields stay apart", () => {
  const words = fc.array(fc.string({ unit: "binary" }), { minLength: 1 });
  fc.assert(
    fc.property(words, words, (stopWords, terms) => {
      const synonyms = Object.fromEntries(terms.map((term) => [term, stopWords]));
      const lines = settings({ stopWords, synonyms });
      expect(lines.map((fields) => fields.length)).toEqual([6, 6]);
      expect(lines.map((fields) => JSON.parse(fields[5] ?? ""))).toEqual([stopWords, synonyms]);
    }),
  );
});
