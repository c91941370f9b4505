import { expect, it } from "vitest";
import { parseOwnIndexes } from "../../components/search/indexes.ts";
import { FIELDS } from "./helpers/search-indexes.ts";

// Words and languages: search-indexes-words.test.ts.
it.each<[string, unknown, string[]]>([
  [
    "an index that is no object",
    { notes: 3 },
    ['search:indexes: the index notes must be an object such as {"primaryKey": "id"}'],
  ],
  [
    "a uid with a space",
    { "a b": { primaryKey: "id" } },
    [
      'search:indexes has the index "a b", and its uid must be letters, digits, - and _ only, at most 400. Give it another',
    ],
  ],
  [
    "a new index without a primary key",
    { notes: {} },
    [
      'search:indexes: the index notes is new and lacks primaryKey, the attribute that tells its documents apart. Add it, such as "primaryKey": "id"',
    ],
  ],
  [
    "a slip in an index's name",
    { mesages: { words: false } },
    [
      'search:indexes: the index mesages is new (did you mean messages?) and lacks primaryKey, the attribute that tells its documents apart. Add it, such as "primaryKey": "id"',
    ],
  ],
  [
    "a primary key that is none",
    { notes: { primaryKey: 5 } },
    ['search:indexes: the index notes has primaryKey = 5, which must be an attribute such as "id"'],
  ],
  [
    "an unknown field",
    { messages: { searchabelAttributes: [] } },
    [
      `search:indexes: the index messages has the field "searchabelAttributes", which is not known (did you mean searchableAttributes?). Use one of ${FIELDS}`,
    ],
  ],
  [
    "an unknown field inside",
    { messages: { typoTolerance: { minWordSizeForTypos: { oneTypos: 4 } } } },
    [
      'search:indexes: the index messages has the field "typoTolerance.minWordSizeForTypos.oneTypos", which is not known (did you mean oneTypo?). Use one of oneTypo, twoTypos',
    ],
  ],
  [
    "a list that is none",
    { messages: { searchableAttributes: "content" } },
    [
      'search:indexes: the index messages has searchableAttributes = "content", which must be a list of attributes such as ["content", "author_name"]',
    ],
  ],
  [
    "a list with something else in it",
    { messages: { sortableAttributes: ["size", 3] } },
    ["search:indexes: the index messages has sortableAttributes[1] = 3, which must be text"],
  ],
  [
    "an alias that is an index",
    { messages: { aliases: ["files"] } },
    [
      "search:indexes: files is an index and an alias of the index messages (duplicate index). Write its settings in messages, or take it out of those aliases",
    ],
  ],
  [
    "an index that is an alias",
    { nchat_messages: { primaryKey: "id" } },
    [
      "search:indexes: nchat_messages is an index and an alias of the index messages (duplicate index). Write its settings in messages, or take it out of those aliases",
    ],
  ],
  [
    "an alias of two indexes",
    { notes: { primaryKey: "id", aliases: ["nchat_messages"] } },
    ["search:indexes: nchat_messages is an alias of the index messages and of notes (duplicate index). Keep one"],
  ],
  [
    "an alias with a space",
    { messages: { aliases: ["a b"] } },
    [
      'search:indexes: the index messages has aliases[0] = "a b", which must be letters, digits, - and _ only, at most 400',
    ],
  ],
  [
    "an alias twice",
    { messages: { aliases: ["a", "a"] } },
    ['search:indexes: the index messages has "a" twice in aliases. Keep one'],
  ],
  [
    "an unknown ranking rule",
    { messages: { rankingRules: ["wrods", "sort"] } },
    [
      'search:indexes: the index messages has the ranking rule "wrods", which MeiliSearch does not know (did you mean words?). Use one of words, typo, proximity, attribute, attributeRank, wordPosition, sort, exactness, or attribute:asc or attribute:desc',
    ],
  ],
  [
    "a ranking rule without a direction",
    { messages: { rankingRules: ["sort", "created_at"] } },
    [
      'search:indexes: the index messages has the ranking rule "created_at", which MeiliSearch does not know. Use one of words, typo, proximity, attribute, attributeRank, wordPosition, sort, exactness, or attribute:asc or attribute:desc',
    ],
  ],
  [
    "a ranking rule without an attribute",
    { messages: { rankingRules: ["sort", ":desc"] } },
    [
      'search:indexes: the index messages has the ranking rule ":desc", which names no attribute. Write one, such as created_at:desc',
    ],
  ],
  [
    "a ranking rule twice",
    { messages: { rankingRules: ["words", "sort", "words"] } },
    [
      'search:indexes: the index messages has the ranking rule "words" twice, and the second never decides. Keep the first',
    ],
  ],
  [
    "an attribute ranked twice",
    { messages: { rankingRules: ["sort", "size:asc", "size:desc"] } },
    [
      'search:indexes: the index messages has two ranking rules for the attribute "size", and the second never decides. Keep the first',
    ],
  ],
  [
    "both kinds of attribute rule",
    { messages: { rankingRules: ["attribute", "sort", "wordPosition"] } },
    [
      'search:indexes: the index messages has the ranking rules "attribute" and "wordPosition", and MeiliSearch takes only one kind: "attribute" is attributeRank and wordPosition in one. Remove it, or the other',
    ],
  ],
  [
    "a reserved name as ranking rule",
    { messages: { rankingRules: ["sort", "_geoPoint(1,2):asc"] } },
    [
      'search:indexes: the index messages has the ranking rule "_geoPoint(1,2):asc", and MeiliSearch keeps that name for itself. Remove it: places are sorted by in a search',
    ],
  ],
  [
    "sorting without the rule",
    { messages: { rankingRules: ["words"] } },
    [
      'search:indexes: the index messages has sortableAttributes and no ranking rule "sort", and MeiliSearch then refuses every search that sorts. Add the rule, or have no sortableAttributes',
    ],
  ],
  [
    "an empty name",
    { messages: { searchableAttributes: [""] } },
    [
      'search:indexes: the index messages has "" in searchableAttributes, which names no attribute. Write one, without spaces around it',
    ],
  ],
  [
    "a name with a space at its end",
    { messages: { filterableAttributes: ["type "] } },
    [
      'search:indexes: the index messages has "type " in filterableAttributes, which names no attribute. Write one, without spaces around it',
    ],
  ],
  [
    "an attribute twice",
    { messages: { filterableAttributes: ["type", "type"] } },
    ['search:indexes: the index messages has "type" twice in filterableAttributes. Keep one'],
  ],
  [
    "* beside names",
    { messages: { searchableAttributes: ["content", "*"] } },
    [
      'search:indexes: the index messages has "*" in searchableAttributes beside names, and MeiliSearch then takes all attributes as equal. Write ["*"] alone, or the names',
    ],
  ],
  [
    "a pattern in a list of names",
    { messages: { searchableAttributes: ["content_*"] } },
    [
      'search:indexes: the index messages has "content_*" in searchableAttributes, where MeiliSearch knows no patterns. Write each attribute\'s name, or ["*"] for all',
    ],
  ],
  [
    "a pattern among sortable names",
    { messages: { sortableAttributes: ["*_at"] } },
    [
      'search:indexes: the index messages has "*_at" in sortableAttributes, where MeiliSearch knows no patterns. Write each attribute\'s name',
    ],
  ],
  [
    "a pattern as a filterable name",
    { messages: { filterableAttributes: ["*_at"] } },
    [
      'search:indexes: the index messages has "*_at" in filterableAttributes, where MeiliSearch knows no patterns. Write each attribute\'s name, or {"attributePatterns": ["*_at"]}',
    ],
  ],
  [
    "a pattern with * within",
    { messages: { filterableAttributes: [{ attributePatterns: ["a*b"] }] } },
    [
      'search:indexes: the index messages has filterableAttributes[0].attributePatterns[0] = "a*b", which must be an attribute, or a pattern with * at its ends only',
    ],
  ],
  [
    "no patterns",
    { messages: { filterableAttributes: [{ attributePatterns: [] }] } },
    [
      'search:indexes: the index messages has filterableAttributes[0].attributePatterns = [], which must be a list of patterns such as ["title_*"]',
    ],
  ],
  [
    "an unknown feature",
    { messages: { filterableAttributes: [{ attributePatterns: ["a"], features: { filter: { equalty: true } } }] } },
    [
      'search:indexes: the index messages has the field "filterableAttributes[0].features.filter.equalty", which is not known (did you mean equality?). Use one of equality, comparison',
    ],
  ],
  [
    "a filter that is no name",
    { messages: { filterableAttributes: [3] } },
    [
      "search:indexes: the index messages has filterableAttributes[0] = 3, which must be an attribute, or an object with attributePatterns",
    ],
  ],
  [
    "a place in a pattern",
    { messages: { filterableAttributes: [{ attributePatterns: ["_geo"] }] } },
    [
      'search:indexes: the index messages has "_geo" in attributePatterns, where MeiliSearch does not know it. Write "_geo" in filterableAttributes by itself',
    ],
  ],
  [
    "a reserved name",
    { messages: { sortableAttributes: ["_geoPoint"] } },
    [
      'search:indexes: the index messages has "_geoPoint" in sortableAttributes, a name that MeiliSearch keeps for itself. Remove it; places are in _geo',
    ],
  ],
  [
    "a place that is searched",
    { messages: { searchableAttributes: ["content", "_geo"], typoTolerance: null } },
    [
      'search:indexes: the index messages has "_geo" in searchableAttributes, a name that MeiliSearch keeps for itself. Remove it',
    ],
  ],
  [
    "a word size over 255",
    { messages: { typoTolerance: { minWordSizeForTypos: { oneTypo: 256 } } } },
    [
      "search:indexes: the index messages has typoTolerance.minWordSizeForTypos.oneTypo = 256, which must be a whole number of letters from 0 to 255",
    ],
  ],
  [
    "two typos in shorter words than one",
    { messages: { typoTolerance: { minWordSizeForTypos: { twoTypos: 4 } } } },
    [
      "search:indexes: the index messages has minWordSizeForTypos with oneTypo = 5 and twoTypos = 4, and two typos take as long a word at least. Set both (the defaults are 5 and 9)",
    ],
  ],
  [
    "an exact attribute that is not searched",
    { users: { typoTolerance: { disableOnAttributes: ["emial"] } } },
    [
      'search:indexes: the index users has "emial" in typoTolerance.disableOnAttributes, which is not searched (did you mean email?). Use one of searchableAttributes',
    ],
  ],
  [
    "no results",
    { messages: { pagination: { maxTotalHits: 0 } } },
    ["search:indexes: the index messages has pagination.maxTotalHits = 0, which must be a whole number from 1"],
  ],
  [
    "no facet values",
    { messages: { faceting: { maxValuesPerFacet: 0.5 } } },
    ["search:indexes: the index messages has faceting.maxValuesPerFacet = 0.5, which must be a whole number from 1"],
  ],
  [
    "facet values in no order",
    { messages: { faceting: { sortFacetValuesBy: { "*": "size" } } } },
    ['search:indexes: the index messages has faceting.sortFacetValuesBy.* = "size", which must be one of alpha, count'],
  ],
  [
    "a distinct attribute that is the primary key",
    { messages: { distinctAttribute: "id" } },
    [
      'search:indexes: the index messages has distinctAttribute = "id", its primary key, which is distinct already and costs time in each search. Remove it',
    ],
  ],
  [
    "a choice that is none",
    { messages: { proximityPrecision: "byWords" } },
    ['search:indexes: the index messages has proximityPrecision = "byWords", which must be one of byWord, byAttribute'],
  ],
  [
    "an embedder of another source",
    { messages: { embedders: { default: { source: "ollama", model: "x" } } } },
    [
      'search:indexes: the index messages has embedders.default.source = "ollama", which must be one of userProvided, openAi, rest: others are not supported',
    ],
  ],
  [
    "an embedder's name",
    { messages: { embedders: { "a b": { source: "userProvided", dimensions: 3 } } } },
    ['search:indexes: the index messages has the name "a b" in embedders, which must be letters, digits, - and _ only'],
  ],
  [
    "different dimensions",
    {
      messages: { embedders: { default: { source: "openAi", model: "text-embedding-3-small" } } },
      files: { embedders: { default: { source: "userProvided", dimensions: 384 } } },
    },
    [
      "search:indexes: the embedder default has 1536 dimensions in the index messages and 384 dimensions in the index files (dimension mismatch). Give it the same in both, or one of them another name",
    ],
  ],
])("search:indexes is refused with %s", (_, own, sentences) => {
  expect(parseOwnIndexes(JSON.stringify(own))).toEqual({ problems: sentences });
});
