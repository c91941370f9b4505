/** Names that the provider makes up: an object's, where the program gives none, and the field manager's. */
import { createHash, randomBytes } from "node:crypto";
import { annotation, isAnnotated } from "./annotations.ts";
import type { KubernetesObject } from "./kinds.ts";
import { isRecord, isUnknownValue } from "./values.ts";

export interface Autonaming {
  readonly mode: "propose" | "enforce" | "disable";
  readonly proposedName: string;
}

/** An unknown name is a name. */
export const isNamed = (object: KubernetesObject): boolean => !!object.metadata?.name;

/** The made-up name stays over the resource's life, and a replacement gets another. */
export function named(
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  resourceName: string,
  seed: Uint8Array,
  autonaming: Autonaming | undefined,
): KubernetesObject {
  if (isNamed(object) || isUnknownValue(object.metadata)) return object;
  if (old !== undefined) return isAnnotated(old, "autonamed") ? withName(object, old.metadata?.name ?? "") : object;
  if (object.metadata?.generateName) return object;
  if (autonaming?.mode === "disable") {
    throw new Error("autonaming is disabled, resource requires the .metadata.name field to be set");
  }
  return withName(object, autonaming?.proposedName ?? `${resourceName}-${hexDigits(seed)}`);
}

/** The annotation tells Diff that a replacement may exist beside the old object. */
function withName(object: KubernetesObject, name: string): KubernetesObject {
  const metadata = { ...object.metadata, name };
  const { annotations } = metadata;
  if (isUnknownValue(annotations)) return { ...object, metadata };
  const given = isRecord(annotations) ? (annotations as { [key: string]: string }) : {};
  return { ...object, metadata: { ...metadata, annotations: { ...given, "pulumi.com/autonamed": "true" } } };
}

export function fieldManagerName(object: KubernetesObject, recorded: string | undefined): string {
  const chosen = annotation(object, "patchFieldManager");
  return chosen || recorded || `pulumi-kubernetes-${hexDigits(randomBytes(32))}`;
}

function hexDigits(seed: Uint8Array): string {
  const bytes = seed.length > 0 ? seed : randomBytes(32);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 8);
}
