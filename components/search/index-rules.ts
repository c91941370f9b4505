import type { IndexSettings, OwnIndex } from "./index-schema.ts";
import { didYouMean, quoted, repeated } from "./problems.ts";
import { expand, problemsOfGroups, problemsOfSynonyms, wordsOf } from "./synonyms.ts";

/**
 * Rules that one index keeps, each told as a sentence. Its fields have been checked one by one before.
 * @param own the fields of it that are written down here: the others are the file's, which cannot know of them
 */
export function problemsOfIndex(subject: string, index: OwnIndex, own: OwnIndex): string[] {
  return [
    ...namesOfAttributes(subject, index),
    ...filterPatterns(subject, index),
    ...listsWithoutRepeats(subject, index),
    ...rankingRules(subject, index),
    ...sorting(subject, index),
    ...distinct(subject, index),
    ...typoSizes(subject, index),
    ...exactAttributes(subject, { ...index, typoTolerance: own.typoTolerance ?? null }),
    ...stopWords(subject, index),
    ...synonyms(subject, index),
  ];
}

type Field = "searchableAttributes" | "displayedAttributes" | "filterableAttributes" | "sortableAttributes";
const LISTS: readonly Field[] = [
  "displayedAttributes",
  "searchableAttributes",
  "filterableAttributes",
  "sortableAttributes",
];

const plain = (index: OwnIndex, field: Field): string[] =>
  (index[field] ?? []).filter((item) => typeof item === "string");

function namesOfAttributes(subject: string, index: OwnIndex): string[] {
  return [
    ...LISTS.flatMap((field) => plain(index, field).flatMap((name) => nameProblems(subject, index, field, name))),
    ...(index.typoTolerance?.disableOnAttributes ?? []).flatMap((name) =>
      nameProblems(subject, index, "typoTolerance.disableOnAttributes", name),
    ),
    ...(typeof index.distinctAttribute === "string"
      ? nameProblems(subject, index, "distinctAttribute", index.distinctAttribute)
      : []),
  ];
}

