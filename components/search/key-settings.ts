import leven from "leven";
import { z } from "zod";
import type { Parsed } from "../settings-values.ts";
import { parseObject } from "./json.ts";
import { type KeyDefinition, type KeyRights, type SettingsOwner, standardKeys } from "./keys.ts";

/** What configuration says of a key: a new one needs actions and indexes, one of the stack's can have an expiry date. */
type OwnKey = Partial<Pick<KeyRights, "actions" | "indexes" | "expiresAt">>;
export type OwnKeys = Readonly<Record<string, OwnKey>>;

/** The name under which the master key is counted. */
export const MASTER_KEY = "masterKey";

/** Counters by `masterKey` or the name of a key. */
export type Rotation = Readonly<Record<string, number>>;

/** @see https://www.meilisearch.com/docs/reference/api/keys: "actions"; those that hand out keys are the master key's. */
const ACTIONS = [
  "*",
  ...["documents", "indexes", "settings", "tasks", "stats", "metrics", "dumps", "snapshots"].map((part) => `${part}.*`),
  "search",
  "documents.add",
  "documents.get",
  "documents.delete",
  "indexes.create",
  "indexes.get",
  "indexes.update",
  "indexes.delete",
  "indexes.swap",
  "tasks.get",
  "tasks.cancel",
  "tasks.delete",
  "settings.get",
  "settings.update",
  "stats.get",
  "metrics.get",
  "dumps.create",
  "snapshots.create",
  "version",
];

/** Of the server as a whole: it refuses them in a key for single indexes. */
const GLOBAL = /^(metrics|dumps|snapshots)\.|^version$/;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const PATTERN = /^(\*|[a-zA-Z0-9_-]{1,400}\*?)$/;
const FIELDS = ["actions", "indexes", "expiresAt"];
const STANDARD = Object.keys(standardKeys([], "stack"));

const entry = z.object({
  actions: z.array(z.string()).min(1).optional(),
  indexes: z.array(z.string()).min(1).optional(),
  expiresAt: z.string().optional(),
});

/** Parses the setting `search:keys`. */
export function parseKeys(text: string): Parsed<OwnKeys> {
  const example = '{"reports":{"actions":["search"],"indexes":["messages"]}}';
  const parsed = parseObject("search:keys", text, example);
  if ("problems" in parsed) return parsed;
  const given = z.record(z.string(), z.record(z.string(), z.unknown())).safeParse(parsed.value).data;
  if (!given) return { problems: [`search:keys must have an object for each key, such as ${example}`] };
  const problems = Object.entries(given).flatMap(([name, fields]) =>
    problemsOf(name, fields).map((problem) => `search:keys: the key ${name} ${problem}`),
  );
  if (problems.length > 0) return { problems };
  const value = Object.entries(given).map(([name, fields]) => {
    const { expiresAt, ...rest } = entry.parse(fields);
    return [name, { ...rest, ...(expiresAt ? { expiresAt: utc(expiresAt) } : {}) }];
  });
  return { value: Object.fromEntries(value) };
}

function problemsOf(name: string, fields: Readonly<Record<string, unknown>>): string[] {
  if (!NAME.test(name)) {
    return ["needs another name: 1 to 32 lower-case letters, digits and dashes, starting with a letter"];
  }
  const unknown = Object.keys(fields)
    .filter((field) => !FIELDS.includes(field))
    .map((field) => `has the field "${field}", which is none of ${FIELDS.join(", ")}${didYouMean(field, FIELDS)}`);
  const parsed = entry.safeParse(fields);
  if (!parsed.success) {
    const broken = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))];
    return [
      ...unknown,
      ...broken.map(
        (field) => `has a value for "${field}" that is not ${field === "expiresAt" ? "a date" : "a list of names"}`,
      ),
    ];
  }
  const { actions, indexes, expiresAt } = parsed.data;
  const isStandard = STANDARD.includes(name);
  return [
    ...unknown,
    ...(isStandard && (actions ?? indexes)
      ? ["is one of the stack's: only its expiresAt can be set. Give yours another name"]
      : []),
    ...(isStandard || (actions && indexes) ? [] : ["needs both actions and indexes"]),
    ...(actions ?? [])
      .filter((action) => !ACTIONS.includes(action))
      .map(
        (action) =>
          `has the action "${action}", which MeiliSearch does not know or a key should not have${didYouMean(action, ACTIONS)}`,
      ),
    ...(actions ?? [])
      .filter((action) => GLOBAL.test(action) && indexes && !indexes.includes("*"))
      .map((action) => `has the action "${action}", which is of the whole server: its indexes must be ["*"]`),
    ...(indexes ?? [])
      .filter((index) => !PATTERN.test(index))
      .map((index) => `has the index "${index}": a uid has letters, digits, dashes and underscores, and may end in *`),
    ...(expiresAt !== undefined && utc(expiresAt) === undefined
      ? [`has expiresAt = "${expiresAt}", which is no date. Write it as 2027-01-31 or 2027-01-31T12:00:00Z`]
      : []),
  ];
}

/** As the server writes it: `2027-01-31T12:00:00Z`. */
function utc(text: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
  // JavaScript makes the second of March of the thirtieth of February.
  const [day, time] = [new Date(`${text.slice(0, 10)}T12:00Z`), new Date(text)];
  if (Number.isNaN(time.getTime()) || day.getUTCDate() !== Number(text.slice(8, 10))) return undefined;
  return time.toISOString().replace(/\.\d+/, "");
}

/** Parses the setting `search:rotation`. */
export function parseRotation(text: string): Parsed<Rotation> {
  const example = '{"masterKey":2,"frontend":3}';
  const parsed = parseObject("search:rotation", text, example);
  if ("problems" in parsed) return parsed;
  const counters = z.record(z.string(), z.number().int().min(1).max(1000)).safeParse(parsed.value);
  return counters.success
    ? { value: counters.data }
    : { problems: [`search:rotation must have whole numbers from 1 to 1000, such as ${example}`] };
}

/** The stack's keys and the user's own, each in its version. */
export function keyDefinitions(
  { keys, rotation }: { readonly keys: OwnKeys; readonly rotation: Rotation },
  indexes: readonly string[],
  owner: SettingsOwner,
): readonly KeyDefinition[] {
  const standard = standardKeys(indexes, owner);
  const own = Object.entries(keys).filter(([name]) => !Object.hasOwn(standard, name));
  const rights: [string, KeyRights][] = [
    ...Object.entries(standard).map(([name, key]): [string, KeyRights] => [name, { ...key, ...expiryOf(keys[name]) }]),
    ...own.map(([name, { actions = [], indexes: on = [], ...rest }]): [string, KeyRights] => [
      name,
      { description: "From the setting search:keys", actions, indexes: on, ...rest },
    ]),
  ];
  return rights.map(([name, key]) => ({ name, version: versionOf(rotation, name), ...key }));
}

/** How often something was rotated, counted from 1. */
export const versionOf = (rotation: Rotation, name: string) =>
  (Object.hasOwn(rotation, name) ? rotation[name] : 1) ?? 1;

const expiryOf = (key: OwnKey | undefined) => (key?.expiresAt ? { expiresAt: key.expiresAt } : {});

function didYouMean(given: string, known: readonly string[]): string {
  const [best] = known.map((name) => ({ name, distance: leven(given, name) })).sort((a, b) => a.distance - b.distance);
  // Of a short word anything is near, and "*" would be all rights.
  return best && best.distance <= Math.min(3, given.length / 2) ? ` (did you mean ${best.name}?)` : "";
}
