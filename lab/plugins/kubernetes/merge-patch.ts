/** The JSON merge patch (RFC 7386) from one object to another; lists are replaced as a whole. */
import type { Properties, Value } from "../shared/properties.ts";
import { equal, isRecord, isUnknownValue } from "./values.ts";

export function mergePatch(old: Properties, now: Properties): Properties {
  const patch: Properties = {};
  for (const [key, value] of Object.entries(now)) {
    const before = old[key];
    if (before === undefined || isUnknownValue(value)) patch[key] = value;
    else if (isRecord(before) && isRecord(value)) {
      const inner = mergePatch(before, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!equal(before, value)) patch[key] = value as Value;
  }
  for (const key of Object.keys(old)) {
    if (!Object.hasOwn(now, key)) patch[key] = null;
  }
  return patch;
}
