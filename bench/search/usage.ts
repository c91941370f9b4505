import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server, Usage } from "./server.ts";

/** Milliseconds between looks: memory that is higher for a shorter time is not seen. */
const INTERVAL = 500;

/** What something did, and what the server used meanwhile: memory at its highest, the rest in all. */
export interface Watched<T> {
  readonly result: T;
  readonly used: Usage;
  /** Processors that neither the server nor this process took, Docker's proxy among them: what disturbed. */
  readonly others: number;
}

export async function watched<T>(server: Server, run: () => Promise<T>): Promise<Watched<T>> {
  const before = await server.usage();
  const machineBefore = machine();
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
    const machineAfter = machine();
    const after = await server.usage();
    looks.push(after);
    const highest = (kind: keyof Usage) => Math.max(...looks.map((seen) => seen[kind]));
    const more = (kind: keyof Usage) => after[kind] - before[kind];
    const notOurs = machineAfter.notOurs - machineBefore.notOurs - more("processorTime");
    return {
      result,
      others: Math.max(0, notOurs) / (machineAfter.time - machineBefore.time),
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

/** Seconds. */
function machine() {
  const busy = cpus().reduce((all, { times: { user, nice, sys, irq } }) => all + user + nice + sys + irq, 0) / 1e3;
  const { user, system } = process.cpuUsage();
  return { time: performance.now() / 1e3, notOurs: busy - (user + system) / 1e6 };
}
