/** Which changes replace an object: the official provider's table, for the kinds that are implemented. */
import type { Kind, KubernetesObject } from "./kinds.ts";

const FORCE_NEW: { readonly [kind: string]: readonly string[] } = {
  "apps/Deployment": [".spec.selector"],
  "apps/StatefulSet": [
    ".spec.podManagementPolicy",
    ".spec.revisionHistoryLimit",
    ".spec.selector",
    ".spec.serviceName",
    ".spec.volumeClaimTemplates",
  ],
  "batch/Job": [".spec.completions", ".spec.parallelism", ".spec.selector", ".spec.template"],
  "/PersistentVolumeClaim": [".spec.accessModes", ".spec.selector", ".spec.storageClassName", ".spec.volumeName"],
  "/Secret": [".type"],
  "/Service": [".spec.clusterIP"],
};

export interface Mutability {
  readonly enableSecretMutable: boolean;
  readonly enableConfigMapMutable: boolean;
}

export function forceNewFields(kind: Kind, object: KubernetesObject, mutability: Mutability): string[] {
  const always = [".metadata.name", ".metadata.namespace"];
  const immutable = object.immutable === true;
  const name = `${kind.group}/${kind.kind}`;
  if (name === "/Secret" && (!mutability.enableSecretMutable || immutable)) {
    return [...always, ".type", ".stringData", ".data"];
  }
  if (name === "/ConfigMap" && (!mutability.enableConfigMapMutable || immutable)) {
    return [...always, ".binaryData", ".data"];
  }
  return [...always, ...(FORCE_NEW[name] ?? [])];
}
