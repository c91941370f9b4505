import { parse, parseDocument, stringify } from "yaml";

/** `Pulumi.<stack>.yaml`: settings, and how its secrets are encrypted (a salt, or a key of some service). */
export interface StackFile {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

export const readStackFile = (text: string): StackFile => parse(text) ?? {};

/**
 * The working copy of a stack's file: what is in git, and on top what only this checkout knows, which is how secrets are
 * encrypted, and those secrets.
 * @param ours the backend is this checkout's own, so that what another passphrase encrypted cannot be read
 */
export function workingCopy(committed: StackFile, before: StackFile, ours: boolean): string {
  const secrets = entries(before).filter(([, value]) => isEncrypted(value));
  const shared = entries(committed).filter(([, value]) => !(ours && isEncrypted(value)));
  const config = Object.fromEntries([...secrets, ...shared]);
  return stringify({ ...encryption(before), ...(ours ? {} : encryption(committed)), config });
}

/** The settings that are not encrypted, as Pulumi hands them to the program: text, or JSON for lists and objects. */
export function plainSettings(file: StackFile): Record<string, string> {
  const plain = entries(file).filter(([, value]) => !isEncrypted(value));
  return Object.fromEntries(
    plain.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** Keys of the settings that are encrypted. */
export const encryptedKeys = (file: StackFile): string[] =>
  entries(file).flatMap(([key, value]) => (isEncrypted(value) ? [key] : []));

/** The text in git with the plain settings of the working copy: what `config set` and `config rm` changed. Comments stay. */
export function withPlainSettings(committed: string, working: StackFile): string {
  const plain = (file: StackFile) => new Map(entries(file).filter(([, value]) => !isEncrypted(value)));
  const [before, now] = [plain(readStackFile(committed)), plain(working)];
  const changed = [...now].filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before.get(key)));
  const removed = [...before.keys()].filter((key) => !now.has(key));
  if (changed.length + removed.length === 0) return committed;

  const document = parseDocument(committed);
  for (const [key, value] of changed) document.setIn(["config", key], value);
  for (const key of removed) document.deleteIn(["config", key]);
  return document.toString({ lineWidth: 0 });
}

const entries = ({ config = {} }: StackFile) => Object.entries(config);

function encryption({ config: _, ...rest }: StackFile): StackFile {
  return rest;
}

const isEncrypted = (value: unknown) => typeof value === "object" && value !== null && "secure" in value;
