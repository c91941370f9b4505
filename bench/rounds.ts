/** One of the things that are compared. */
export interface Contestant {
  readonly name: string;
  /** What is measured. */
  run(): Promise<void>;
  /** Puts things back, unmeasured. */
  reset?(): Promise<void>;
}

/** Seconds of each contestant's runs. */
export type Times = ReadonlyMap<string, readonly number[]>;

/**
 * Runs the contestants in turns, so that what the machine does meanwhile hits all of them. A first turn, which fills
 * caches, is not counted.
 */
export async function inTurns(contestants: readonly Contestant[], rounds: number): Promise<Times> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, run, reset } of contestants) {
      const began = performance.now();
      await run();
      const seconds = (performance.now() - began) / 1000;
      if (round > 0) times.get(name)?.push(seconds);
      console.error(`${round === 0 ? "warm-up" : `round ${round}`}  ${name}: ${seconds.toFixed(2)} s`);
      await reset?.();
    }
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** A Markdown table: medians, and each as a multiple of the first. */
export function table(times: Times): string {
  const [[, first] = ["", [1]]] = times;
  const rows = [...times].map(
    ([name, values]) => `| ${name} | ${median(values).toFixed(2)} s | ${(median(values) / median(first)).toFixed(2)} |`,
  );
  return ["| | median | ratio |", "|---|---|---|", ...rows].join("\n");
}
