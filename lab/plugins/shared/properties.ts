/** Property values as they travel between the engine and a plugin. */
import structs, { type Struct } from "google-protobuf/google/protobuf/struct_pb.js";

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Properties = { [key: string]: Value };

/** What the engine sends during a preview for a value that only an update will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** The bridge under the official providers records here which inputs were filled in by a default. */
export const DEFAULTS = "__defaults";

export function isUnknown(value: Value | undefined): boolean {
  if (typeof value === "string") return UNKNOWNS.has(value);
  if (Array.isArray(value)) return value.some(isUnknown);
  if (value !== null && typeof value === "object") return Object.values(value).some(isUnknown);
  return false;
}

/** Encrypted in the state and masked in the output, whatever the program says. */
export function secret(value: string): Properties {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

export function fromStruct(struct: Struct | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}

export function toStruct(properties: object): Struct {
  return structs.Struct.fromJavaScript(tidy(properties) as { [key: string]: never });
}

/** Without the bookkeeping of defaults: what a resource works with and what goes into its outputs. */
export function withoutDefaults<V extends Value>(value: V): V {
  if (Array.isArray(value)) return value.map(withoutDefaults) as V;
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([key]) => key !== DEFAULTS);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutDefaults(item)])) as V;
}

/** `Struct` throws on `undefined`. */
function tidy(value: unknown): Value {
  if (Array.isArray(value)) return value.map(tidy);
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") return value as Value;
  const present = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(present.map(([key, item]) => [key, tidy(item)]));
}
