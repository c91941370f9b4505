import { closestMatch } from "leven";
import { z } from "zod";

/** How a document of the configuration tells what is wrong with it. */

/** Two slips of the finger are near enough to guess what was meant; in a short name one is. */
export function didYouMean(name: string, names: readonly string[]): string {
  const limit = Math.min(2, Math.floor(name.length / 2));
  const guess = closestMatch(name, names, { maxDistance: limit });
  return guess === undefined || guess === name ? "" : ` (did you mean ${guess}?)`;
}

export const quoted = (text: string): string => JSON.stringify(text);

export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** Values that are more than once in a list, each once. */
export const repeated = (list: readonly string[]): string[] => [
  ...new Set(list.filter((item, index) => list.indexOf(item) !== index)),
];

/** An object with these fields and no others; a message that names its fields is how {@link problemsOf} knows them. */
export function object<T extends z.core.$ZodLooseShape>(rule: string, shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") : rule),
  });
}

/** A whole number from 1. */
export const positive = (rule: string) => z.int(rule).min(1, rule);

/** A test picks the schema, so that a problem is told of the form that was meant, and not of both. */
export function either<A, B>(test: (value: unknown) => boolean, yes: z.ZodType<A>, no: z.ZodType<B>) {
  return z.unknown().transform((value, ctx): A | B => {
    const result = (test(value) ? yes : no).safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) ctx.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
}

/**
 * Whole sentences for what a schema found. Each message of the schema is a noun phrase that completes "must be …".
 * @param subject whose value it is, such as `search:indexes: the index messages`
 * @param path where in the subject the value is
 */
export function problemsOf(subject: string, path: readonly string[], value: unknown, error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    const at = [...path, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownField(subject, [...at, key], issue.message.split(", ")));
    }
    if (issue.code === "invalid_key") {
      return `${subject} has the name ${quoted(String(at.at(-1)))} in ${written(at.slice(0, -1))}, which must be ${issue.issues[0]?.message}`;
    }
    const found = issue.path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown>)?.[key], value);
    if (at.length === 0) return `${subject} is ${shown(at, found)}, and must be ${issue.message}`;
    return found === undefined
      ? `${subject} lacks ${written(at)}, which must be ${issue.message}`
      : `${subject} has ${written(at)} = ${shown(at, found)}, which must be ${issue.message}`;
  });
}

export function unknownField(subject: string, path: readonly (string | number)[], known: readonly string[]): string {
  const name = String(path.at(-1));
  if (name === "apiKey") {
    return `${subject} has ${written(path)}, a secret in plain text. Remove it, and store it encrypted: pulumi config set --secret search:embedderKey`;
  }
  return `${subject} has the field ${quoted(written(path))}, which is not known${didYouMean(name, known)}. Use one of ${known.join(", ")}`;
}

/** `typoTolerance.disableOnWords[0]` */
const written = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`),
    "",
  );

/** A header may be a secret, and a URL may have one in it. */
function shown(path: readonly (string | number)[], value: unknown): string {
  const text = JSON.stringify(value);
  if (path.includes("headers") || /:\/\/[^/"]*@/.test(text)) return "(hidden)";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
