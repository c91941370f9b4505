import { describe, expect, it } from "vitest";
import { type IndexSettings, parseOwnIndexes, searchIndexes } from "../../components/search/indexes.ts";
import { none, settingsOf } from "./helpers/search-indexes.ts";

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
