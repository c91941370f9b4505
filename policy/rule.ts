/** Rules are functions of what a resource is: Pulumi comes in only where the pack is put together, in index.ts. */

/** What a preview does not know yet. A rule neither likes nor dislikes it: the update knows, and asks again. */
export const UNKNOWN = Symbol("unknown until the update");

export type Properties = Readonly<Record<string, unknown>>;

/** A resource as the engine is about to make it. */
export interface Resource {
  /** As `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  readonly props: Properties;
}

/** `mandatory` stops an update, `advisory` warns; either can be changed for each rule by `--policy-pack-config`. */
export type Level = "mandatory" | "advisory" | "disabled";

interface Rule {
  readonly name: string;
  /** A sentence that says what is wanted. */
  readonly description: string;
  readonly level: Level;
}

/** Judges each resource by itself. */
export interface ResourceRule extends Rule {
  /** @returns what is wrong, a sentence each with what to do about it */
  readonly check: (resource: Resource) => readonly string[];
}

/** Judges what the resources of a stack are together. */
export interface StackRule extends Rule {
  readonly checkStack: (resources: readonly Resource[]) => readonly string[];
}

/** `Deployment` for `kubernetes:apps/v1:Deployment`; undefined for what is no Kubernetes object. */
export function kindOf({ type }: Resource): string | undefined {
  return /^kubernetes:[^:]+\/[^:]+:(\w+?)(Patch)?$/.exec(type)?.[1];
}

export const isDocker = (type: string, { type: actual }: Resource) => actual === `docker:index/${type}`;

export function object(value: unknown): Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text, or undefined for what is none or not known yet. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Known, and something else than wanted. */
export const differs = (value: unknown, wanted: unknown) => value !== UNKNOWN && value !== wanted;

/** Known, and not there. */
export const missing = (value: unknown) => value === undefined || value === null || value === "";

/** `nself-chat/meilisearch`, as people know the object. */
export function nameOf({ name, props }: Resource): string {
  const metadata = object(props.metadata);
  const own = text(metadata.name) ?? name;
  const namespace = text(metadata.namespace);
  return namespace ? `${namespace}/${own}` : own;
}

/** Labels that a selector asks for are all there. An empty selector takes everything. */
export function selects(selector: unknown, labels: Properties): boolean {
  const { matchLabels, matchExpressions } = object(selector);
  if (list(matchExpressions).length > 0) return true;
  return Object.entries(object(matchLabels)).every(([label, value]) => !differs(value, labels[label]));
}
