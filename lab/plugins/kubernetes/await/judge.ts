/** Whether an object is ready, as a pure decision over what the API showed last. */
import type { Severity } from "../../shared/engine-log.ts";
import type { KubernetesObject } from "../kinds.ts";
import { AwaitError, timedOut } from "./outcome.ts";

export interface View {
  readonly object: KubernetesObject;
  /** As the update found it; a new object has none. */
  readonly before: KubernetesObject | undefined;
  /** The namespace's objects of a collection in `needs`. */
  readonly related: (plural: string) => readonly KubernetesObject[];
  /** Milliseconds since objects of the collection, or the one of that name, changed; `undefined` when there is none. */
  readonly quiet: (plural: string, name?: string) => number | undefined;
  readonly waitedMilliseconds: number;
  /** A refresh looks once and gives nothing time to settle. */
  readonly once: boolean;
}

export interface Message {
  readonly severity: Severity;
  readonly text: string;
}

export interface Verdict {
  readonly ready: boolean;
  /** It will never be ready. */
  readonly failed?: boolean;
  /** Good enough when the time is up. */
  readonly acceptable?: boolean;
  readonly status: readonly Message[];
  /** Repeated every ten seconds at most. */
  readonly podWarnings?: readonly string[];
  /** Why it is not ready, for the error. */
  readonly reasons: readonly string[];
}

export interface Judge {
  /** Collections that the decision needs, as plurals with their API: "apps/v1/replicasets", "v1/pods". */
  readonly needs: readonly string[];
  /** A refresh looks too. */
  readonly onRead: boolean;
  /** Reasons stay although their cause is gone. */
  readonly remembers?: boolean;
  /** A bound of its own, which neither the annotation nor `customTimeouts` changes. */
  readonly timeoutSeconds?: number;
  readonly timeout: (object: KubernetesObject, reasons: readonly string[]) => AwaitError;
  readonly judge: (view: View) => Verdict;
}

export const info = (text: string): Message => ({ severity: "info", text });
export const warning = (text: string): Message => ({ severity: "warning", text });

export const DEFAULTS = { onRead: true, timeout: timedOut } as const;

export const plainTimeout =
  (text: (name: string) => string) =>
  (object: KubernetesObject): AwaitError =>
    new AwaitError(text(object.metadata?.name ?? ""), []);

export function isOwnedBy(object: KubernetesObject, owner: KubernetesObject | undefined): boolean {
  const uid = owner?.metadata?.uid;
  return uid !== undefined && (object.metadata?.ownerReferences ?? []).some((reference) => reference.uid === uid);
}

/** With its namespace, unless that is the default one. */
export function fullName({ metadata }: KubernetesObject): string {
  const namespace = metadata?.namespace ?? "";
  return namespace === "" || namespace === "default" ? `${metadata?.name}` : `${namespace}/${metadata?.name}`;
}
