import { setTimeout as sleep } from "node:timers/promises";
import type { Server, Usage } from "./server.ts";

/** Milliseconds between looks: memory that is higher for a shorter time is not seen. */
const INTERVAL = 500;

/** What something did, and what the server used meanwhile: memory at its highest, the rest in all. */
export interface Watched<T> {
  readonly result: T;
  readonly used: Usage;
}

export async function watched<T>(server: Server, run: () => Promise<T>): Promise<Watched<T>> {
  const before = await server.usage();
  const looks = [before];
  const over = new AbortController();
  const look = async () => {
    while (!over.signal.aborted) {
      looks.push(await server.usage());
      await sleep(INTERVAL, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  // Where the server ends, what runs on it says so.
  const looking = look().catch(() => undefined);
  try {
    const result = await run();
    const after = await server.usage();
    looks.push(after);
    const highest = (kind: keyof Usage) => Math.max(...looks.map((seen) => seen[kind]));
    const more = (kind: keyof Usage) => after[kind] - before[kind];
    return {
      result,
      used: {
        memory: highest("memory"),
        held: highest("held"),
        processorTime: more("processorTime"),
        periods: more("periods"),
        heldBack: more("heldBack"),
      },
    };
  } finally {
    over.abort();
    await looking;
  }
}
