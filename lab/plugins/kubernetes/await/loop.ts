/** Waits until an object is ready, showing progress. It looks again every second where upstream watches. */
import { cancelled, pause } from "../../shared/cancel.ts";
import { logStatus, type Severity } from "../../shared/engine-log.ts";
import { isAnnotated, timeoutSeconds, waitFor } from "../annotations.ts";
import type { Cluster } from "../cluster.ts";
import type { Kind, KubernetesObject } from "../kinds.ts";
import { nameOf } from "../kinds.ts";
import { Changes } from "./changes.ts";
import { claim } from "./claim.ts";
import { conditions } from "./conditions.ts";
import { deployment } from "./deployment.ts";
import { ingress } from "./ingress.ts";
import { job } from "./job.ts";
import type { Judge, Verdict } from "./judge.ts";
import { notInitialized, wasCancelled } from "./outcome.ts";
import { service } from "./service.ts";
import { statefulSet } from "./statefulset.ts";
import { token } from "./token.ts";

export interface Waiting {
  readonly cluster: Cluster;
  readonly kind: Kind;
  readonly urn: string;
  readonly inputs: KubernetesObject;
  readonly object: KubernetesObject;
  /** As an update found it. */
  readonly before?: KubernetesObject;
  /** Seconds of the program's `customTimeouts`, 0 without. */
  readonly timeout: number;
}
export interface Settled {
  readonly live: KubernetesObject;
  readonly error: Error | undefined;
}

const POLL_MILLISECONDS = 1000;
const FIRST_POLL_MILLISECONDS = 200;
const REPEAT_MILLISECONDS = 10_000;

const JUDGES: { readonly [kind: string]: Judge } = {
  "apps/Deployment": deployment,
  "apps/StatefulSet": statefulSet,
  "batch/Job": job,
  "networking.k8s.io/Ingress": ingress,
  "/Service": service,
  "/PersistentVolumeClaim": claim,
  "/Secret": token,
};

export async function awaitReady(waiting: Waiting): Promise<Settled> {
  const { inputs, kind, object, timeout } = waiting;
  if (isAnnotated(inputs, "skipAwait")) {
    await logStatus(waiting.urn, "info", "Skipping await logic");
    return { live: object, error: undefined };
  }
  const expressions = waitFor(object);
  const judge = expressions.length > 0 ? conditions(expressions) : JUDGES[`${kind.group}/${kind.kind}`];
  if (judge === undefined) return { live: object, error: undefined };
  const seconds = judge.timeoutSeconds ?? timeoutSeconds(inputs, timeout);
  return new Watch(waiting, judge).until(Date.now() + seconds * 1000);
}

/** For a refresh: one look. */
export async function readReady(waiting: Waiting): Promise<Settled> {
  const judge = JUDGES[`${waiting.kind.group}/${waiting.kind.kind}`];
  const skipped = isAnnotated(waiting.inputs, "skipAwait");
  if (judge === undefined || !judge.onRead || skipped) return { live: waiting.object, error: undefined };
  return new Watch(waiting, judge).once();
}

class Watch {
  readonly #waiting: Waiting;
  readonly #judge: Judge;
  readonly #started = Date.now();
  readonly #changes = new Map<string, Changes>();
  readonly #logged = new Set<string>();
  readonly #reasons = new Set<string>();
  #live: KubernetesObject;
  #warned = Date.now();

  constructor(waiting: Waiting, judge: Judge) {
    this.#waiting = waiting;
    this.#judge = judge;
    this.#live = waiting.object;
  }

  async until(deadline: number): Promise<Settled> {
    for (let wait = FIRST_POLL_MILLISECONDS; ; wait = Math.min(wait * 2, POLL_MILLISECONDS)) {
      const verdict = await this.#look(false);
      if (verdict.ready) {
        await logStatus(this.#waiting.urn, "info", "");
        return { live: this.#live, error: undefined };
      }
      const reasons = this.#judge.remembers ? [...this.#reasons] : verdict.reasons;
      if (verdict.failed) return { live: this.#live, error: notInitialized(this.#live, reasons) };
      if (Date.now() >= deadline || cancelled()) {
        if (verdict.acceptable) return { live: this.#live, error: undefined };
        const error = cancelled() ? wasCancelled(this.#live, reasons) : this.#judge.timeout(this.#live, reasons);
        return { live: this.#live, error };
      }
      await this.#warn(verdict);
      await this.#events();
      await pause(Math.max(0, Math.min(wait, deadline - Date.now())));
    }
  }

  async once(): Promise<Settled> {
    const verdict = await this.#look(true);
    const error = verdict.ready ? undefined : notInitialized(this.#live, verdict.reasons);
    return { live: this.#live, error };
  }

  async #look(once: boolean): Promise<Verdict> {
    const { cluster, kind, object, before } = this.#waiting;
    const namespace = object.metadata?.namespace;
    // One that vanished or cannot be read is waited for in the state that it had.
    const found = once ? object : await cluster.get(kind, namespace, nameOf(object)).catch(() => undefined);
    if (found?.metadata?.uid === object.metadata?.uid && found !== undefined) this.#live = found;
    const lists = await Promise.all(this.#judge.needs.map((need) => this.#list(need, namespace ?? "default")));
    const related = new Map(this.#judge.needs.map((need, index) => [pluralOf(need), lists[index] ?? []]));
    const now = Date.now();
    for (const [plural, objects] of related) {
      const changes = this.#changes.get(plural) ?? new Changes();
      this.#changes.set(plural, changes);
      changes.see(objects, now);
    }
    const verdict = this.#judge.judge({
      object: this.#live,
      before,
      related: (plural) => related.get(plural) ?? [],
      quiet: (plural, name) => this.#changes.get(plural)?.quiet(now, name),
      waitedMilliseconds: now - this.#started,
      once,
    });
    for (const reason of verdict.reasons) this.#reasons.add(reason);
    for (const { severity, text } of verdict.status) await this.#log(severity, text);
    return verdict;
  }

  /** Where it may not be listed, the decision is made without. */
  #list(need: string, namespace: string): Promise<KubernetesObject[]> {
    const [plural, groupVersion] = [pluralOf(need), need.slice(0, need.lastIndexOf("/"))];
    const root = groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
    const place = plural === "storageclasses" ? "" : `/namespaces/${namespace}`;
    return this.#waiting.cluster.list(`${root}${place}/${plural}`).catch(() => []);
  }

  async #warn({ podWarnings = [] }: Verdict): Promise<void> {
    if (Date.now() - this.#warned < REPEAT_MILLISECONDS) return;
    this.#warned = Date.now();
    for (const text of podWarnings) await this.#log("warning", text);
  }

  /** Kubernetes' own warnings about the object. */
  async #events(): Promise<void> {
    const { cluster, object } = this.#waiting;
    const path = `/api/v1/namespaces/${object.metadata?.namespace ?? "default"}/events`;
    const selector = `involvedObject.uid=${object.metadata?.uid},type=Warning`;
    const events = await cluster.list(path, selector).catch(() => []);
    for (const { reason, message } of events) await this.#log("warning", `${reason}: ${message}`);
  }

  /** Each text once. */
  async #log(severity: Severity, text: string): Promise<void> {
    if (this.#logged.has(text)) return;
    this.#logged.add(text);
    await logStatus(this.#waiting.urn, severity, text);
  }
}

const pluralOf = (need: string): string => need.slice(need.lastIndexOf("/") + 1);
