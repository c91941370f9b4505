import { cpus } from "node:os";
import Docker from "dockerode";
import { hasImage, pullImage } from "../scripts/lib/engine.ts";
import { inTurns } from "./rounds.ts";
import { Contender } from "./search/contender.ts";
import { SearchBenchError } from "./search/error.ts";
import { batches } from "./search/indexing.ts";
import type { Load } from "./search/load.ts";
import { messages, type Written } from "./search/messages.ts";
import { queries } from "./search/queries.ts";
import { disturbance, promise, table } from "./search/report.ts";
import { type Limits, Server } from "./search/server.ts";
import { type Change, variants } from "./search/variants.ts";

export interface SearchOptions extends Limits, Load {
  /** Of MeiliSearch. */
  readonly image: string;
  readonly documents: number;
  /** Counted searches of each client, in all rounds together. */
  readonly queries: number;
  readonly rounds: number;
  /** Processors that other processes may take during a turn, or it is taken again. */
  readonly undisturbed: number;
  /** Further columns, by what they are called. */
  readonly changes: ReadonlyMap<string, Change>;
  /** Also measure the lab's stand-in, to try the benchmark itself. */
  readonly standIn: boolean;
}

/**
 * Searches in the messages of a chat: our settings of index and server against the server's own, each on a fresh server.
 * They search in turns, with equal queries.
 * @param signal ends it, with nothing left behind
 */
export async function search(options: SearchOptions, signal: AbortSignal): Promise<string> {
  const docker = new Docker();
  if (!(await hasImage(docker, options.image))) {
    console.error(`Pulling ${options.image} …`);
    await pullImage(docker, options.image, () => undefined);
  }
  console.error(`Writing ${options.documents} messages …`);
  const written = messages(options.documents);
  const documents = batches(written.map(({ message }) => message));

  const servers: Server[] = [];
  const contenders: Contender[] = [];
  try {
    for (const variant of variants(options, options.changes)) {
      const server = await Server.start(docker, { ...options, env: variant.env }, signal);
      servers.push(server);
      if (!options.standIn) await refuseStandIn(server, options.image);
      const contender = new Contender(variant, server);
      contenders.push(contender);
      await contender.index(documents);
    }
    await searchInTurns(contenders, written, options);
    const measured = contenders.map((contender) => contender.measured());
    const title = titleOf(options, await Promise.all(servers.map((server) => server.what())));
    return [title, "", table(measured), "", promise(measured), conditions(options), disturbance(measured)].join("\n");
  } finally {
    await Promise.allSettled(servers.map((server) => server.remove()));
  }
}

async function refuseStandIn(server: Server, image: string): Promise<void> {
  if (!(await server.isStandIn())) return;
  throw new SearchBenchError(
    `${image} is the lab's stand-in for MeiliSearch here: its speed says nothing about the real server.\n\n` +
      "Name an image of a real one with --image, on a machine that has it or can pull it. " +
      "To try the benchmark itself, add --stand-in.",
  );
}

/** All answer the same queries, others in each round. */
async function searchInTurns(
  contenders: readonly Contender[],
  written: readonly Written[],
  options: SearchOptions,
): Promise<void> {
  const count = Math.ceil((options.clients * options.queries) / options.rounds);
  const rounds = contenders.map((contender) => {
    let round = 0;
    return {
      name: contender.name,
      run: () => contender.search(queries(written, count, round++, options), options, options.undisturbed),
    };
  });
  await inTurns(rounds, options.rounds);
}

function titleOf(
  { image, documents, clients, memory, cpus: limit }: SearchOptions,
  servers: readonly string[],
): string {
  return (
    `${[...new Set(servers)].join(", ")}, ${image}: ${documents} messages, ${count(clients, "client")}, ${memory} MiB ` +
    `and ${count(limit, "processor")} for each server. In brackets: as a multiple of the first.`
  );
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

function conditions({ pause, clients, queries: each, rounds }: SearchOptions): string {
  const pacing =
    pause > 0
      ? `each waits ${pause} ms between two searches`
      : "each sends the next search as soon as it has an answer";
  return (
    `${clients * each} searches a column in ${rounds} rounds, after one to warm up; ${pacing}. The clients run on the ` +
    `same ${cpus().length} processors as the servers, and take from them what they need.`
  );
}
