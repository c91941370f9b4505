import { parseDocument } from "yaml";
import { jsonOrUndefined, type Parsed } from "../settings-values.ts";
import { quoted } from "./problems.ts";

/** Levels that a document of the configuration may have: enough for the body of any request. */
const DEEPEST = 32;

/**
 * Parses a setting that is a JSON object, and says so where JSON itself would quietly drop a part of it.
 * @param example what one looks like
 */
export function parseObject(setting: string, text: string, example: string): Parsed<Readonly<Record<string, unknown>>> {
  const value = jsonOrUndefined(text);
  if (!isObject(value)) return { problems: [`${setting} must be JSON, an object such as ${example}`] };
  const levels = levelsOf(value);
  if (levels.length > DEEPEST) return { problems: [`${setting} is deeper than ${DEEPEST} levels. Make it flatter`] };
  if (levels.flat().some((inside) => Object.hasOwn(inside, "__proto__"))) {
    return { problems: [`${setting} has "__proto__", which is no name. Remove it`] };
  }
  const problems = repeatedKeys(text).map(
    (key) => `${setting} has ${quoted(key)} twice in one object, and the first would be lost. Make them one`,
  );
  return problems.length > 0 ? { problems } : { value };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Objects and lists by depth, one level beyond what is allowed; without recursion, which a pit of brackets would break. */
function levelsOf(value: object): object[][] {
  const levels = [[value]];
  for (let last = levels[0]; last && last.length > 0 && levels.length <= DEEPEST; last = levels.at(-1)) {
    levels.push(
      last.flatMap((inside) => Object.values(inside)).filter((item) => typeof item === "object" && item !== null),
    );
  }
  return levels.filter((level) => level.length > 0);
}

/** JSON is YAML, and YAML has no key twice. */
function repeatedKeys(text: string): string[] {
  return parseDocument(text, { strict: false, logLevel: "silent" })
    .errors.filter(({ code }) => code === "DUPLICATE_KEY")
    .map(({ pos: [start] }) => /^"(?:[^"\\]|\\.)*"/.exec(text.slice(start))?.[0] ?? '""')
    .map((key) => JSON.parse(key) as string);
}
