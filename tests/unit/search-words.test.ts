import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { LANGUAGES, searchIndexes } from "../../components/search/indexes.ts";

interface Words {
  readonly stopWords: readonly string[];
  readonly synonyms: readonly (readonly string[])[];
}
const file = new URL("../../config-templates/search-words.yaml", import.meta.url);
const languages: [string, Words][] = Object.entries(parse(readFileSync(file, "utf8")));

/** Words that look like stop words in one language and mean something: in another, as a name, or as an abbreviation. */
const CONTENT: Readonly<Record<string, string>> = {
  negations:
    "no not non never none nicht kein keine nie ne pas jamais nunca não mai niet geen nooit sin sans ohne senza " +
    "without zonder sem",
  questions:
    "who whom whose which what when where why how to wer was wann wo warum wie qui quoi quand où pourquoi comment " +
    "quién qué cuándo dónde cómo quem quando onde como porque chi dove perché come wat waar waarom hoe",
  pronouns:
    "i you he she it we they us me him her ich du er sie wir ihr je tu elle nous vous yo nosotros eu nós io noi " +
    "ik jij wij",
  English:
    "die den war man hat rat tag gift fast bald art brief arm not but pain coin four main chat pour par car son " +
    "aux dont pendant con para hay era sea come sale dal tale van met ten want door over nog tot bent reeds op do " +
    "be being may will can must is are am on off if while about any some such so an as at been these sus",
  German:
    "arten los las quelle delle gut kind rot tot haar vers mais these such bei aus an am im mit wann kann alle " +
    "nach neste",
  French:
    "or an but if on est sur pois foi dit fait été être les dans la son sa ces cet plus sous sans entre dalle " +
    "indien hier dus onze anche are",
  Spanish: "este mes sobre sur pelo son uno dos al su más tiene esa ha",
  Portuguese: "some sul norte pelo pela mas com os as do no na em ter vão onze",
  Italian: "pero stato stati sera sole nei dei bei due sei uno ed di essere",
  Dutch: "les dans at as was been these bij hun al kan die dit van",
  abbreviations: "it us uk eu la os pm am im ip ai pr hr dm mit ces sla er ed",
  names: "will may mark bill dan ben al ed sue rose van art pat",
};
const content = new Set(Object.values(CONTENT).flatMap((list) => list.split(" ")));

it("has seven languages, and words for nothing else", () => {
  expect(LANGUAGES).toEqual(["en", "de", "fr", "es", "pt", "it", "nl"]);
  expect(languages.map(([language]) => language)).toEqual(LANGUAGES);
});

describe.each(languages)("the words of %s", (language, { stopWords, synonyms }) => {
  it("are 15 to 60 stop words, none twice", () => {
    expect(stopWords.length).toBeGreaterThanOrEqual(15);
    expect(stopWords.length).toBeLessThanOrEqual(60);
    expect(new Set(stopWords).size).toBe(stopWords.length);
  });

  it("are single words in lower case and composed letters, longer than one", () => {
    expect(stopWords.filter((word) => !/^\p{Ll}{2,}$/u.test(word.normalize("NFC")))).toEqual([]);
    const all = [...stopWords, ...synonyms.flat()];
    expect(
      all.filter((word) => word !== word.normalize("NFC") || word !== word.toLowerCase() || word !== word.trim()),
    ).toEqual([]);
  });

  it("have no stop word that means something", () => {
    expect(stopWords.filter((word) => content.has(word))).toEqual([]);
  });

  it("are groups of two to five terms, each of up to three words, none twice", () => {
    expect(synonyms.length).toBeGreaterThanOrEqual(20);
    for (const group of synonyms) {
      expect(group.length, group.join()).toBeGreaterThanOrEqual(2);
      expect(group.length, group.join()).toBeLessThanOrEqual(5);
      expect(new Set(group).size).toBe(group.length);
      for (const term of group)
        expect(term.split(/[^\p{L}\p{N}]+/u).filter(Boolean).length, term).toBeLessThanOrEqual(3);
    }
    const groups = synonyms.map((group) => [...group].sort().join());
    expect(new Set(groups).size).toBe(groups.length);
  });

  it("go together by themselves", () => {
    expect(searchIndexes({ languages: [language], locales: [] })).toHaveLength(8);
  });
});

describe("the words of all languages", () => {
  const settings = searchIndexes({ languages: LANGUAGES, locales: [] });
  const messages = settings.find(({ uid }) => uid === "messages")?.settings;
  const stopWords = messages?.stopWords ?? [];
  const synonyms = messages?.synonyms ?? {};

  it("are for what people write, not for their names", () => {
    const having = settings.filter((index) => index.settings.stopWords).map(({ uid }) => uid);
    expect(having).toEqual(["channels", "files", "messages", "nchat_channels", "nchat_files", "nchat_messages"]);
    expect(settings.filter((index) => index.settings.synonyms).map(({ uid }) => uid)).toEqual(having);
  });

  it("are the union: each stop word small and with a capital, as the server stores it", () => {
    const all = new Set(languages.flatMap(([, words]) => words.stopWords));
    const both = [...all].flatMap((word) => [word, word.charAt(0).toUpperCase() + word.slice(1)]);
    expect([...stopWords].map((word) => word.normalize("NFC")).sort()).toEqual([...new Set(both)].sort());
    expect(stopWords).toContain("fu\u0308r");
    expect(stopWords).toContain("The");
    expect(stopWords).not.toContain("THE");
  });

  it("have each term of a group find all others", () => {
    for (const group of languages.flatMap(([, words]) => words.synonyms)) {
      for (const term of group) {
        expect(synonyms[term], term).toEqual(expect.arrayContaining(group.filter((other) => other !== term)));
      }
    }
  });

  it("have no stop word in a synonym, and none that the server would not take", () => {
    const stops = new Set(stopWords.map((word) => word.normalize("NFC")));
    const terms = Object.keys(synonyms).flatMap((term) => term.split(/[^\p{L}\p{N}]+/u));
    expect(terms.filter((word) => stops.has(word))).toEqual([]);
    expect(Object.entries(synonyms).filter(([term, others]) => others.includes(term) || others.length > 50)).toEqual(
      [],
    );
  });

  it("are few where few are chosen, and none where none are", () => {
    const of = (chosen: string[]) =>
      searchIndexes({ languages: chosen, locales: [] }).find(({ uid }) => uid === "files")?.settings;
    expect(of([])).toMatchObject({ stopWords: [], synonyms: {} });
    expect(of(["nl"])?.stopWords).toContain("het");
    expect(of(["en"])?.stopWords).not.toContain("het");
    expect(of(["en", "nl", "en"])).toEqual(of(["nl", "en"]));
  });
});
