import { execa } from "execa";
import { Failure } from "../lib/failure.ts";
import { ROOT } from "../lib/paths.ts";

/** Cheapest first; a later one is not run after a failure. */
const STAGES: readonly (readonly [string, string, ...string[]])[] = [
  ["Format and lint", "biome", "check", "--error-on-warnings", "."],
  ["Types", "tsc", "--project", "."],
  ["Tests", "vitest", "run", "--project", "unit"],
];

/** Exit codes: 0 everything passed; 1 something did not. */
export async function test(): Promise<void> {
  for (const [title, command, ...args] of STAGES) {
    console.error(`\n${title}: ${command} ${args.join(" ")}`);
    const { exitCode } = await execa(command, args, { cwd: ROOT, preferLocal: true, stdio: "inherit", reject: false });
    if (exitCode !== 0) throw new Failure(`${title} failed.`);
  }
}
