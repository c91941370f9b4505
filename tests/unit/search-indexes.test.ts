import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonical,
  type IndexSettings,
  LOCALES,
  ORDERED,
  type OwnIndexes,
  parseEmbedders,
  parseOwnIndexes,
  SearchIndexError,
  searchIndexes,
} from "../../components/search/indexes.ts";

const none = { languages: [], locales: [] };
const settingsOf = (uid: string, own: OwnIndexes = {}, options: Partial<Parameters<typeof searchIndexes>[0]> = {}) =>
  searchIndexes({ ...none, own, ...options }).find((index) => index.uid === uid)?.settings;

/** The problems of definitions that are valid one by one. */
function problems(options: Partial<Parameters<typeof searchIndexes>[0]>): readonly string[] {
  try {
    searchIndexes({ ...none, ...options });
  } catch (error) {
    if (error instanceof SearchIndexError) return error.problems;
    throw error;
  }
  return [];
}

/** What both code paths of the app search, filter and sort by. Sets are sorted. */
const messages = {
  searchableAttributes: ["content", "author_name", "author_username", "channel_name"],
  filterableAttributes: [
    "author_id",
    "author_name",
    "author_username",
    "channel_id",
    "channel_name",
    "created_at",
    "has_attachment",
    "has_file",
    "has_image",
    "has_link",
    "has_video",
    "is_deleted",
    "is_edited",
    "is_pinned",
    "is_starred",
    "mentioned_users",
    "mentions_everyone",
    "mentions_here",
    "message_type",
    "parent_thread_id",
    "thread_id",
    "type",
    "updated_at",
    "user_id",
  ],
  sortableAttributes: ["created_at", "updated_at"],
  rankingRules: ["words", "typo", "proximity", "attribute", "sort", "exactness", "created_at:desc"],
  stopWords: [],
  synonyms: {},
  typoTolerance: { minWordSizeForTypos: { oneTypo: 4, twoTypos: 8 }, disableOnAttributes: ["author_username"] },
  pagination: { maxTotalHits: 10_000 },
};
const rankingRules = ["words", "typo", "proximity", "attribute", "sort", "exactness"];
const files = {
  searchableAttributes: [
    "name",
    "original_name",
    "description",
    "uploader_name",
    "uploader_username",
    "extracted_text",
  ],
  filterableAttributes: [
    "channel_id",
    "created_at",
    "extension",
    "file_category",
    "file_type",
    "is_deleted",
    "message_id",
    "mime_type",
    "size",
    "uploader_id",
  ],
  sortableAttributes: ["created_at", "name", "size"],
  rankingRules,
  stopWords: [],
  synonyms: {},
  typoTolerance: { disableOnAttributes: ["uploader_username"] },
};
const users = {
  searchableAttributes: ["display_name", "username", "email", "bio", "job_title", "department"],
  filterableAttributes: ["created_at", "is_active", "is_bot", "last_seen_at", "role"],
  sortableAttributes: ["created_at", "display_name", "last_seen_at", "username"],
  rankingRules,
  typoTolerance: { minWordSizeForTypos: { oneTypo: 3, twoTypos: 6 }, disableOnAttributes: ["email"] },
};
const channels = {
  searchableAttributes: ["name", "description", "topic"],
  filterableAttributes: [
    "category_id",
    "created_at",
    "created_by",
    "is_archived",
    "is_default",
    "is_private",
    "member_count",
    "type",
  ],
  sortableAttributes: ["created_at", "last_message_at", "member_count", "name"],
  rankingRules,
  stopWords: [],
  synonyms: {},
};

