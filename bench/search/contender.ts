import { type Indexed, index } from "./indexing.ts";
import { type Load, type Searched, searchAll } from "./load.ts";
import { brief, type Measured } from "./report.ts";
import type { Server } from "./server.ts";
import { type Watched, watched } from "./usage.ts";
import { INDEX, type Variant } from "./variants.ts";

/** For a turn: a machine that never gets quiet is measured as it is. */
const ATTEMPTS = 10;

/** A variant on its server, with what has been measured of it. */
export class Contender {
  readonly name: string;
  readonly #variant: Variant;
  readonly #server: Server;
  readonly #turns: Watched<Searched>[] = [];
  #indexing: Watched<Indexed> | undefined;

  constructor(variant: Variant, server: Server) {
    this.name = variant.name;
    this.#variant = variant;
    this.#server = server;
  }

  async index(documents: readonly Buffer[]): Promise<void> {
    this.#indexing = await this.#watched(() => index(this.#server.client, this.#variant, documents));
    const { documents: count, seconds } = this.#indexing.result;
    console.error(`${this.name}: ${count} messages indexed in ${seconds.toFixed(1)} s`);
  }

  /** @param undisturbed processors that others may have meanwhile: with more, the turn is taken again */
  async search(bodies: readonly Buffer[], load: Load, undisturbed: number): Promise<void> {
    const path = `/indexes/${INDEX}/search`;
    for (let attempt = 1; ; attempt++) {
      const turn = await this.#watched(() => searchAll(this.#server.client, path, bodies, load));
      console.error(`${this.name}: ${brief(turn)}`);
      if (turn.others > undisturbed && attempt < ATTEMPTS) continue;
      this.#turns.push(turn);
      return;
    }
  }

  /** Without the first turn, which warmed up. */
  measured(): Measured {
    const searching = this.#turns.slice(1);
    if (!this.#indexing || searching.length === 0) throw new Error(`${this.name} has not been measured.`);
    return { name: this.name, indexing: this.#indexing, searching };
  }

  async #watched<T>(run: () => Promise<T>): Promise<Watched<T>> {
    try {
      return await watched(this.#server, run);
    } catch (error) {
      throw await this.#server.reasonOf(error);
    }
  }
}
