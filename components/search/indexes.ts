import { parse } from "yaml";
import type { Parsed } from "../settings-values.ts";
import { readTemplate } from "../templates.ts";
import { canonical } from "./canonical.ts";
import { dimensionMismatches, type Embedder } from "./embedders.ts";
import { problemsOfIndex, problemsOfWords } from "./index-rules.ts";
import { FIELDS, type IndexSettings, type OwnIndex, type OwnIndexes, uid as validUid } from "./index-schema.ts";
import { isObject, parseObject } from "./json.ts";
import { LOCALES } from "./locales.ts";
import { didYouMean, problemsOf, quoted, unknownField } from "./problems.ts";
import { expand, merged } from "./synonyms.ts";
import { LANGUAGES, wordsFor } from "./words.ts";

export { canonical, ORDERED } from "./canonical.ts";
export { type Embedder, parseEmbedders } from "./embedders.ts";
export type { IndexSettings, OwnIndex, OwnIndexes } from "./index-schema.ts";
export { LOCALES } from "./locales.ts";
export { LANGUAGES } from "./words.ts";

/** An index as it is to be on the server. */
export interface SearchIndexDefinition {
  readonly uid: string;
  readonly primaryKey: string;
  /** Those that are managed, in a fixed order. */
  readonly settings: IndexSettings;
}

