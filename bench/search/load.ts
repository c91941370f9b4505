import { setTimeout as sleep } from "node:timers/promises";
import { type Client, parsed } from "./client.ts";

export interface Load {
  /** Searches that are on their way at the same time. */
  readonly clients: number;
  /** Milliseconds that a client waits between an answer and its next search. */
  readonly pause: number;
}

/** One search, in milliseconds. */
interface Sample {
  readonly client: number;
  readonly server: number;
  readonly found: boolean;
}

/** What came of searches. */
export interface Searched {
  readonly samples: readonly Sample[];
  readonly seconds: number;
}

interface Result {
  readonly hits: readonly unknown[];
  readonly processingTimeMs: number;
}

/** Sends all searches, each once: a client takes the next as soon as it is free. */
export async function searchAll(
  client: Client,
  path: string,
  bodies: readonly Buffer[],
  { clients, pause }: Load,
): Promise<Searched> {
  const samples: Sample[] = [];
  const left = bodies.values();
  const began = performance.now();
  const one = async () => {
    for (const body of left) {
      const answer = await client.send("POST", path, body);
      const { hits, processingTimeMs } = parsed<Result>(answer);
      samples.push({ client: answer.milliseconds, server: processingTimeMs, found: hits.length > 0 });
      if (pause > 0) await sleep(pause);
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  return { samples, seconds: (performance.now() - began) / 1_000 };
}

/** @param share from 0 to 1: the value that this share of all is at most */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
