import { Command, InvalidArgumentError } from "commander";
import { startLab, terminalProgress } from "../lab/lab.ts";
import { media } from "./media.ts";
import { preview } from "./preview.ts";
import { addSearch } from "./search/command.ts";
import { up } from "./up.ts";

const benchmarks = { preview, up, media };

const rounds = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number from 1 on.");
  return value;
};

const program = new Command("npm run bench --")
  .description("Measures in the lab, each against a rival in the same run, and prints a table.")
  .showHelpAfterError("(add --help for the options)");
const descriptions = {
  preview: "a preview without changes, against the smallest program that loads the same providers",
  up: "from nothing to healthy with images present, against docker compose up --wait",
  media: "one UDP port for calls, against the spec's range of 101",
};
for (const [name, benchmark] of Object.entries(benchmarks)) {
  program
    .command(name)
    .description(descriptions[name as keyof typeof descriptions])
    .option("--rounds <number>", "counted runs of each", rounds, 5)
    .action(async (options: { rounds: number }) => {
      const env = await startLab(terminalProgress());
      process.stdout.write(`\n${await benchmark(env, options.rounds)}\n`);
    });
}
addSearch(program);
await program.parseAsync();
