/** What Pulumi's own annotations on an object say. */
import type { KubernetesObject } from "./kinds.ts";
import { isRecord, isUnknownValue } from "./values.ts";

const PREFIX = "pulumi.com/";
const KNOWN = new Set([
  ..."autonamed skipAwait waitFor timeoutSeconds replaceUnready patchForce patchFieldManager".split(" "),
  "deletionPropagationPolicy",
]);
const DEFAULT_TIMEOUT_SECONDS = 600;

export function annotation(object: KubernetesObject, name: string): string {
  const annotations = object.metadata?.annotations;
  const value = isRecord(annotations) ? annotations[PREFIX + name] : undefined;
  return typeof value === "string" && !isUnknownValue(value) ? value : "";
}
export const isAnnotated = (object: KubernetesObject, name: string): boolean => annotation(object, name) === "true";

/** The program's `customTimeouts` come first. */
export function timeoutSeconds(object: KubernetesObject, customTimeout: number): number {
  if (customTimeout !== 0) return customTimeout;
  const text = annotation(object, "timeoutSeconds");
  return /^[+-]?\d+$/.test(text) ? Number(text) : DEFAULT_TIMEOUT_SECONDS;
}

export function propagationPolicy(object: KubernetesObject): "Orphan" | "Background" | "Foreground" {
  const policy = annotation(object, "deletionPropagationPolicy").toLowerCase();
  if (policy === "orphan") return "Orphan";
  return policy === "background" ? "Background" : "Foreground";
}

/** The conditions of `pulumi.com/waitFor`: one, or a JSON list of them. */
export function waitFor(object: KubernetesObject): string[] {
  const text = annotation(object, "waitFor");
  if (text === "") return [];
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed) && parsed.every((item) => typeof item === "string")) return parsed;
  } catch {}
  return [text];
}

/** What the stand-in does not do, in words for the user. */
export function refusedAnnotations(object: KubernetesObject): string[] {
  const annotations = object.metadata?.annotations;
  if (!isRecord(annotations)) return [];
  const names = Object.keys(annotations);
  const unknown = names.filter((name) => name.startsWith(PREFIX) && !KNOWN.has(name.slice(PREFIX.length)));
  const refused = [...unknown, ...names.filter((name) => name.startsWith("helm.sh/hook"))];
  const conditions = waitFor(object).filter((expression) => !expression.startsWith("condition="));
  return [
    ...refused.map((name) => `the annotation "${name}" is not implemented by this stand-in`),
    ...conditions.map((text) => `"${PREFIX}waitFor": "${text}" is not implemented by this stand-in, "condition=" is`),
  ];
}
