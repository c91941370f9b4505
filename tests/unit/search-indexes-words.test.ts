import { describe, expect, it } from "vitest";
import { LOCALES, parseOwnIndexes, searchIndexes } from "../../components/search/indexes.ts";
import { problems } from "./helpers/search-indexes.ts";

it.each<[string, unknown, string[]]>([
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
])("search:indexes is refused with %s", (_, own, sentences) => {
  expect(parseOwnIndexes(JSON.stringify(own))).toEqual({ problems: sentences });
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
