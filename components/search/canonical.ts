import { type FilterablePattern, type IndexSettings, SETTINGS } from "./index-schema.ts";
import { longCode } from "./locales.ts";
import { folded } from "./synonyms.ts";

/**
 * Settings whose order counts. All other lists are sets, but for `filterableAttributes` with patterns in it: the first
 * that an attribute fits decides, so that one keeps its order as well.
 */
export const ORDERED: ReadonlySet<keyof IndexSettings> = new Set([
  "searchableAttributes",
  "rankingRules",
  "localizedAttributes",
]);

/**
 * The one form of settings that mean the same, and the form in which the server gives them back: sets and keys sorted as
 * it sorts them, by their bytes; words as it stores them; defaults of a pattern filled in. What is not managed stays out.
 */
export function canonical(settings: { readonly [K in keyof IndexSettings]?: IndexSettings[K] | null }): IndexSettings {
  return Object.fromEntries(
    SETTINGS.flatMap((name) => {
      const value = settings[name];
      return value === undefined || value === null ? [] : [[name, (forms[name] ?? asIs)(value as never)]];
    }),
  );
}

const asIs = (value: unknown) => value;

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const set = (list: readonly string[]) => [...new Set(list)].sort(byBytes);
const map = <T>(of: Readonly<Record<string, T>>, form: (value: T) => unknown = asIs) =>
  Object.fromEntries(
    Object.entries(of)
      .sort(([a], [b]) => byBytes(a, b))
      .map(([key, value]) => [key, form(value)]),
  );

/** The fields of an object that are there, in this order. */
const fields = <T extends object>(of: T, forms: { readonly [K in keyof T]-?: (value: never) => unknown }) =>
  Object.fromEntries(
    (Object.keys(forms) as (keyof T & string)[]).flatMap((key) =>
      of[key] === undefined ? [] : [[key, forms[key](of[key] as never)]],
    ),
  );

const forms: {
  readonly [K in keyof IndexSettings]-?: ((value: NonNullable<IndexSettings[K]>) => unknown) | undefined;
} = {
  displayedAttributes: set,
  searchableAttributes: undefined,
  filterableAttributes: (items) =>
    items.every((item) => typeof item === "string")
      ? set(items)
      : items.map((item) => (typeof item === "string" ? item : pattern(item))),
  sortableAttributes: set,
  rankingRules: undefined,
  stopWords: (words) => set(words.map(decomposed)),
  nonSeparatorTokens: set,
  separatorTokens: set,
  dictionary: set,
  synonyms: (terms) => map(terms, set),
  distinctAttribute: undefined,
  proximityPrecision: undefined,
  typoTolerance: (value) =>
    fields(value, {
      enabled: asIs,
      minWordSizeForTypos: (sizes: object) =>
        fields(sizes as { oneTypo: number; twoTypos: number }, { oneTypo: asIs, twoTypos: asIs }),
      disableOnWords: (words: readonly string[]) => set(words.map(folded)),
      disableOnAttributes: set,
      disableOnNumbers: asIs,
    }),
  faceting: (value) =>
    fields(value, {
      maxValuesPerFacet: asIs,
      sortFacetValuesBy: (orders: Readonly<Record<string, string>>) => map({ "*": "alpha", ...orders }),
    }),
  pagination: undefined,
  embedders: (value) => map(value, (embedder) => fields(embedder as Whole, EMBEDDER)),
  searchCutoffMs: undefined,
  localizedAttributes: (rules) =>
    rules.map(({ attributePatterns, locales }) => ({
      attributePatterns: set(attributePatterns),
      locales: set(locales.map(longCode)),
    })),
  facetSearch: undefined,
  prefixSearch: undefined,
};

const pattern = ({ attributePatterns, features }: FilterablePattern) => ({
  attributePatterns: set(attributePatterns),
  features: {
    facetSearch: features?.facetSearch ?? false,
    filter: { equality: features?.filter?.equality ?? true, comparison: features?.filter?.comparison ?? false },
  },
});

/** The server decomposes what Unicode can, but for the letters of Swedish, and keeps case and accents. */
const decomposed = (word: string) =>
  word.normalize("NFKD").replace(/[AaOo]\u0308|[Aa]\u030a/g, (letter) => letter.normalize("NFC"));

type Whole = Record<keyof typeof EMBEDDER, unknown>;
const EMBEDDER = {
  source: asIs,
  model: asIs,
  dimensions: asIs,
  documentTemplate: asIs,
  documentTemplateMaxBytes: asIs,
  url: asIs,
  request: asIs,
  response: asIs,
  headers: (headers: Readonly<Record<string, string>>) => map(headers),
};