/** Names that mean something to the server, by the fields that take them all the same. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  _geo: ["filterableAttributes", "sortableAttributes", "displayedAttributes"],
  _geojson: ["filterableAttributes", "displayedAttributes"],
  _vectors: ["displayedAttributes"],
  _geoDistance: [],
  _geoPoint: [],
  _geoRadius: [],
  _geoBoundingBox: [],
  _geoPolygon: [],
};

function nameProblems(subject: string, index: OwnIndex, field: string, name: string): string[] {
  const has = `${subject} has ${quoted(name)} in ${field}`;
  if (name.trim() !== name || name === "")
    return [`${has}, which names no attribute. Write one, without spaces around it`];
  const all = field === "searchableAttributes" || field === "displayedAttributes";
  if (name === "*" && all) {
    const alone = index[field]?.length === 1;
    return alone
      ? []
      : [`${has} beside names, and MeiliSearch then takes all attributes as equal. Write ["*"] alone, or the names`];
  }
  if (name.includes("*")) {
    const instead = all ? ', or ["*"] for all' : "";
    const pattern = field === "filterableAttributes" ? `, or {"attributePatterns": [${quoted(name)}]}` : "";
    return [`${has}, where MeiliSearch knows no patterns. Write each attribute's name${instead}${pattern}`];
  }
  return reserved(field, name) ? [`${has}, a name that MeiliSearch keeps for itself. ${instead(field)}`] : [];
}

const reserved = (field: string, name: string): boolean => {
  const bare = name.replace(/\(.*$/, "");
  return Object.hasOwn(RESERVED, bare) && !(name === bare && RESERVED[bare]?.includes(field));
};

const instead = (field: string): string =>
  RESERVED._geo?.includes(field) ? "Remove it; places are in _geo" : "Remove it";

function filterPatterns(subject: string, { filterableAttributes }: OwnIndex): string[] {
  return (filterableAttributes ?? []).flatMap((item) =>
    typeof item === "string"
      ? []
      : item.attributePatterns
          .filter((pattern) => Object.hasOwn(RESERVED, pattern))
          .map(
            (pattern) =>
              `${subject} has ${quoted(pattern)} in attributePatterns, where MeiliSearch does not know it. Write ${quoted(pattern)} in filterableAttributes by itself`,
          ),
  );
}

function listsWithoutRepeats(subject: string, index: OwnIndex): string[] {
  const lists: readonly (readonly [string, readonly string[] | null | undefined])[] = [
    ...LISTS.map((field) => [field, plain(index, field)] as const),
    ["stopWords", index.stopWords],
    ["aliases", index.aliases],
    ["nonSeparatorTokens", index.nonSeparatorTokens],
    ["separatorTokens", index.separatorTokens],
    ["dictionary", index.dictionary],
    ["typoTolerance.disableOnWords", index.typoTolerance?.disableOnWords],
    ["typoTolerance.disableOnAttributes", index.typoTolerance?.disableOnAttributes],
  ];
  return lists.flatMap(([field, list]) =>
    repeated(list ?? []).map((item) => `${subject} has ${quoted(item)} twice in ${field}. Keep one`),
  );
}

/** @see https://www.meilisearch.com/docs/capabilities/full_text_search/relevancy/ranking_rules */
const BUILT_IN = ["words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "sort", "exactness"];

function rankingRules(subject: string, { rankingRules: rules }: OwnIndex): string[] {
  if (!rules) return [];
  const attributes = rules.flatMap((rule) => /^(.+):(?:asc|desc)$/s.exec(rule)?.[1] ?? []);
  const halves = ["attributeRank", "wordPosition"].filter((half) => rules.includes(half));
  return [
    ...rules.flatMap((rule) => unknownRule(subject, rule)),
    ...repeated(rules.filter((rule) => BUILT_IN.includes(rule))).map(
      (rule) => `${subject} has the ranking rule ${quoted(rule)} twice, and the second never decides. Keep the first`,
    ),
    ...repeated(attributes).map(
      (name) =>
        `${subject} has two ranking rules for the attribute ${quoted(name)}, and the second never decides. Keep the first`,
    ),
    ...(rules.includes("attribute") && halves.length > 0
      ? [
          `${subject} has the ranking rules "attribute" and "${halves[0]}", and MeiliSearch takes only one kind: "attribute" is attributeRank and wordPosition in one. Remove it, or the other`,
        ]
      : []),
  ];
}

function unknownRule(subject: string, rule: string): string[] {
  if (BUILT_IN.includes(rule)) return [];
  const name = /^(.*):(?:asc|desc)$/s.exec(rule)?.[1];
  const has = `${subject} has the ranking rule ${quoted(rule)}`;
  if (name === undefined) {
    return [
      `${has}, which MeiliSearch does not know${didYouMean(rule, BUILT_IN)}. Use one of ${BUILT_IN.join(", ")}, or attribute:asc or attribute:desc`,
    ];
  }
  if (name.trim() !== name || name === "")
    return [`${has}, which names no attribute. Write one, such as created_at:desc`];
  return reserved("rankingRules", name)
    ? [`${has}, and MeiliSearch keeps that name for itself. Remove it: places are sorted by in a search`]
    : [];
}

function sorting(subject: string, { rankingRules: rules, sortableAttributes }: OwnIndex): string[] {
  if (!rules || rules.includes("sort") || !sortableAttributes?.length) return [];
  return [
    `${subject} has sortableAttributes and no ranking rule "sort", and MeiliSearch then refuses every search that sorts. Add the rule, or have no sortableAttributes`,
  ];
}

function distinct(subject: string, { distinctAttribute, primaryKey }: OwnIndex): string[] {
  if (distinctAttribute == null || distinctAttribute !== primaryKey) return [];
  return [
    `${subject} has distinctAttribute = ${quoted(distinctAttribute)}, its primary key, which is distinct already and costs time in each search. Remove it`,
  ];
}

function typoSizes(subject: string, { typoTolerance }: OwnIndex): string[] {
  const { oneTypo = 5, twoTypos = 9 } = typoTolerance?.minWordSizeForTypos ?? {};
  if (oneTypo <= twoTypos) return [];
  return [
    `${subject} has minWordSizeForTypos with oneTypo = ${oneTypo} and twoTypos = ${twoTypos}, and two typos take as long a word at least. Set both (the defaults are 5 and 9)`,
  ];
}

function exactAttributes(subject: string, { typoTolerance, searchableAttributes }: OwnIndex): string[] {
  const searchable = searchableAttributes ?? ["*"];
  const searched = (name: string) =>
    searchable.some((one) => one === "*" || one === name || name.startsWith(`${one}.`) || one.startsWith(`${name}.`));
  return (typoTolerance?.disableOnAttributes ?? [])
    .filter((name) => name.trim() !== "" && !name.includes("*") && !searched(name))
    .map(
      (name) =>
        `${subject} has ${quoted(name)} in typoTolerance.disableOnAttributes, which is not searched${didYouMean(name, searchable)}. Use one of searchableAttributes`,
    );
}

function stopWords(subject: string, index: OwnIndex): string[] {
  return (index.stopWords ?? [])
    .filter((word) => wordsOf(word)[0] !== word)
    .map(
      (word) =>
        `${subject} has the stop word ${quoted(word)}, which is not one word, so MeiliSearch never meets it. Write each word by itself, letters and digits only`,
    );
}

function synonyms(subject: string, { synonyms: own, stopWords: stops }: OwnIndex): string[] {
  if (!own) return [];
  const groups = problemsOfGroups(subject, own);
  return groups.length > 0 ? groups : problemsOfSynonyms(subject, expand(own), stops ?? []);
}

/** What of an index its words decide, for the time when languages are added to them. */
export const problemsOfWords = (subject: string, { synonyms: map, stopWords: stops }: IndexSettings): string[] =>
  problemsOfSynonyms(subject, map ?? {}, stops ?? []);
