import { type Indexed, index } from "./indexing.ts";
import { type Load, type Searched, searchAll } from "./load.ts";
import { brief, type Measured } from "./report.ts";
import type { Server } from "./server.ts";
import { type Watched, watched } from "./usage.ts";
import { INDEX, type Variant } from "./variants.ts";

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

  async search(bodies: readonly Buffer[], load: Load): Promise<void> {
    const turn = await this.#watched(() => searchAll(this.#server.client, `/indexes/${INDEX}/search`, bodies, load));
    this.#turns.push(turn);
    console.error(`${this.name}: ${brief(turn.result)}`);
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