describe("the stack's indexes", () => {
  it("are eight, in pairs with the same settings", () => {
    const pair = (uid: string, settings: IndexSettings) => ({ uid, primaryKey: "id", settings });
    expect(searchIndexes(none)).toEqual([
      pair("channels", channels),
      pair("files", files),
      pair("messages", messages),
      pair("nchat_channels", channels),
      pair("nchat_files", files),
      pair("nchat_messages", messages),
      pair("nchat_users", users),
      pair("users", users),
    ]);
  });

  it("have their settings in a fixed order", () => {
    for (const { settings } of searchIndexes({ languages: ["en"], locales: ["en"] })) {
      const order = Object.keys({ ...messages, localizedAttributes: [] });
      expect(Object.keys(settings)).toEqual(order.filter((name) => Object.hasOwn(settings, name)));
    }
  });

  it("are told the languages of texts only where those are named", () => {
    expect(settingsOf("messages")).not.toHaveProperty("localizedAttributes");
    expect(settingsOf("users", {}, { locales: ["ja", "en", "eng"] })?.localizedAttributes).toEqual([
      { attributePatterns: ["*"], locales: ["eng", "jpn"] },
    ]);
  });
});

describe("search:indexes", () => {
  it("adds an index, which is not given words unless it asks for them", () => {
    const own = { notes: { primaryKey: "key", aliases: ["memos"], searchableAttributes: ["*"] } };
    expect(settingsOf("memos", own, { languages: ["en"] })).toEqual({ searchableAttributes: ["*"] });
    expect(searchIndexes({ ...none, own }).map(({ uid, primaryKey }) => [uid, primaryKey])).toContainEqual([
      "memos",
      "key",
    ]);
    expect(
      settingsOf("notes", { notes: { primaryKey: "id", words: true } }, { languages: ["en"] })?.stopWords,
    ).toContain("the");
  });

  it("replaces a field of the file, for the aliases too, and keeps the others", () => {
    const own = { messages: { sortableAttributes: ["size"], typoTolerance: { enabled: false } } };
    for (const uid of ["messages", "nchat_messages"]) {
      expect(settingsOf(uid, own)).toEqual({
        ...messages,
        sortableAttributes: ["size"],
        typoTolerance: { enabled: false },
      });
    }
  });

  it("leaves a setting to the server with null", () => {
    const { stopWords: _, synonyms: __, typoTolerance: ___, ...rest } = messages;
    const own = { messages: { stopWords: null, synonyms: null, typoTolerance: null, localizedAttributes: null } };
    expect(settingsOf("messages", own, { languages: ["en"], locales: ["en"] })).toEqual(rest);
  });

  it("may take an alias apart", () => {
    const own = { messages: { aliases: [] }, nchat_messages: { primaryKey: "id", searchableAttributes: ["content"] } };
    expect(parseOwnIndexes(JSON.stringify(own))).toEqual({ value: own });
    expect(settingsOf("nchat_messages", own)).toEqual({ searchableAttributes: ["content"] });
  });

  it("adds words to those of the languages, and has its own alone without them", () => {
    const own = { messages: { stopWords: ["foo"], synonyms: [["acme", "ac"]] } };
    const both = settingsOf("messages", own, { languages: ["en"] });
    expect(both?.stopWords).toEqual(expect.arrayContaining(["foo", "the"]));
    expect(both?.synonyms).toMatchObject({ ac: ["acme"], acme: ["ac"], msg: ["message"] });
    const alone = settingsOf("messages", { messages: { ...own.messages, words: false } }, { languages: ["en"] });
    expect(alone).toMatchObject({ stopWords: ["foo"], synonyms: { ac: ["acme"], acme: ["ac"] } });
    expect(Object.keys(alone?.synonyms ?? {})).toEqual(["ac", "acme"]);
  });

  it("gives searchable attributes without those that the file has exact", () => {
    const own = { messages: { searchableAttributes: ["content"] } };
    expect(parseOwnIndexes(JSON.stringify(own))).toEqual({ value: own });
  });

  it("lets two terms find each other, alone and in a longer row", () => {
    const own = { messages: { synonyms: { a: ["b", "c"], b: ["a", "c"], c: ["b", "d"], d: ["e"] } } };
    expect(parseOwnIndexes(JSON.stringify(own))).toEqual({ value: own });
  });

  it("takes places where the server does, and paths", () => {
    const own = {
      places: {
        primaryKey: "id",
        displayedAttributes: ["_geo", "_vectors"],
        filterableAttributes: ["_geo", "_geojson", "address.city", { attributePatterns: ["*"] }],
        sortableAttributes: ["_geo"],
        rankingRules: ["sort", "address.city:asc", "a:b:desc"],
      },
    };
    expect(parseOwnIndexes(JSON.stringify(own))).toEqual({ value: own });
  });

  it.each(["", "{", "[]", "null", "3", '"messages"'])("is refused as %j", (text) => {
    expect(parseOwnIndexes(text)).toEqual({
      problems: ['search:indexes must be JSON, an object such as {"notes": {"primaryKey": "id"}}'],
    });
  });

  it("is refused where JSON would lose a part of it, and where it is a pit", () => {
    expect(parseOwnIndexes('{"users": {}, "files": {"words": true}, "users": {"words": true}}')).toEqual({
      problems: ['search:indexes has "users" twice in one object, and the first would be lost. Make them one'],
    });
    expect(parseOwnIndexes('{"messages": {"synonyms": {"__proto__": ["a"]}}}')).toEqual({
      problems: ['search:indexes has "__proto__", which is no name. Remove it'],
    });
    expect(parseOwnIndexes(`{"messages": ${"[".repeat(50_000)}${"]".repeat(50_000)}}`)).toEqual({
      problems: ["search:indexes is deeper than 32 levels. Make it flatter"],
    });
  });

  it("has all its problems told together", () => {
    const text = JSON.stringify({ notes: { wrods: 1 }, files: { rankingRules: ["wrods", "sort"] }, users: 3 });
    expect((parseOwnIndexes(text) as { problems: string[] }).problems).toHaveLength(4);
  });
});

