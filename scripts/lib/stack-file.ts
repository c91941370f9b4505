import { parse, parseDocument, stringify } from "yaml";

/** `Pulumi.<stack>.yaml`: settings, and how its secrets are encrypted (a salt, or a key of some service). */
export interface StackFile {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

export const readStackFile = (text: string): StackFile => parse(text) ?? {};

/**
 * The working copy of a stack's file. With a backend that others use too it is what is in git; with this checkout's own
 * it has on top what only this checkout knows, which is how secrets are encrypted, and those secrets.
 * @param ours the backend is this checkout's own, so that what another passphrase encrypted cannot be read
 */
export function workingCopy(committed: StackFile, before: StackFile, ours: boolean): string {
  if (!ours) return stringify(committed);
  const secrets = entries(before).filter(([, value]) => isEncrypted(value));
  const shared = entries(committed).filter(([, value]) => !isEncrypted(value));
  return stringify({ ...encryption(before), config: Object.fromEntries([...secrets, ...shared]) });
}

/** The settings that are not encrypted, as Pulumi hands them to the program: text, or JSON for lists and objects. */
export function plainSettings(file: StackFile): Record<string, string> {
  const plain = entries(file).filter(([, value]) => !isEncrypted(value));
  return Object.fromEntries(plain.map(([key, value]) => [key, asText(value)]));
}

/** Keys of the settings that are encrypted. */
export const encryptedKeys = (file: StackFile): string[] =>
  entries(file).flatMap(([key, value]) => (isEncrypted(value) ? [key] : []));

/**
 * The text in git with what Pulumi changed in the working copy. Comments stay, and so does what somebody wrote meanwhile.
 * @param ours as for `workingCopy`: what is encrypted, and how, then stays out of git
 */
export function withChanges(committed: string, before: StackFile, now: StackFile, ours: boolean): string {
  const forGit = (file: StackFile) =>
    Object.fromEntries(entries(file).filter(([, value]) => !(ours && isEncrypted(value))));
  const changes = [
    ...difference(forGit(before), forGit(now)).map(([key, value]) => [["config", key], value] as const),
    ...(ours ? [] : difference(encryption(before), encryption(now)).map(([key, value]) => [[key], value] as const)),
  ];
  if (changes.length === 0) return committed;

  const document = parseDocument(committed);
  // `config:` with nothing under it takes no entries.
  if (document.has("config") && document.get("config") === undefined) document.delete("config");
  for (const [path, value] of changes) {
    if (value !== undefined) document.setIn(path, value);
    // Somebody may have taken it out meanwhile.
    else if (document.hasIn(path)) document.deleteIn(path);
  }
  return document.toString({ lineWidth: 0 });
}

type Values = Readonly<Record<string, unknown>>;

/** What was set, and as undefined what is gone. Pulumi writes 1 as "1": to the program that is the same. */
function difference(before: Values, now: Values): [string, unknown][] {
  const set = Object.entries(now).filter(([key, value]) => !(key in before) || asText(value) !== asText(before[key]));
  const gone = Object.keys(before).filter((key) => !(key in now));
  return [...set, ...gone.map((key): [string, undefined] => [key, undefined])];
}

const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

const entries = ({ config }: StackFile) => Object.entries(config ?? {});

function encryption({ config: _, ...rest }: StackFile): StackFile {
  return rest;
}

/** Pulumi encrypts a value, or one that is somewhere inside: an object with nothing but `secure: TEXT`. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const inside = Object.entries(value);
  const [[key, text] = []] = inside;
  return (
    (inside.length === 1 && key === "secure" && typeof text === "string") ||
    inside.some(([, inner]) => isEncrypted(inner))
  );
}
