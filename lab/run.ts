import { execa } from "execa";
import { LabError } from "./errors.ts";

const linesShown = 15;

export interface RunOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv;
  /** What to do when the command fails; the end of its output is shown above it. */
  remedy?: string;
}

/** Runs a command quietly and returns its standard output. Throws a {@link LabError} with the end of what it printed. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { remedy = "Fix the cause named above and run the command again: finished steps are not repeated.", ...rest } =
    options;
  const result = await execa(command, args, { ...rest, all: true, reject: false, stdin: "ignore" });
  if (!result.failed) return result.stdout;

  const output = lastLines(result.all || result.shortMessage || "(no output)");
  throw new LabError(`\`${command} ${args.join(" ")}\` failed:\n${output}`, remedy);
}

export function lastLines(text: string, count = linesShown): string {
  const lines = text.trimEnd().split("\n").slice(-count);
  return lines.map((line) => `    ${line}`).join("\n");
}
