/** Who owns which field of an object: server-side apply's bookkeeping in `metadata.managedFields`. */

import type { Properties, Value } from "../shared/properties.ts";
import { isAnnotated } from "./annotations.ts";
import { isConflict } from "./http.ts";
import type { KubernetesObject, ManagedFields } from "./kinds.ts";
import { isRecord, quote } from "./values.ts";

/** Those that a first apply takes over from: kubectl, and creation by this provider. */
const FORMER = [
  { manager: "kubectl", operation: "Apply" },
  { manager: "kubectl", operation: "Update" },
  { manager: "before-first-apply", operation: "Update" },
  { manager: "pulumi-kubernetes", operation: "Update" },
  { manager: "pulumi-kubernetes.exe", operation: "Update" },
  { manager: "pulumi-resource-kubernetes", operation: "Update" },
];
const OWN = FORMER.slice(3).map(({ manager }) => manager);
const GUIDE =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/" +
  "#handle-field-conflicts-on-existing-resources";

/** Whether an apply overrides other managers' fields. */
export function forces(
  inputs: KubernetesObject,
  live: KubernetesObject | undefined,
  settings: { readonly enablePatchForce: boolean },
  preview: boolean,
): boolean {
  if (isAnnotated(inputs, "patchForce") || settings.enablePatchForce) return true;
  if (live === undefined) return preview;
  const managers = live.metadata?.managedFields ?? [];
  // What this provider created has not been taken over yet in a preview.
  const byOwn = managers.some(({ manager = "", operation }) => operation === "Update" && OWN.includes(manager));
  return managers.length === 0 || (preview && byOwn);
}

/** The list after `manager` took over from former ones, or nothing where there are none. */
export function takenOver(entries: readonly ManagedFields[], manager: string): ManagedFields[] | undefined {
  const isFormer = (entry: ManagedFields) =>
    !entry.subresource && FORMER.some((one) => one.manager === entry.manager && one.operation === entry.operation);
  const former = entries.filter(isFormer);
  const [first] = former;
  if (first === undefined) return undefined;
  const isOwn = (entry: ManagedFields) => entry.manager === manager && entry.operation === "Apply";
  const own = entries.find(isOwn) ?? { ...first, manager, operation: "Apply", fieldsV1: {} };
  const fieldsV1 = former.reduce<Properties>((all, entry) => union(all, entry.fieldsV1 ?? {}), own.fieldsV1 ?? {});
  return [...entries.filter((entry) => !isFormer(entry) && !isOwn(entry)), { ...own, fieldsV1 }];
}

function union(a: Properties, b: Properties): Properties {
  const merged: Properties = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    merged[key] = isRecord(before) && isRecord(value) ? union(before, value) : value;
  }
  return merged;
}

/**
 * For `ignoreChanges`: a field that others own is left out of the apply, so that there is no conflict; any other stays
 * as it is in the cluster.
 */
export function withIgnored(
  inputs: KubernetesObject,
  live: KubernetesObject,
  manager: string,
  ignoreChanges: readonly string[],
): KubernetesObject {
  const entries = live.metadata?.managedFields ?? [];
  return ignoreChanges.reduce((object, ignored) => {
    const path = ignored.split(".");
    const owned = (own: boolean) =>
      entries.some((entry) => (entry.manager === manager) === own && owns(entry.fieldsV1, path));
    if (owned(false) && !owned(true)) return without(object as Properties, path) as KubernetesObject;
    return withLive(object as Properties, live as Properties, path) as KubernetesObject;
  }, inputs);
}

function owns(fields: Value | undefined, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return fields !== undefined;
  return isRecord(fields) && owns(fields[`f:${first}`], rest);
}

function without(object: Properties, [first = "", ...rest]: readonly string[]): Properties {
  const { [first]: inner, ...others } = object;
  if (rest.length === 0 || !isRecord(inner)) return rest.length === 0 ? others : object;
  return { ...object, [first]: without(inner, rest) };
}

function withLive(object: Properties, live: Properties, [first = "", ...rest]: readonly string[]): Properties {
  const [value, inner] = [live[first], object[first]];
  if (value === undefined) return object;
  if (rest.length === 0) return { ...object, [first]: value };
  if (!isRecord(value)) return object;
  return { ...object, [first]: withLive(isRecord(inner) ? inner : {}, value, rest) };
}

export function applyError(error: unknown, manager: string): unknown {
  if (!isConflict(error)) return error;
  const cause = `The resource managed by field manager ${quote(manager)} had an apply conflict`;
  const { message } = error as Error;
  return new Error(
    `server-side apply field conflict detected, see ${GUIDE} for troubleshooting help\n${cause}: ${message}`,
  );
}
