import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type { Role } from "../workload.ts";

/** Who an object is made for. */
export interface Owner {
  /** Name of the workload. */
  readonly name: string;
  readonly role: Role;
}

/** What everything of this stack is labelled with, in the app's own convention. */
export const PART_OF = { "app.kubernetes.io/part-of": "nself", "app.kubernetes.io/managed-by": "pulumi" } as const;

/** What tells the pods of a workload from all others. */
export function selectorOf(name: string) {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name };
}

export function podLabels({ name, role }: Owner) {
  return { ...selectorOf(name), "app.kubernetes.io/component": role, ...PART_OF };
}

type Annotations = Readonly<Record<string, pulumi.Input<string>>>;

/** The namespace stands in every object, so that it means the same to whoever reads or applies it alone. */
export function metadata(
  owner: Owner,
  namespace: pulumi.Input<string>,
  name: pulumi.Input<string> = owner.name,
  annotations: Annotations = {},
) {
  const labels = { ...podLabels(owner), "app.kubernetes.io/instance": name };
  return { name, namespace, labels, ...annotated(annotations) };
}

/** Of what belongs to no workload in particular. */
export function stackMetadata(name: string, namespace: pulumi.Input<string>, annotations: Annotations = {}) {
  return {
    name,
    namespace,
    labels: { ...PART_OF, "app.kubernetes.io/instance": name },
    ...annotated(annotations),
  };
}

/** The API forgets an empty map, and would show it as a change. */
const annotated = (annotations: Annotations) => (Object.keys(annotations).length > 0 ? { annotations } : {});

/** `name-<10 hex digits>`: another content is another object, and whoever names it is changed too. */
export function namedByContent(name: string, content: unknown): string {
  return `${name}-${createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 10)}`;
}
