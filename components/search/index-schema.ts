import { z } from "zod";
import { type Embedder, embedder, embedderName } from "./embedders.ts";
import { LOCALES } from "./locales.ts";
import { either, object, positive } from "./problems.ts";

/**
 * Settings of an index, by the names and in the shapes of MeiliSearch's API and in the order in which they are applied.
 * One that is missing is not managed: the server keeps what it has.
 * @see https://www.meilisearch.com/docs/reference/api/settings
 */
export interface IndexSettings {
  /** Attributes that a search gives back. Server's default: all, `["*"]`. */
  readonly displayedAttributes?: readonly string[];
  /** Attributes that are searched, the most important first. Server's default: all, `["*"]`. */
  readonly searchableAttributes?: readonly string[];
  /** Attributes that a search may filter by; the server refuses others. */
  readonly filterableAttributes?: readonly (string | FilterablePattern)[];
  readonly sortableAttributes?: readonly string[];
  /** Built-in rules, and `attribute:asc` or `attribute:desc`. The first that tells two documents apart decides. */
  readonly rankingRules?: readonly string[];
  /** Words that are neither indexed nor looked for. The server tells "The" from "the". */
  readonly stopWords?: readonly string[];
  readonly nonSeparatorTokens?: readonly string[];
  readonly separatorTokens?: readonly string[];
  /** Terms that are one word to the server, such as "J. R. R.". */
  readonly dictionary?: readonly string[];
  /** What each term finds besides itself: one way, and one step. */
  readonly synonyms?: Readonly<Record<string, readonly string[]>>;
  /** A search gives back one document for each value of it. */
  readonly distinctAttribute?: string;
  readonly proximityPrecision?: "byWord" | "byAttribute";
  readonly typoTolerance?: TypoTolerance;
  readonly faceting?: {
    /** Server's default: 100. */
    readonly maxValuesPerFacet?: number;
    readonly sortFacetValuesBy?: Readonly<Record<string, "alpha" | "count">>;
  };
  /** How many results can be paged through. Server's default: 1,000. */
  readonly pagination?: { readonly maxTotalHits?: number };
  readonly embedders?: Readonly<Record<string, Embedder>>;
  /** Milliseconds after which a search gives back what it has. Server's default: 1,500. */
  readonly searchCutoffMs?: number;
  readonly localizedAttributes?: readonly LocalizedAttributes[];
  readonly facetSearch?: boolean;
  readonly prefixSearch?: "indexingTime" | "disabled";
}

/** Attributes by pattern, `*` at one or both ends. The first entry that an attribute fits decides. */
export interface FilterablePattern {
  readonly attributePatterns: readonly string[];
  /** Server's default: equality only. */
  readonly features?: {
    readonly facetSearch?: boolean;
    readonly filter?: { readonly equality?: boolean; readonly comparison?: boolean };
  };
}

export interface TypoTolerance {
  readonly enabled?: boolean;
  /** Letters of the shortest word with one typo and with two. Server's defaults: 5 and 9. */
  readonly minWordSizeForTypos?: { readonly oneTypo?: number; readonly twoTypos?: number };
  readonly disableOnWords?: readonly string[];
  readonly disableOnAttributes?: readonly string[];
  readonly disableOnNumbers?: boolean;
}

/** Languages of the attributes that fit a pattern. The first entry that an attribute fits decides. */
export interface LocalizedAttributes {
  readonly attributePatterns: readonly string[];
  readonly locales: readonly string[];
}

/** Terms that each find others (`{"a": ["b"]}`), or groups of terms that find each other (`[["a", "b"]]`). */
export type Synonyms = Readonly<Record<string, readonly string[]>> | readonly (readonly string[])[];

/** An index as it is written down; `null` leaves a setting to the server. */
export type OwnIndex = {
  /** Attribute that tells documents apart. */
  readonly primaryKey?: string;
  /** Further indexes with the same settings. */
  readonly aliases?: readonly string[];
  /** Adds the words of the chosen languages to `stopWords` and `synonyms`. Default: false. */
  readonly words?: boolean;
  readonly synonyms?: Synonyms | null;
} & { readonly [K in Exclude<keyof IndexSettings, "synonyms">]?: IndexSettings[K] | null };

/** Indexes by uid. */
export type OwnIndexes = Readonly<Record<string, OwnIndex>>;

const text = z.string("text");
const yesOrNo = z.boolean("true or false");
const LETTERS = "a whole number of letters from 0 to 255";
const letters = z.int(LETTERS).min(0, LETTERS).max(255, LETTERS);
const some = <T>(item: z.ZodType<T>, rule: string) => z.array(item, rule).min(1, rule);
const option = z.exactOptional;

