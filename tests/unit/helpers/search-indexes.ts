import { type OwnIndexes, SearchIndexError, searchIndexes } from "../../../components/search/indexes.ts";

export const none = { languages: [], locales: [] };
export const settingsOf = (
  uid: string,
  own: OwnIndexes = {},
  options: Partial<Parameters<typeof searchIndexes>[0]> = {},
) => searchIndexes({ ...none, own, ...options }).find((index) => index.uid === uid)?.settings;

/** The problems of definitions that are valid one by one. */
export function problems(options: Partial<Parameters<typeof searchIndexes>[0]>): readonly string[] {
  try {
    searchIndexes({ ...none, ...options });
  } catch (error) {
    if (error instanceof SearchIndexError) return error.problems;
    throw error;
  }
  return [];
}

/** All that an index of one's own may have, as a refusal names it. */
export const FIELDS =
  "primaryKey, aliases, words, displayedAttributes, searchableAttributes, filterableAttributes, sortableAttributes, " +
  "rankingRules, stopWords, nonSeparatorTokens, separatorTokens, dictionary, synonyms, distinctAttribute, " +
  "proximityPrecision, typoTolerance, faceting, pagination, embedders, searchCutoffMs, localizedAttributes, " +
  "facetSearch, prefixSearch";
