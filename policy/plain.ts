import { type Properties, UNKNOWN } from "./rule.ts";

/**
 * A copy of properties in which what a preview does not know is `UNKNOWN`. The policy SDK would throw at the first look
 * at such a value, and so give up on all else that the rule could say about the resource.
 */
export function plain(properties: Properties): Properties {
  return copy(properties) as Properties;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => read(value, index));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.keys(value).map((key) => [key, read(value, key)]));
}

function read(from: object, key: string | number): unknown {
  try {
    return copy((from as Record<string | number, unknown>)[key]);
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return UNKNOWN;
    throw error;
  }
}
