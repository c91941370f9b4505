import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import type * as pulumi from "@pulumi/pulumi";
import { PART_OF } from "./metadata.ts";

/** What the stack keeps when it is destroyed, and what no update may delete. */
export interface Protection {
  /** An update or a destroy that would delete it is refused until this is off. */
  readonly protect: boolean;
  /** It stays in the cluster when it leaves the stack. */
  readonly retain: boolean;
}

export interface NamespacesArgs {
  readonly name: string;
  /** False joins one that is there. */
  readonly create: boolean;
  /** For servers on the network of their node; made where there are any. */
  readonly host?: string | undefined;
  readonly protection: Protection;
}

/** Pods that do not pass the standard are refused by the cluster itself, whoever makes them. */
export const RESTRICTED = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
} as const;

/** A pod on its node's network breaks even the standard *baseline*: it is kept apart from all others. */
export const HOST_NETWORK = { "pod-security.kubernetes.io/enforce": "privileged" } as const;

/** @returns the name, which is known when the namespace is there */
export function namespace(
  name: string,
  level: Readonly<Record<string, string>>,
  { protect, retain }: Protection,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const labels = { ...PART_OF, "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name, ...level };
  return new Namespace(name, { metadata: { name, labels } }, { ...options, protect, retainOnDelete: retain }).metadata
    .name;
}
