import leven from "leven";
import type { z } from "zod";
import { problemsAcross } from "./settings-rules.ts";
import { type Entry, schema } from "./settings-schema.ts";
import type * as is from "./settings-values.ts";

export { schema } from "./settings-schema.ts";

type Schema = typeof schema;
type ValueOf<K> = K extends is.Kind<infer T> ? T : never;

/** The checked configuration, one object for each namespace. */
export type Settings = { readonly [N in keyof Schema]: { readonly [K in keyof Schema[N]]: Value<Schema[N][K]> } };
type Value<E> = E extends readonly [infer K, string, ...unknown[]] ? ValueOf<K> : never;

/** Configuration is wrong: the message holds all problems of the run, one a line. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? "A setting needs" : `${problems.length} settings need`} a change:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

/** Text of the configuration, and which of its keys are stored encrypted. */
export interface RawConfig {
  readonly values: Readonly<Record<string, string>>;
  readonly isSecret: (key: string) => boolean;
}

/** Whether the setting must be stored encrypted. */
export function isSecretSetting(name: string): boolean {
  const [namespace = "", key = ""] = name.split(":");
  const entry = (schema as Record<string, Record<string, Entry>>)[namespace]?.[key];
  return entry?.[0].secret === true;
}

/** Namespaces that other parts of Pulumi read: their keys are not ours to judge. */
const FOREIGN = new Set(["pulumi", "docker", "kubernetes", "random"]);

/**
 * Checks every key and returns the typed settings.
 * @throws SettingsError with all problems together: unknown keys, broken rules and combinations that cannot work.
 */
export function readSettings(raw: RawConfig): Settings {
  const known = Object.entries(schema).flatMap(([namespace, keys]) =>
    Object.entries<Entry>(keys).map(([key, [kind, , only]]) => ({
      namespace,
      key,
      name: `${namespace}:${key}`,
      kind,
      only,
    })),
  );
  const names = known.map(({ name }) => name);
  const problems = Object.keys(raw.values)
    .filter((name) => !names.includes(name) && !FOREIGN.has(name.split(":")[0] ?? ""))
    .map((name) => `${name} is not a setting${didYouMean(name, names)}. Remove it: pulumi config rm ${name}`);

  const platform = raw.values["platform:kind"] ?? schema.platform.kind[0].fallback;
  problems.push(
    ...known
      .filter(({ name, only }) => only && only !== platform && raw.values[name] !== undefined)
      .map(
        ({ name, only }) =>
          `${name} is a setting of platform:kind = ${only}, and this stack's is ${platform}. Remove it: pulumi config rm ${name}`,
      ),
  );

  const broken = new Set<string>();
  const settings: Record<string, Record<string, unknown>> = {};
  for (const { namespace, key, name, kind } of known) {
    const text = raw.values[name];
    const { value, broken: reasons } = check(name, kind, text, raw.isSecret(name));
    problems.push(...reasons);
    if (reasons.length > 0) broken.add(name);
    settings[namespace] = { ...settings[namespace], [key]: value };
  }

  const checked = settings as unknown as Settings;
  problems.push(
    ...problemsAcross(checked)
      .filter(({ keys }) => !keys.some((name) => broken.has(name)))
      .map(({ message }) => message),
  );
  if (problems.length > 0) throw new SettingsError(problems);
  return checked;
}

/** A broken value gives its default back, so that the rules across settings can still be checked. */
function check(name: string, kind: is.Kind<unknown>, text: string | undefined, encrypted: boolean) {
  const fallback = () => (kind.fallback === undefined ? undefined : kind.parse.parse(kind.fallback));
  if (text === undefined) return { value: fallback(), broken: [] };

  const result = kind.parse.safeParse(text);
  const broken: string[] = [];
  const explained = result.success ? [] : explanations(result.error);
  broken.push(...explained);
  if (!result.success && explained.length === 0) {
    const shown = kind.secret ? "(a secret)" : JSON.stringify(text);
    const fix = kind.fallback === undefined ? `Remove it: pulumi config rm ${name}` : `The default is ${kind.fallback}`;
    broken.push(`${name} = ${shown} must be ${kind.rule}. ${fix}`);
  }
  if (kind.secret && !encrypted) {
    broken.push(`${name} is a secret stored in plain text. Store it encrypted: pulumi config set --secret ${name}`);
  }
  return { value: result.success ? result.data : fallback(), broken };
}

/** What a document says about its mistakes. */
const explanations = ({ issues }: z.ZodError) =>
  issues.flatMap((issue) => (issue.code === "custom" && issue.params?.explained ? [issue.message] : []));

/** Two slips of the finger are near enough to guess what was meant. */
function didYouMean(name: string, names: readonly string[]): string {
  const ranked = names
    .map((other) => ({ other, distance: leven(name, other) }))
    .sort((a, b) => a.distance - b.distance);
  const sameKey = names.find((other) => other.split(":")[1] === name.split(":")[1]);
  const guess = ranked[0] && ranked[0].distance <= 3 ? ranked[0].other : sameKey;
  return guess ? ` (did you mean ${guess}?)` : "";
}