const names = z.array(text, 'a list of attributes such as ["content", "author_name"]');
const words = z.array(text, 'a list of words such as ["the", "of"]');
const patterns = some(
  text.regex(/^\*?[^*]*\*?$/, "an attribute, or a pattern with * at its ends only").min(1, "an attribute or a pattern"),
  'a list of patterns such as ["title_*"]',
);
const terms = (rule: string) => z.array(text, rule);

const pattern = object("an attribute, or an object with attributePatterns", {
  attributePatterns: patterns,
  features: option(
    object('an object such as {"filter": {"comparison": true}}', {
      facetSearch: option(yesOrNo),
      filter: option(
        object('an object such as {"comparison": true}', { equality: option(yesOrNo), comparison: option(yesOrNo) }),
      ),
    }),
  ),
});

const settings = {
  displayedAttributes: names,
  searchableAttributes: names,
  filterableAttributes: z.array(
    either((value) => typeof value === "string", text, pattern),
    'a list of attributes such as ["channel_id"]',
  ),
  sortableAttributes: names,
  rankingRules: z.array(text, 'a list of ranking rules such as ["words", "typo", "sort"]'),
  stopWords: words,
  nonSeparatorTokens: z.array(text, 'a list of characters such as ["#"]'),
  separatorTokens: z.array(text, 'a list of characters such as ["|"]'),
  dictionary: z.array(text, 'a list of terms such as ["J. R. R."]'),
  synonyms: either(
    Array.isArray,
    z.array(terms('a group of terms such as ["pic", "photo"]')),
    z.record(z.string(), terms('a list of terms such as ["photo"]'), {
      error: 'groups such as [["pic", "photo"]], or an object such as {"pic": ["photo"]}',
    }),
  ),
  distinctAttribute: z.string("an attribute such as thread_id"),
  proximityPrecision: z.enum(["byWord", "byAttribute"], "one of byWord, byAttribute"),
  typoTolerance: object('an object such as {"minWordSizeForTypos": {"oneTypo": 4}}', {
    enabled: option(yesOrNo),
    minWordSizeForTypos: option(
      object('an object such as {"oneTypo": 5, "twoTypos": 9}', {
        oneTypo: option(letters),
        twoTypos: option(letters),
      }),
    ),
    disableOnWords: option(words),
    disableOnAttributes: option(names),
    disableOnNumbers: option(yesOrNo),
  }),
  faceting: object('an object such as {"maxValuesPerFacet": 100}', {
    maxValuesPerFacet: option(positive("a whole number from 1")),
    sortFacetValuesBy: option(
      z.record(z.string(), z.enum(["alpha", "count"], "one of alpha, count"), 'an object such as {"*": "count"}'),
    ),
  }),
  pagination: object('an object such as {"maxTotalHits": 1000}', {
    maxTotalHits: option(positive("a whole number from 1")),
  }),
  embedders: z.record(embedderName, embedder, "an object of embedders by name"),
  searchCutoffMs: positive("a whole number of milliseconds from 1"),
  localizedAttributes: z.array(
    object('an object such as {"attributePatterns": ["*"], "locales": ["en"]}', {
      attributePatterns: patterns,
      locales: some(
        z.enum(LOCALES, "the code of a language that MeiliSearch knows, of ISO 639-1 or 639-3, such as en or eng"),
        'a list of languages such as ["en"]',
      ),
    }),
    'a list such as [{"attributePatterns": ["*"], "locales": ["en"]}]',
  ),
  facetSearch: yesOrNo,
  prefixSearch: z.enum(["indexingTime", "disabled"], "one of indexingTime, disabled"),
} satisfies Record<keyof IndexSettings, z.ZodType>;

/** Every setting, in the order in which they are applied. */
export const SETTINGS = Object.keys(settings) as (keyof IndexSettings)[];

const UID = "letters, digits, - and _ only, at most 400";

/** @see https://www.meilisearch.com/docs/reference/errors/error_codes: "invalid_index_uid"; it says 512, the code 400. */
export const uid = z.string(UID).regex(/^[a-zA-Z0-9_-]{1,400}$/, UID);

const nullable = Object.entries(settings).map(([name, schema]) => [name, z.nullable(schema)] as const);

/** Every field of an index with its schema. */
export const FIELDS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ["primaryKey", z.string('an attribute such as "id"').regex(/^\S+$/, 'an attribute such as "id"')],
  ["aliases", z.array(uid, 'a list of indexes such as ["nchat_messages"]')],
  ["words", yesOrNo],
  ...nullable,
]);
