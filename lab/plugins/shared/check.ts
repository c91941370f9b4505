/** The Check call: refuse what is not implemented or not valid, then fill in defaults as the Terraform bridge does. */
import { createHash, randomBytes } from "node:crypto";
import { DEFAULTS, isUnknown, type Properties, type Value } from "./properties.ts";
import type { Field, Fields } from "./schema.ts";

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

const TYPE_OF = { string: "string", int: "number", bool: "boolean" } as const;

export function checkProperties(fields: Fields, given: Properties): { inputs: Properties; failures: Failure[] } {
  const failures: Failure[] = [];
  return { inputs: checkObject(fields, given, "", failures), failures };
}

/** `<name>-<7 hex digits>`, kept over the resource's life, as the official providers name things without a name. */
export function autoName(urnName: string, olds: Properties, seed: Uint8Array): string {
  const wasAutoNamed = Array.isArray(olds[DEFAULTS]) && olds[DEFAULTS].includes("name");
  if (wasAutoNamed && typeof olds.name === "string") return olds.name;
  const digest = createHash("sha256").update(seed.length > 0 ? seed : randomBytes(32));
  return `${urnName}-${digest.digest("hex").slice(0, 7)}`;
}

function checkObject(fields: Fields, given: Properties, path: string, failures: Failure[]): Properties {
  const inputs: Properties = {};
  const defaults: string[] = [];
  for (const name of Object.keys(given)) {
    if (name === DEFAULTS || Object.hasOwn(fields, name)) continue;
    const property = join(path, name);
    const reason = `"${property}" is not implemented by this stand-in: leave it out, or use the official plugin`;
    failures.push({ property, reason });
  }
  for (const [name, field] of Object.entries(fields)) {
    const value = given[name];
    if (value !== undefined && value !== null) {
      inputs[name] = checkValue(field, value, join(path, name), failures);
    } else if (field.default !== undefined) {
      inputs[name] = field.default;
      defaults.push(name);
    } else if (field.required) {
      failures.push({ property: join(path, name), reason: `Missing required argument "${join(path, name)}"` });
    }
  }
  return { ...inputs, [DEFAULTS]: defaults };
}

function checkValue(field: Field, value: Value, path: string, failures: Failure[]): Value {
  if (isUnknown(value) && typeof value === "string") return value;
  const reason = wrongType(field, value, path);
  if (reason !== undefined) {
    failures.push({ property: path, reason });
    return value;
  }
  if (!isUnknown(value)) {
    const refused = field.refuse?.(value as never);
    if (refused !== undefined) failures.push({ property: path, reason: refused });
  }
  if (field.kind === "object") return checkObject(field.fields, value as Properties, path, failures);
  if (field.kind !== "list" && field.kind !== "set") return value;
  return (value as Value[]).map((item, index) => checkValue(field.element, item, `${path}[${index}]`, failures));
}

function wrongType(field: Field, value: Value, path: string): string | undefined {
  const isArray = Array.isArray(value);
  if (field.kind === "list" || field.kind === "set") return isArray ? undefined : `"${path}" must be a list`;
  if (field.kind === "map" || field.kind === "object") {
    return !isArray && typeof value === "object" ? undefined : `"${path}" must be an object`;
  }
  if (typeof value !== TYPE_OF[field.kind]) return `"${path}" must be a ${TYPE_OF[field.kind]}`;
  if (field.kind === "int" && !Number.isInteger(value)) return `"${path}" must be a whole number`;
  return undefined;
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);
