import { type Command, InvalidArgumentError, Option } from "commander";
import { isObject } from "../../components/search/json.ts";
import { readSettings } from "../../components/settings.ts";
import { startLab, terminalProgress } from "../../lab/lab.ts";
import { connect, findEngine, RegistryUnreachable } from "../../scripts/lib/engine.ts";
import { Failure } from "../../scripts/lib/failure.ts";
import { type SearchOptions, search } from "../search.ts";
import { SearchBenchError } from "./error.ts";
import type { Change } from "./variants.ts";

/** Adds `search`, with its options. */
export function addSearch(program: Command): void {
  // What the stack has where nothing is set.
  const defaults = readSettings({ values: {}, isSecret: () => false }).search;
  program
    .command("search")
    .description(
      "searches in the messages of a chat: our settings against the server's defaults, on a real MeiliSearch",
    )
    .option("--image <name>", "image of MeiliSearch", defaults.image)
    .option("--documents <number>", "messages in the index", from(1), 100_000)
    .option("--clients <number>", "searches on their way at the same time", from(1), 8)
    .option("--queries <number>", "counted searches of each client, in all rounds together", from(1), 500)
    .option("--rounds <number>", "rounds in which the servers take turns", from(1), 5)
    .option(
      "--pause <milliseconds>",
      "what each client waits before its next search, as whoever types does",
      from(0),
      0,
    )
    .option("--undisturbed <processors>", "repeat a turn while other processes take more of the machine", processors)
    .option("--memory <MiB>", "memory limit of each server", from(128), defaults.memory)
    .option("--cpus <number>", "processor limit of each server", processors, Number(defaults.cpus))
    .addOption(
      new Option("--try <change>", "a further column: ours with settings (JSON) or a variable (NAME=VALUE)")
        .argParser(change)
        .default(new Map(), "none"),
    )
    .option("--stand-in", "also measure the lab's stand-in, to try the benchmark itself", false)
    .addHelpText("after", EXAMPLES)
    .action(run);
}

const EXAMPLES = `
Uses the Docker Engine that answers, or the lab's. Each column has a server of its own, all at the same time: three need
three times --memory. Option --try may be repeated.

  npm run bench -- search --image getmeili/meilisearch:v1.50.0
  npm run bench -- search --try '{"proximityPrecision": "byAttribute"}' --try MEILI_EXPERIMENTAL_NB_SEARCHES_PER_CORE=1`;

type Options = Omit<SearchOptions, "changes" | "undisturbed"> & {
  readonly try: SearchOptions["changes"];
  readonly undisturbed?: number;
};

async function run({ try: changes, undisturbed = Number.POSITIVE_INFINITY, ...options }: Options): Promise<void> {
  connect((await findEngine(process.env)) ?? (await startLab(terminalProgress())));
  const stop = new AbortController();
  // A second one ends it at once.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => stop.abort());
  try {
    process.stdout.write(`\n${await search({ ...options, changes, undisturbed }, stop.signal)}\n`);
  } catch (error) {
    if (stop.signal.aborted) {
      console.error("\nStopped. The servers and their data are removed.");
      process.exitCode = 130;
    } else if (error instanceof SearchBenchError || error instanceof Failure || error instanceof RegistryUnreachable) {
      console.error(`\n${error.message}`);
      process.exitCode = 1;
    } else throw error;
  }
}

const from = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new InvalidArgumentError(`It must be a whole number from ${least} on.`);
  }
  return value;
};

function processors(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("It must be a number of processors, such as 0.5 or 2.");
  return value;
}

function change(text: string, before: ReadonlyMap<string, Change>): ReadonlyMap<string, Change> {
  return new Map([...before, [text, changeOf(text)]]);
}

function changeOf(text: string): Change {
  const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return { settings: {}, env: { [name]: value } };
  try {
    const settings: unknown = JSON.parse(text);
    if (isObject(settings)) return { settings, env: {} };
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError(
    'It must be settings such as {"searchCutoffMs": 50}, or a variable such as NAME=VALUE.',
  );
}
