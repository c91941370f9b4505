/** Property values: secrets around them, unknowns in them, plain data out of them. */
import { isUnknown, type Properties, type Value } from "../shared/properties.ts";
import type { KubernetesObject } from "./kinds.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function isRecord(value: unknown): value is Properties {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export const isSecret = (value: Value | undefined): boolean => isRecord(value) && value[SIGNATURE] === SECRET;

export function makeSecret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

export function hasSecrets(value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.some(hasSecrets);
  return isRecord(value) && (isSecret(value) || Object.values(value).some(hasSecrets));
}

/** What is inside the secrets, at any depth. */
export function reveal<V extends Value>(value: V): V {
  if (Array.isArray(value)) return value.map(reveal) as V;
  if (!isRecord(value)) return value;
  if (isSecret(value)) return reveal(value.value ?? null) as V;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)])) as V;
}

export const toObject = (properties: Properties): KubernetesObject => reveal(properties) as KubernetesObject;

export const hasUnknowns = (object: KubernetesObject): boolean => isUnknown(object as Value);

/** Unknown as a whole, not only somewhere inside. */
export const isUnknownValue = (value: unknown): boolean => typeof value === "string" && isUnknown(value);

export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/** `undefined` where the path leads nowhere. */
export function pluck(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}
export function pluckText(value: unknown, ...path: string[]): string {
  const found = pluck(value, ...path);
  return typeof found === "string" ? found : "";
}
export function pluckNumber(value: unknown, ...path: string[]): number | undefined {
  const found = pluck(value, ...path);
  return typeof found === "number" ? found : undefined;
}
export function pluckList(value: unknown, ...path: string[]): Properties[] {
  const found = pluck(value, ...path);
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

/** As Go's %q writes it. */
export const quote = (text: string): string => JSON.stringify(text);