const FIELDS =
  "primaryKey, aliases, words, displayedAttributes, searchableAttributes, filterableAttributes, sortableAttributes, " +
  "rankingRules, stopWords, nonSeparatorTokens, separatorTokens, dictionary, synonyms, distinctAttribute, " +
  "proximityPrecision, typoTolerance, faceting, pagination, embedders, searchCutoffMs, localizedAttributes, " +
  "facetSearch, prefixSearch";

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
    "a stop word of two words",
    { messages: { stopWords: ["of the"] } },
    [
      'search:indexes: the index messages has the stop word "of the", which is not one word, so MeiliSearch never meets it. Write each word by itself, letters and digits only',
    ],
  ],
  [
    "a stop word twice",
    { messages: { stopWords: ["the", "the"] } },
    ['search:indexes: the index messages has "the" twice in stopWords. Keep one'],
  ],
  [
    "synonyms that are no object",
    { messages: { synonyms: "a" } },
    [
      'search:indexes: the index messages has synonyms = "a", which must be groups such as [["pic", "photo"]], or an object such as {"pic": ["photo"]}',
    ],
  ],
  [
    "a synonym of itself",
    { messages: { synonyms: { photo: ["Photo", "pic"] } } },
    [
      'search:indexes: the index messages has the synonym "photo", which finds itself anyway. Remove "Photo" from its terms',
    ],
  ],
  [
    "a synonym of nothing",
    { messages: { synonyms: { photo: [] } } },
    ['search:indexes: the index messages has the synonym "photo", which finds nothing. Give it terms, or remove it'],
  ],
  [
    "a synonym twice",
    { messages: { synonyms: { photo: ["pic", "pic"] } } },
    ['search:indexes: the index messages has the synonym "photo" with "pic" twice. Keep one'],
  ],
  [
    "a synonym without letters",
    { messages: { synonyms: { photo: ["!"] } } },
    ['search:indexes: the index messages has "!" in its synonyms, which has no letter or digit to look for. Remove it'],
  ],
  [
    "a synonym of four words",
    { messages: { synonyms: { "as soon as possible": ["asap"] } } },
    [
      'search:indexes: the index messages has the synonym "as soon as possible" of 4 words, and MeiliSearch looks up 3 at most. Have a shorter term find it: {"…": ["as soon as possible"]}',
    ],
  ],
  [
    "51 synonyms",
    { messages: { synonyms: { photo: Array.from({ length: 51 }, (_, i) => `pic${i}`) } } },
    [
      'search:indexes: the index messages has the synonym "photo" with 51 terms of 51 words, and MeiliSearch takes 50 of 100 words at most. Remove some',
    ],
  ],
  [
    "synonyms in a circle",
    { messages: { synonyms: { a: ["b"], b: ["c"], c: ["a"] } } },
    [
      'search:indexes: the index messages has synonyms in a circle, a → b → c → a, and MeiliSearch goes one step only: a does not find c. Write them as a group: [["a","b","c"]]',
    ],
  ],
  [
    "a group of one",
    { messages: { synonyms: [["photo"]] } },
    [
      'search:indexes: the index messages has the group of synonyms ["photo"], and a synonym takes two terms. Add the other, or remove the group',
    ],
  ],
  [
    "a term twice in a group",
    { messages: { synonyms: [["photo", "Photo"]] } },
    ['search:indexes: the index messages has "photo" twice in a group of synonyms. Keep one'],
  ],
  [
    "a stop word as a synonym",
    { messages: { stopWords: ["photo"], synonyms: { pic: ["photo"] } } },
    [
      'search:indexes: the index messages has the synonym "photo", which is a stop word: MeiliSearch never looks for it. Remove one of the two',
    ],
  ],
  [
    "a stop word in a synonym",
    { messages: { stopWords: ["of"], synonyms: { pos: ["point of sale"] } } },
    [
      'search:indexes: the index messages has the synonym "point of sale", with the word "of", which is a stop word: MeiliSearch never looks for it. Remove one of the two',
    ],
  ],
  [
    "an unknown language of attributes",
    { messages: { localizedAttributes: [{ attributePatterns: ["*"], locales: ["xx"] }] } },
    [
      'search:indexes: the index messages has localizedAttributes[0].locales[0] = "xx", which must be the code of a language that MeiliSearch knows, of ISO 639-1 or 639-3, such as en or eng',
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

it.each<[string, unknown, string[]]>([
  [
    "a name with a space",
    { "a b": { source: "userProvided", dimensions: 3 } },
    ['search:embedders has the embedder "a b", and its name must be letters, digits, - and _ only. Give it another'],
  ],
  [
    "something else",
    { default: 3 },
    [
      'search:embedders: the embedder default is 3, and must be an embedder such as {"source": "userProvided", "dimensions": 1536}',
    ],
  ],
  [
    "no source",
    { default: { dimensions: 3 } },
    [
      "search:embedders: the embedder default lacks source, which must be one of userProvided, openAi, rest: others are not supported",
    ],
  ],
  [
    "another source",
    { default: { source: "huggingFace" } },
    [
      'search:embedders: the embedder default has source = "huggingFace", which must be one of userProvided, openAi, rest: others are not supported',
    ],
  ],
  [
    "no dimensions",
    { default: { source: "userProvided" } },
    ["search:embedders: the embedder default lacks dimensions, which must be a whole number from 1"],
  ],
  [
    "dimensions of 0",
    { default: { source: "userProvided", dimensions: 0 } },
    ["search:embedders: the embedder default has dimensions = 0, which must be a whole number from 1"],
  ],
  [
    "a field of another source",
    { default: { source: "userProvided", dimensions: 3, model: "x" } },
    ['search:embedders: the embedder default has the field "model", which is not known. Use one of source, dimensions'],
  ],
  [
    "a key in plain text",
    { default: { source: "openAi", model: "text-embedding-3-small", apiKey: "sk-123" } },
    [
      "search:embedders: the embedder default has apiKey, a secret in plain text. Remove it, and store it encrypted: pulumi config set --secret search:embedderKey",
    ],
  ],
  [
    "a model that OpenAI lacks",
    { default: { source: "openAi", model: "text-embedding-3" } },
    [
      'search:embedders: the embedder default has model = "text-embedding-3", which must be one of text-embedding-3-small, text-embedding-3-large, text-embedding-ada-002 (a service with others is a rest embedder)',
    ],
  ],
  [
    "more dimensions than the model has",
    { default: { source: "openAi", model: "text-embedding-3-small", dimensions: 1537 } },
    [
      "search:embedders: the embedder default has dimensions = 1537, which must be from 1 to 1536 with text-embedding-3-small",
    ],
  ],
  [
    "other dimensions than the model's only ones",
    { default: { source: "openAi", model: "text-embedding-ada-002", dimensions: 512 } },
    [
      "search:embedders: the embedder default has dimensions = 512, which must be 1536, the only length of text-embedding-ada-002",
    ],
  ],
  [
    "an empty template",
    { default: { source: "openAi", model: "text-embedding-3-small", documentTemplate: " " } },
    [
      'search:embedders: the embedder default has documentTemplate = " ", which must be a Liquid template with text in it',
    ],
  ],
  [
    "no bytes",
    { default: { source: "openAi", model: "text-embedding-3-small", documentTemplateMaxBytes: 0 } },
    [
      "search:embedders: the embedder default has documentTemplateMaxBytes = 0, which must be a whole number of bytes from 1",
    ],
  ],
  [
    "a URL with a password",
    { default: { source: "openAi", model: "text-embedding-3-small", url: "https://me:secret@example.com" } },
    [
      "search:embedders: the embedder default has url = (hidden), which must be a URL that begins with http:// or https:// and has no password in it",
    ],
  ],
  [
    "a request without the text",
    { default: { source: "rest", url: "http://e", request: { input: "text" }, response: "{{embedding}}" } },
    [
      'search:embedders: the embedder default has request = {"input":"text"}, which must be JSON with the string "{{text}}" in it, once',
    ],
  ],
  [
    "an answer with two vectors",
    { default: { source: "rest", url: "http://e", request: "{{text}}", response: ["{{embedding}}", "{{embedding}}"] } },
    [
      'search:embedders: the embedder default has response = ["{{embedding}}","{{embedding}}"], which must be JSON with the string "{{embedding}}" in it, once',
    ],
  ],
  [
    "a list of texts with one vector",
    { default: { source: "rest", url: "http://e", request: ["{{text}}", "{{..}}"], response: "{{embedding}}" } },
    [
      'search:embedders: the embedder default has response = "{{embedding}}", which must be a list with "{{..}}" in it where request is one, and none where it is none',
    ],
  ],
  [
    "a key in a header",
    {
      default: {
        source: "rest",
        url: "http://e",
        request: "{{text}}",
        response: "{{embedding}}",
        headers: { authorization: "Bearer x" },
      },
    },
    [
      "search:embedders: the embedder default has headers = (hidden), which must be without what holds a secret, such as Authorization: the key is search:embedderKey (pulumi config set --secret)",
    ],
  ],
  [
    "a header that is no text",
    { default: { source: "rest", url: "http://e", request: "{{text}}", response: "{{embedding}}", headers: { a: 3 } } },
    ["search:embedders: the embedder default has headers.a = (hidden), which must be text"],
  ],
])("search:embedders is refused with %s", (_, embedders, sentences) => {
  expect(parseEmbedders(JSON.stringify(embedders))).toEqual({ problems: sentences });
});

describe("search:embedders", () => {
  const embedders = {
    own: { source: "userProvided", dimensions: 384 },
    openAi: {
      source: "openAi",
      model: "text-embedding-3-large",
      dimensions: 256,
      documentTemplate: "{{doc.content}}",
      documentTemplateMaxBytes: 800,
      url: "https://openai.example.com/v1/embeddings",
    },
    rest: {
      source: "rest",
      url: "http://embedder:8080/embed",
      request: { input: ["{{text}}", "{{..}}"], model: "m" },
      response: { data: [{ embedding: "{{embedding}}" }, "{{..}}"] },
      headers: { "x-team": "chat" },
    },
  } as const;

  it("is read as it is", () => {
    expect(parseEmbedders(JSON.stringify(embedders))).toEqual({ value: embedders });
    expect(parseEmbedders("{}")).toEqual({ value: {} });
  });

  it("must be JSON", () => {
    expect(parseEmbedders("3")).toEqual({
      problems: [
        'search:embedders must be JSON, an object such as {"default": {"source": "userProvided", "dimensions": 1536}}',
      ],
    });
  });

  it("is for messages and its alias, beside the embedders that search:indexes has there", () => {
    const own = { messages: { embedders: { mine: embedders.own } } };
    const found = searchIndexes({ ...none, own, embedders: { rest: embedders.rest } });
    const expected = { mine: embedders.own, rest: embedders.rest };
    expect(
      found.filter(({ settings }) => settings.embedders).map(({ uid, settings }) => [uid, settings.embedders]),
    ).toEqual([
      ["messages", expected],
      ["nchat_messages", expected],
    ]);
  });

  it("keeps to one length for a name", () => {
    const own = { files: { embedders: { default: { source: "userProvided", dimensions: 384 } } } } as const;
    expect(problems({ own, embedders: { default: { source: "openAi", model: "text-embedding-3-small" } } })).toEqual([
      "search:embedders: the embedder default has 1536 dimensions in search:embedders and 384 dimensions in the index files (dimension mismatch). Give it the same in both, or one of them another name",
    ]);
    expect(problems({ own, embedders: { default: { source: "userProvided", dimensions: 384 } } })).toEqual([]);
  });

  it("is refused beside null", () => {
    expect(problems({ own: { messages: { embedders: null } }, embedders: { own: embedders.own } })).toEqual([
      "search:embedders has embedders, and search:indexes leaves those of messages to the server (null). Remove one of the two",
    ]);
    expect(settingsOf("messages", { messages: { embedders: null } })).not.toHaveProperty("embedders");
  });
});

describe("definitions that are right one by one", () => {
  it("are refused for languages that there are not", () => {
    expect(problems({ languages: ["en", "xx"], locales: ["en_US", "enq"] })).toEqual([
      'search:languages has "xx", which has no words. Use one of en, de, fr, es, pt, it, nl',
      'search:locales has "en_US", which is no language that MeiliSearch knows. Use a code of ISO 639-1 or 639-3, such as en or eng',
      'search:locales has "enq", which is no language that MeiliSearch knows (did you mean en?). Use a code of ISO 639-1 or 639-3, such as en or eng',
    ]);
  });

  it("are refused for a stop word that is a synonym of a language", () => {
    expect(problems({ languages: ["en"], own: { messages: { stopWords: ["msg"] } } })).toEqual([
      'search:indexes: the index messages has the synonym "msg", which is a stop word: MeiliSearch never looks for it. Remove one of the two',
    ]);
  });

  it("have all problems in the message", () => {
    expect(() => searchIndexes({ languages: ["xx"], locales: ["yyy"] })).toThrow(
      /^search:languages has "xx".*\nsearch:locales has "yyy"/,
    );
  });
});

it("knows the server's 139 codes of languages", () => {
  expect(LOCALES).toHaveLength(139);
  expect(new Set(LOCALES).size).toBe(139);
  expect(LOCALES.filter((code) => !/^[a-z]{2,3}$/.test(code))).toEqual([]);
});

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
