/** When objects changed last, as far as looking again and again can tell. */
import type { KubernetesObject } from "../kinds.ts";
import { nameOf } from "../kinds.ts";

export class Changes {
  readonly #versions = new Map<string, string>();
  readonly #changed = new Map<string, number>();
  #last: number | undefined;

  see(objects: readonly KubernetesObject[], now: number): void {
    for (const object of objects) {
      const version = `${object.metadata?.uid}/${object.metadata?.resourceVersion}`;
      if (this.#versions.get(nameOf(object)) === version) continue;
      this.#versions.set(nameOf(object), version);
      this.#changed.set(nameOf(object), now);
      this.#last = now;
    }
    const present = new Set(objects.map(nameOf));
    for (const name of this.#versions.keys()) {
      if (present.has(name)) continue;
      this.#versions.delete(name);
      this.#changed.delete(name);
      this.#last = now;
    }
  }

  /** Milliseconds without a change, of one object or of all. */
  quiet(now: number, name?: string): number | undefined {
    const since = name === undefined ? this.#last : this.#changed.get(name);
    return since === undefined ? undefined : now - since;
  }
}
