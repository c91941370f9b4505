/** Random texts by the rules of RandomPassword and RandomString: at least so many of a kind, then shuffled. */
import { randomInt } from "node:crypto";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

export interface TextRules {
  length: number;
  lower: boolean;
  upper: boolean;
  numeric: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial?: string;
}

export function randomText(rules: TextRules): string {
  const special = rules.overrideSpecial || SPECIAL;
  const kinds = [
    { allowed: rules.lower, least: rules.minLower, letters: LOWER },
    { allowed: rules.upper, least: rules.minUpper, letters: LOWER.toUpperCase() },
    { allowed: rules.numeric, least: rules.minNumeric, letters: NUMERIC },
    { allowed: rules.special, least: rules.minSpecial, letters: special },
  ];
  const alphabet = kinds.map(({ allowed, letters }) => (allowed ? letters : "")).join("");
  if (alphabet === "") throw new Error("no kind of character is allowed: set one of lower, upper, numeric, special");
  const required = kinds.flatMap(({ least, letters }) => pick(letters, least));
  if (required.length > rules.length) {
    throw new Error(
      `length ${rules.length} is less than the ${required.length} characters that the minimums add up to`,
    );
  }
  return shuffle([...required, ...pick(alphabet, rules.length - required.length)]).join("");
}

function pick(letters: string, count: number): string[] {
  return Array.from({ length: count }, () => letters.charAt(randomInt(letters.length)));
}

function shuffle(items: string[]): string[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other] as string, items[last] as string];
  }
  return items;
}
