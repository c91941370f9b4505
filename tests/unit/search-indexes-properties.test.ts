import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonical,
  type IndexSettings,
  LOCALES,
  ORDERED,
  parseEmbedders,
  parseOwnIndexes,
  searchIndexes,
} from "../../components/search/indexes.ts";
import { FIELDS } from "./helpers/search-indexes.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const names = fc.uniqueArray(name, { maxLength: 6 });
const distinctWords = fc.uniqueArray(fc.stringMatching(/^[a-zäöüéñ]{2,8}$/), { maxLength: 8 });
const term = fc.stringMatching(/^\d[a-z]{1,6}$/);
const count = fc.integer({ min: 1, max: 100_000 });
const pattern = fc.record(
  {
    attributePatterns: fc.uniqueArray(fc.stringMatching(/^\*?[a-z]{1,5}\*?$/), { minLength: 1, maxLength: 3 }),
    features: fc.record(
      {
        facetSearch: fc.boolean(),
        filter: fc.record({ equality: fc.boolean(), comparison: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["attributePatterns"] },
);

/** Settings that keep all rules: stop words are letters and synonyms begin with a digit, so that none is both. */
const settings: fc.Arbitrary<IndexSettings> = fc.record(
  {
    displayedAttributes: names,
    searchableAttributes: fc.oneof(names, fc.constant(["*"])),
    filterableAttributes: fc.oneof(names, fc.array(pattern, { maxLength: 3 })),
    sortableAttributes: names,
    rankingRules: fc
      .shuffledSubarray(["words", "typo", "proximity", "attributeRank", "wordPosition", "exactness", "size:asc"])
      .map((rules) => [...rules, "sort"]),
    stopWords: distinctWords,
    separatorTokens: fc.uniqueArray(fc.constantFrom("|", "~", "$")),
    synonyms: fc.dictionary(
      term.map((key) => `1${key}`),
      fc.uniqueArray(
        term.map((value) => `2${value}`),
        { minLength: 1, maxLength: 4 },
      ),
      { maxKeys: 5, noNullPrototype: true },
    ),
    distinctAttribute: fc.constant("thread_id"),
    proximityPrecision: fc.constantFrom("byWord", "byAttribute"),
    typoTolerance: fc.record(
      {
        enabled: fc.boolean(),
        minWordSizeForTypos: fc
          .tuple(fc.nat(255), fc.nat(255))
          .map(([a, b]) => ({ oneTypo: Math.min(a, b), twoTypos: Math.max(a, b) })),
        disableOnWords: distinctWords,
        disableOnNumbers: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    faceting: fc.record({ maxValuesPerFacet: count, sortFacetValuesBy: fc.constant({ size: "count" as const }) }),
    pagination: fc.record({ maxTotalHits: count }),
    embedders: fc.record({
      default: fc.record({ source: fc.constant("userProvided" as const), dimensions: fc.constant(3) }),
    }),
    searchCutoffMs: count,
    localizedAttributes: fc.array(
      fc.record({
        attributePatterns: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
        locales: fc.uniqueArray(fc.constantFrom(...LOCALES), { minLength: 1, maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
    facetSearch: fc.boolean(),
    prefixSearch: fc.constantFrom("indexingTime", "disabled"),
  },
  { requiredKeys: [] },
);

const reversed = <T>(list: readonly T[]): T[] => [...list].reverse();

/** The same settings, with sets and keys written the other way round. */
function otherWay(given: IndexSettings): IndexSettings {
  const turn = (value: unknown): unknown => {
    if (Array.isArray(value)) return reversed(value.map(turn));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(reversed(Object.entries(value)).map(([key, inside]) => [key, turn(inside)]));
  };
  return Object.fromEntries(
    reversed(Object.entries(given)).map(([key, value]) => {
      const list =
        ORDERED.has(key as keyof IndexSettings) ||
        (key === "filterableAttributes" && value.some((item: unknown) => typeof item === "object"));
      return [key, list ? reversed(turn(value) as unknown[]) : turn(value)];
    }),
  );
}

describe("whatever is written", () => {
  it("a valid setting is read as it is, and makes an index", () => {
    fc.assert(
      fc.property(settings, fc.boolean(), (given, words) => {
        const own = { notes: { primaryKey: "id", aliases: ["memos"], words, ...given } };
        expect(parseOwnIndexes(JSON.stringify(own))).toEqual({ value: own });
        expect(searchIndexes({ languages: ["de"], locales: [], own })).toHaveLength(10);
      }),
    );
  });

  it("the canonical form is one, whatever the order of sets and keys", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const once = JSON.stringify(canonical(given));
        expect(JSON.stringify(canonical(JSON.parse(once)))).toBe(once);
        expect(JSON.stringify(canonical(otherWay(given)))).toBe(once);
      }),
    );
  });

  it("reading ends with a value or with sentences, never with an error", () => {
    const field = fc.constantFrom(...FIELDS.split(", "));
    const any = fc.jsonValue({ maxDepth: 4 });
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .dictionary(fc.constantFrom("messages", "users", "notes", "a b", "__proto__", "constructor"), any)
        .map((own) => JSON.stringify(own)),
      fc.dictionary(field, any).map((messages) => JSON.stringify({ messages })),
      fc
        .dictionary(field, any)
        .map((of) => JSON.stringify({ messages: { embedders: { of }, typoTolerance: of, synonyms: of } })),
    );
    fc.assert(
      fc.property(text, (given) => {
        for (const parse of [parseOwnIndexes, parseEmbedders]) {
          const parsed = parse(given);
          if ("problems" in parsed) {
            expect(parsed.problems.length).toBeGreaterThan(0);
            for (const problem of parsed.problems) expect(problem).toMatch(/^search:(indexes|embedders)/);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the canonical form", () => {
  it("is the one in which the server answers", () => {
    const given = {
      displayedAttributes: ["b", "a", "b"],
      filterableAttributes: ["z", { attributePatterns: ["q*", "*p"], features: { filter: { comparison: true } } }, "a"],
      rankingRules: ["sort", "words"],
      stopWords: ["für", "Schön", "the"],
      synonyms: { b: ["z", "a"], a: ["b"] },
      distinctAttribute: null,
      typoTolerance: { disableOnWords: ["Müller", "Œuvre"] },
      faceting: { sortFacetValuesBy: { type: "count" as const } },
      localizedAttributes: [{ attributePatterns: ["*"], locales: ["ja", "en"] }],
    };
    expect(JSON.stringify(canonical(given))).toBe(
      JSON.stringify({
        displayedAttributes: ["a", "b"],
        filterableAttributes: [
          "z",
          {
            attributePatterns: ["*p", "q*"],
            features: { facetSearch: false, filter: { equality: true, comparison: true } },
          },
          "a",
        ],
        rankingRules: ["sort", "words"],
        stopWords: ["Schön", "fu\u0308r", "the"],
        synonyms: { a: ["b"], b: ["a", "z"] },
        typoTolerance: { disableOnWords: ["muller", "oeuvre"] },
        faceting: { sortFacetValuesBy: { "*": "alpha", type: "count" } },
        localizedAttributes: [{ attributePatterns: ["*"], locales: ["eng", "jpn"] }],
      }),
    );
  });

  it("keeps the order of what is ordered", () => {
    expect([...ORDERED]).toEqual(["searchableAttributes", "rankingRules", "localizedAttributes"]);
  });
});
