/** A live object in the shape of the inputs that made it: what the cluster added is no change. */
import type { Properties, Value } from "../shared/properties.ts";
import type { KubernetesObject } from "./kinds.ts";
import { isRecord } from "./values.ts";

export function pruneLive(live: KubernetesObject, inputs: KubernetesObject): KubernetesObject {
  return pruneRecord(live as Properties, inputs as Properties) as KubernetesObject;
}

function pruneRecord(source: Properties, target: Properties): Properties {
  const kept = Object.entries(source).filter(([key]) => Object.hasOwn(target, key));
  return Object.fromEntries(kept.map(([key, value]) => [key, pruneValue(value, target[key] as Value)]));
}

function pruneValue(value: Value, target: Value): Value {
  if (isRecord(value) && isRecord(target)) return pruneRecord(value, target);
  if (Array.isArray(value) && Array.isArray(target)) return pruneList(value, target);
  return value;
}

/** Items go by their place. */
function pruneList(source: Value[], target: Value[]): Value[] {
  if (source.length === 0 || target.length === 0) return [];
  if (shape(source[0]) !== shape(target[0])) return source;
  return target.slice(0, source.length).map((item, index) => pruneValue(source[index] as Value, item));
}

function shape(value: Value | undefined): string {
  if (Array.isArray(value)) return "list";
  return value === null ? "null" : typeof value;
}
