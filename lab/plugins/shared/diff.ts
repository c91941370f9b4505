/**
 * The Diff call, as the Terraform bridge answers it: the program's inputs against the *state*, which holds what the
 * resource's Read found. A program that shows a change on every preview on the official provider does so here too.
 */
import { isUnknown, type Properties, type Value } from "./properties.ts";
import { type Field, type Fields, isZero, zeroOf } from "./schema.ts";

export interface Change {
  /** The input that it is in. */
  readonly property: string;
  /** Where in it: "healthcheck.interval". */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  readonly replace: boolean;
}

export function diffProperties(fields: Fields, state: Properties, inputs: Properties): Change[] {
  return Object.entries(fields).flatMap(([property, field]) => {
    const replace = field.forceNew === true;
    const found = differences(field, property, state[property], inputs[property]);
    return found.map(({ path, kind }) => ({ property, path, kind, replace }));
  });
}

/** As deep as both sides have the same shape; a set is one value, since its items have no place. */
function differences(
  field: Field,
  path: string,
  old: Value | undefined,
  now: Value | undefined,
): Pick<Change, "path" | "kind">[] {
  if (same(field, old, now)) return [];
  if (now === undefined || now === null) return [{ path, kind: "delete" }];
  if (old === undefined || old === null) return [{ path, kind: "add" }];
  if (field.kind === "object" && typeof now === "object") {
    return Object.entries(field.fields).flatMap(([name, inner]) =>
      differences(inner, `${path}.${name}`, (old as Properties)[name], (now as Properties)[name]),
    );
  }
  const sameLength = Array.isArray(now) && Array.isArray(old) && now.length === old.length;
  if (field.kind === "list" && sameLength) {
    return now.flatMap((item, index) => differences(field.element, `${path}[${index}]`, old[index], item));
  }
  return [{ path, kind: "update" }];
}

/** What the state will be after an update in place: what is absent and not computed goes away. */
export function planUpdate(fields: Fields, state: Properties, inputs: Properties): Properties {
  const planned = { ...state };
  for (const [property, field] of Object.entries(fields)) {
    const now = inputs[property];
    if (now !== undefined && now !== null) planned[property] = now;
    else if (!field.computed) delete planned[property];
  }
  return planned;
}

function same(field: Field, old: Value | undefined, now: Value | undefined): boolean {
  const before = old ?? zeroOf(field);
  const suppressed = (value: Value) => field.suppress?.(before as never, value as never) === true;
  if (now === undefined || now === null) {
    return field.computed === true || isZero(field, old) || suppressed(zeroOf(field));
  }
  return !isUnknown(now) && (equal(field, before, now) || suppressed(now));
}

function equal(field: Field, old: Value, now: Value): boolean {
  switch (field.kind) {
    case "list": {
      const [olds, nows] = [old as Value[], now as Value[]];
      return olds.length === nows.length && nows.every((item, index) => same(field.element, olds[index], item));
    }
    case "set":
      return canonicalSet(field.element, old as Value[]) === canonicalSet(field.element, now as Value[]);
    case "object":
      return Object.entries(field.fields).every(([name, inner]) =>
        same(inner, (old as Properties)[name], (now as Properties)[name]),
      );
    case "map":
      return canonicalMap(old as Properties) === canonicalMap(now as Properties);
    default:
      return old === now;
  }
}

/** Order does not count in a set; absent, zero and default are one. */
function canonicalSet(element: Field, items: Value[]): string {
  return JSON.stringify(items.map((item) => canonical(element, item)).sort());
}

function canonicalMap(value: Properties): string {
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function canonical(field: Field, value: Value | undefined): string {
  const present = value ?? field.default ?? zeroOf(field);
  if (field.kind === "set") return canonicalSet(field.element, present as Value[]);
  if (field.kind === "list") return JSON.stringify((present as Value[]).map((item) => canonical(field.element, item)));
  if (field.kind === "map") return canonicalMap(present as Properties);
  if (field.kind !== "object") return JSON.stringify(present);
  const parts = Object.entries(field.fields).map(([name, inner]) => [
    name,
    canonical(inner, (present as Properties)[name]),
  ]);
  return JSON.stringify(parts);
}
