import { parse } from "yaml";
import { z } from "zod";
import { readTemplate } from "../templates.ts";
import { object, problemsOf } from "./problems.ts";
import { expand, merged } from "./synonyms.ts";

/** What a language adds to an index. */
export interface Words {
  readonly stopWords: readonly string[];
  /** Groups of terms that find each other. */
  readonly synonyms: readonly (readonly string[])[];
}

const list = z.array(z.string("text"), "a list of texts");
const file = z.record(
  z.string(),
  object("an object with stopWords and synonyms", { stopWords: list, synonyms: z.array(list, "a list of groups") }),
  "an object of languages",
);

const FILE = "config-templates/search-words.yaml";

/** @throws Error with every mistake of the file, which is the project's own. */
function read(): ReadonlyMap<string, Words> {
  const content: unknown = parse(readTemplate("search-words.yaml"));
  const result = file.safeParse(content);
  if (!result.success) throw new Error(problemsOf(`${FILE}: it`, [], content, result.error).join("\n"));
  return new Map(Object.entries(result.data));
}

/** The words of each language, by its code of ISO 639-1. */
export const WORDS = read();

/** The languages that have words. */
export const LANGUAGES: readonly string[] = [...WORDS.keys()];

/** The words of several languages together, synonyms in the server's form. */
export function wordsFor(languages: readonly string[]) {
  const chosen = languages.flatMap((language) => WORDS.get(language) ?? []);
  return {
    stopWords: chosen.flatMap(({ stopWords }) => stopWords.flatMap((word) => [word, capital(word)])),
    synonyms: merged(...chosen.map(({ synonyms }) => expand(synonyms))),
  };
}

/** The server tells "The" from "the", and phones begin a search with a capital. "THE" stays a word, like "IT". */
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