/** Definitions are wrong: the message holds all problems together, one a line. */
export class SearchIndexError extends Error {
  override readonly name = "SearchIndexError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

const FILE = "config-templates/search-indexes.yaml";
const SETTING = "search:indexes";
const EXAMPLE = '{"notes": {"primaryKey": "id"}}';
/** The index that `search:embedders` is for. */
const MESSAGES = "messages";

/**
 * Parses the setting `search:indexes`: a JSON object of indexes by uid, in the form of `search-indexes.yaml`. In an index
 * that the file has, a field replaces that of the file, for its aliases too.
 */
export function parseOwnIndexes(text: string): Parsed<OwnIndexes> {
  const parsed = parseObject(SETTING, text, EXAMPLE);
  return "problems" in parsed ? parsed : check(SETTING, parsed.value, template);
}

/**
 * All indexes of the stack, sorted by uid: those of the file and the stack's own, each alias an index of its own, with the
 * words of the languages in them.
 * @param options.languages whose words are used; `LANGUAGES` has those that have any
 * @param options.locales languages that texts are in. None lets the server find out for each text, which suits a chat of
 *   several; naming them helps where short texts mislead it, as with Japanese and Chinese
 * @param options.embedders of the index `messages`
 * @throws SearchIndexError with all problems
 */
export function searchIndexes(options: {
  readonly languages: readonly string[];
  readonly locales: readonly string[];
  readonly own?: OwnIndexes;
  readonly embedders?: Readonly<Record<string, Embedder>>;
}): readonly SearchIndexDefinition[] {
  const { languages, locales, own = {}, embedders = {} } = options;
  const indexes = merge(template(), own);
  const words = wordsFor(languages);
  const definitions = [...indexes].map(([uid, index]) => {
    const asked = uid === MESSAGES ? embedders : {};
    return { uid, index, settings: settingsOf(index, words, locales, asked) };
  });

  const problems = [
    ...notIn("search:languages", languages, LANGUAGES, "has no words"),
    ...notIn("search:locales", locales, LOCALES, "is no language that MeiliSearch knows"),
    ...problemsOfAll(SETTING, indexes, own),
    ...definitions.flatMap(({ uid, settings }) => problemsOfWords(subjectOf(uid, own), settings)),
    ...problemsOfEmbedders(indexes, embedders),
  ];
  if (problems.length > 0) throw new SearchIndexError([...new Set(problems)]);

  return definitions
    .flatMap(({ uid, index: { primaryKey = "", aliases = [] }, settings }) =>
      [uid, ...aliases].map((name) => ({ uid: name, primaryKey, settings: canonical(settings) })),
    )
    .sort((a, b) => (a.uid < b.uid ? -1 : 1));
}

let read: OwnIndexes | undefined;

/** @throws SearchIndexError for a file that is wrong */
function template(): OwnIndexes {
  if (read) return read;
  const parsed = check(FILE, parse(readTemplate("search-indexes.yaml")), () => ({}));
  if ("problems" in parsed) throw new SearchIndexError(parsed.problems);
  read = parsed.value;
  return read;
}

/** Checks indexes field by field, then together with those that they change. */
function check(where: string, value: unknown, base: () => OwnIndexes): Parsed<OwnIndexes> {
  if (!isObject(value)) return { problems: [`${where} must be an object of indexes such as ${EXAMPLE}`] };
  const own = Object.fromEntries(Object.entries(value).map(([uid, index]) => [uid, readIndex(where, uid, index)]));
  const problems = Object.values(own).flatMap((index) => index.problems);
  const valid: OwnIndexes = Object.fromEntries(Object.entries(own).map(([uid, index]) => [uid, index.value]));
  const given = new Set(
    Object.keys(value).filter((uid) => !isObject(value[uid]) || Object.hasOwn(value[uid], "primaryKey")),
  );
  try {
    problems.push(...problemsOfAll(where, merge(base(), valid), valid, given));
  } catch (error) {
    if (!(error instanceof SearchIndexError)) throw error;
    problems.push(...error.problems);
  }
  return problems.length > 0 ? { problems } : { value: valid };
}

/** The fields that are right, and what is wrong with the others. */
function readIndex(where: string, uid: string, index: unknown): { value: OwnIndex; problems: string[] } {
  const subject = `${where}: the index ${uid}`;
  const { error } = validUid.safeParse(uid);
  const problems = error
    ? [`${where} has the index ${quoted(uid)}, and its uid must be ${error.issues[0]?.message}. Give it another`]
    : [];
  if (!isObject(index))
    return { value: {}, problems: [...problems, `${subject} must be an object such as {"primaryKey": "id"}`] };
  const valid = Object.entries(index).filter(([name, value]) => {
    const result = FIELDS.get(name)?.safeParse(value);
    if (!result) problems.push(unknownField(subject, [name], [...FIELDS.keys()]));
    if (result?.error) problems.push(...problemsOf(subject, [name], value, result.error));
    return result?.success;
  });
  return { value: Object.fromEntries(valid), problems };
}

const merge = (base: OwnIndexes, own: OwnIndexes): ReadonlyMap<string, OwnIndex> =>
  new Map(
    [...new Set([...Object.keys(base), ...Object.keys(own)])].map((uid) => [
      uid,
      { ...at(base, uid), ...at(own, uid) },
    ]),
  );

const at = (indexes: OwnIndexes, uid: string) => (Object.hasOwn(indexes, uid) ? indexes[uid] : undefined);

const subjectOf = (uid: string, own: OwnIndexes) => `${at(own, uid) ? SETTING : FILE}: the index ${uid}`;

/**
 * Rules within each index that is written at `where`, and across all.
 * @param given indexes with a primary key, right or wrong
 */
function problemsOfAll(
  where: string,
  indexes: ReadonlyMap<string, OwnIndex>,
  own: OwnIndexes,
  given: ReadonlySet<string> = new Set(),
): string[] {
  const others = [...indexes].filter(([, { primaryKey }]) => primaryKey !== undefined).map(([uid]) => uid);
  return [
    ...[...indexes].flatMap(([uid, index]) => {
      const written = at(own, uid);
      if (!written) return [];
      const subject = `${where}: the index ${uid}`;
      const missing = `${subject} is new${didYouMean(uid, others)} and lacks primaryKey, the attribute that tells its documents apart. Add it, such as "primaryKey": "id"`;
      return [
        ...(index.primaryKey === undefined && !given.has(uid) ? [missing] : []),
        ...problemsOfIndex(subject, index, written),
      ];
    }),
    ...duplicates(where, indexes),
    ...dimensionMismatches(where, places(indexes)),
  ];
}

function duplicates(where: string, indexes: ReadonlyMap<string, OwnIndex>): string[] {
  const owners = new Map<string, string>();
  return [...indexes].flatMap(([uid, { aliases = [] }]) =>
    [...new Set(aliases)].flatMap((alias) => {
      const owner = owners.get(alias);
      owners.set(alias, uid);
      if (indexes.has(alias)) {
        return `${where}: ${alias} is an index and an alias of the index ${uid} (duplicate index). Write its settings in ${uid}, or take it out of those aliases`;
      }
      return owner === undefined
        ? []
        : `${where}: ${alias} is an alias of the index ${owner} and of ${uid} (duplicate index). Keep one`;
    }),
  );
}

const places = (indexes: ReadonlyMap<string, OwnIndex>) =>
  [...indexes].map(([uid, { embedders }]) => [`the index ${uid}`, embedders ?? {}] as const);

function problemsOfEmbedders(indexes: ReadonlyMap<string, OwnIndex>, embedders: Readonly<Record<string, Embedder>>) {
  const names = Object.keys(embedders);
  const same = places(indexes).map(([where, of]) => {
    return [where, Object.fromEntries(Object.entries(of).filter(([name]) => names.includes(name)))] as const;
  });
  return [
    ...(indexes.get(MESSAGES)?.embedders === null && names.length > 0
      ? [
          `search:embedders has embedders, and ${SETTING} leaves those of ${MESSAGES} to the server (null). Remove one of the two`,
        ]
      : []),
    ...dimensionMismatches("search:embedders", [["search:embedders", embedders], ...same]),
  ];
}

function notIn(setting: string, given: readonly string[], known: readonly string[], what: string): string[] {
  const choice = known.length > 20 ? "a code of ISO 639-1 or 639-3, such as en or eng" : `one of ${known.join(", ")}`;
  return given
    .filter((item) => !known.includes(item))
    .map((item) => `${setting} has ${quoted(item)}, which ${what}${didYouMean(item, known)}. Use ${choice}`);
}

/** What of an index is managed; words are added to its own. */
function settingsOf(
  { primaryKey: _, aliases: __, words: withWords, ...index }: OwnIndex,
  words: ReturnType<typeof wordsFor>,
  locales: readonly string[],
  embedders: Readonly<Record<string, Embedder>>,
): IndexSettings {
  const own = index.synonyms ? expand(index.synonyms) : undefined;
  const added = withWords
    ? {
        stopWords: [...words.stopWords, ...(index.stopWords ?? [])],
        synonyms: merged(words.synonyms, own ?? {}),
      }
    : own && { synonyms: own };
  const settings = {
    ...(locales.length > 0 && { localizedAttributes: [{ attributePatterns: ["*"], locales }] }),
    ...index,
    ...added,
    ...(Object.keys(embedders).length > 0 && { embedders: { ...embedders, ...index.embedders } }),
  };
  const unmanaged = Object.entries(index).flatMap(([name, value]) => (value === null ? [name] : []));
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => value !== undefined && !unmanaged.includes(name)),
  );
}
