import type { Synonyms } from "./index-schema.ts";
import { listed, quoted, repeated } from "./problems.ts";

/** The server's form: what each term finds besides itself. */
type OneWay = Readonly<Record<string, readonly string[]>>;

/** The server looks up terms of so many words, and takes so many synonyms of one, of so many words together. */
const LONGEST = 3;
const MOST = 50;
const MOST_WORDS = 100;

/** The server's one-way form: of a group, each term finds all others. */
export function expand(synonyms: Synonyms): OneWay {
  if (!isGroups(synonyms)) return synonyms;
  const found = new Map<string, Set<string>>();
  for (const group of synonyms) {
    for (const term of group) {
      const others = group.filter((other) => other !== term);
      found.set(term, new Set([...(found.get(term) ?? []), ...others]));
    }
  }
  return Object.fromEntries([...found].map(([term, others]) => [term, [...others]]));
}

const isGroups = (synonyms: Synonyms): synonyms is readonly (readonly string[])[] => Array.isArray(synonyms);

/** All synonyms of several maps. */
export function merged(...maps: readonly OneWay[]): OneWay {
  const all = new Map<string, Set<string>>();
  for (const [term, others] of maps.flatMap((map) => Object.entries(map))) {
    all.set(term, new Set([...(all.get(term) ?? []), ...others]));
  }
  return Object.fromEntries([...all].map(([term, others]) => [term, [...others]]));
}

/** The words of a term, as the server sees them. */
export const wordsOf = (term: string): string[] => term.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];

/** Terms that are one to the server: it looks past case and accents. */
export const folded = (term: string): string =>
  term
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase()
    .replaceAll("æ", "ae")
    .replaceAll("œ", "oe");

/** What is wrong with the form in which synonyms are written down. */
export function problemsOfGroups(subject: string, synonyms: Synonyms): string[] {
  if (!isGroups(synonyms)) return [];
  return synonyms.flatMap((group) => {
    const twice = repeated(group.map(folded));
    if (twice.length > 0) return `${subject} has ${quoted(twice[0] ?? "")} twice in a group of synonyms. Keep one`;
    return group.length < 2
      ? `${subject} has the group of synonyms ${JSON.stringify(group)}, and a synonym takes two terms. Add the other, or remove the group`
      : [];
  });
}

/**
 * What is wrong with synonyms once they are in the server's form. Two terms that find each other are well; three that
 * find each other one way in a circle are not, because the server follows one step only.
 */
export function problemsOfSynonyms(subject: string, synonyms: OneWay, stopWords: readonly string[]): string[] {
  const stops = new Set(stopWords.map((word) => word.normalize("NFKC")));
  const problems = Object.entries(synonyms).flatMap(([term, others]) => [
    ...problemsOfTerm(subject, term, others),
    ...stopWordsIn(subject, [term, ...others], stops),
  ]);
  const circle = circleOf(synonyms);
  if (circle) {
    problems.push(
      `${subject} has synonyms in a circle, ${[...circle, circle[0]].join(" → ")}, and MeiliSearch goes one step only: ${circle[0]} does not find ${circle[2]}. Write them as a group: [${JSON.stringify(circle)}]`,
    );
  }
  return [...new Set(problems)];
}

function problemsOfTerm(subject: string, term: string, others: readonly string[]): string[] {
  const words = wordsOf(term).length;
  const has = `${subject} has the synonym ${quoted(term)}`;
  const empty = [term, ...others].filter((one) => wordsOf(one).length === 0);
  const itself = others.filter((other) => folded(other) === folded(term));
  const total = others.flatMap(wordsOf).length;
  return [
    ...empty.map(
      (one) => `${subject} has ${quoted(one)} in its synonyms, which has no letter or digit to look for. Remove it`,
    ),
    ...(others.length === 0 ? [`${has}, which finds nothing. Give it terms, or remove it`] : []),
    ...(itself.length > 0
      ? [`${has}, which finds itself anyway. Remove ${listed(itself.map(quoted))} from its terms`]
      : []),
    ...repeated(others.filter((other) => !itself.includes(other))).map(
      (other) => `${has} with ${quoted(other)} twice. Keep one`,
    ),
    ...(words > LONGEST
      ? [
          `${has} of ${words} words, and MeiliSearch looks up ${LONGEST} at most. Have a shorter term find it: {"…": [${quoted(term)}]}`,
        ]
      : []),
    ...(others.length > MOST || total > MOST_WORDS
      ? [
          `${has} with ${others.length} terms of ${total} words, and MeiliSearch takes ${MOST} of ${MOST_WORDS} words at most. Remove some`,
        ]
      : []),
  ];
}

/** The server leaves a stop word out of texts and terms both, and the rest of a term no longer stands together. */
function stopWordsIn(subject: string, terms: readonly string[], stops: ReadonlySet<string>): string[] {
  return terms.flatMap((term) => {
    const stop = wordsOf(term).find((word) => stops.has(word.normalize("NFKC")));
    if (stop === undefined) return [];
    const which = stop === term ? quoted(term) : `${quoted(term)}, with the word ${quoted(stop)}`;
    return `${subject} has the synonym ${which}, which is a stop word: MeiliSearch never looks for it. Remove one of the two`;
  });
}

/** Three or more terms that each find the next and not the one before, back to the first. */
function circleOf(synonyms: OneWay): string[] | undefined {
  const next = (term: string) => (Object.hasOwn(synonyms, term) ? (synonyms[term] ?? []) : []);
  const oneWay = (term: string) => next(term).filter((other) => !next(other).includes(term));
  const done = new Set<string>();
  for (const start of Object.keys(synonyms).sort()) {
    // Without recursion: a chain may be as long as the list.
    const path: { term: string; rest: string[] }[] = [];
    const enter = (term: string) => path.push({ term, rest: oneWay(term) });
    if (!done.has(start)) enter(start);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const other = last.rest.shift();
      if (other === undefined) {
        done.add(last.term);
        path.pop();
        continue;
      }
      const at = path.findIndex(({ term }) => term === other);
      if (at >= 0) return path.slice(at).map(({ term }) => term);
      if (!done.has(other)) enter(other);
    }
  }
  return undefined;
}
