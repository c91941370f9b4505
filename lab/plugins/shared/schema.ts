/**
 * Enough of a Terraform schema to check, default and compare properties the way the Terraform bridge does.
 * A property that is not in a schema is refused, never ignored.
 */
import type { Properties, Value } from "./properties.ts";

export type Fields = { readonly [name: string]: Field };

interface Common {
  readonly required?: boolean;
  /** The provider may fill it in: its absence from the program is no change. */
  readonly computed?: boolean;
  /** A change replaces the resource. */
  readonly forceNew?: boolean;
  readonly default?: Value;
  /** What is wrong with a value, if anything. */
  readonly refuse?: (value: never) => string | undefined;
  /** Values that differ in writing only (Terraform's DiffSuppressFunc and StateFunc). */
  readonly suppress?: (old: never, now: never) => boolean;
}

export interface Scalar extends Common {
  readonly kind: "string" | "int" | "bool" | "map";
}
export interface Collection extends Common {
  readonly kind: "list" | "set";
  readonly element: Field;
}
export interface Nested extends Common {
  readonly kind: "object";
  readonly fields: Fields;
}
export type Field = Scalar | Collection | Nested;

export const str = (options: Common = {}): Scalar => ({ kind: "string", ...options });
export const int = (options: Common = {}): Scalar => ({ kind: "int", ...options });
export const bool = (options: Common = {}): Scalar => ({ kind: "bool", ...options });
export const map = (options: Common = {}): Scalar => ({ kind: "map", ...options });
export const list = (element: Field, options: Common = {}): Collection => ({ kind: "list", element, ...options });
export const set = (element: Field, options: Common = {}): Collection => ({ kind: "set", element, ...options });
export const object = (fields: Fields, options: Common = {}): Nested => ({ kind: "object", fields, ...options });

const ZERO = { string: "", int: 0, bool: false } as const;

/** Terraform cannot tell an absent value from its type's zero value. */
export function isZero(field: Field, value: Value | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (field.kind === "list" || field.kind === "set") return (value as Value[]).length === 0;
  if (field.kind === "map") return Object.keys(value as Properties).length === 0;
  if (field.kind === "object") {
    return Object.entries(field.fields).every(([name, inner]) => isZero(inner, (value as Properties)[name]));
  }
  return value === ZERO[field.kind];
}

export function zeroOf(field: Field): Value {
  if (field.kind === "list" || field.kind === "set") return [];
  return field.kind === "map" || field.kind === "object" ? {} : ZERO[field.kind];
}
