import { execa } from "execa";
import { Failure } from "../lib/failure.ts";
import { ROOT } from "../lib/paths.ts";
import { runTests } from "../lib/vitest.ts";

/** Exit codes: 0 everything passed; 1 something did not. The cheapest comes first, and ends the run where it fails. */
export async function test(): Promise<void> {
  await check("Format and lint", "biome", "check", "--error-on-warnings", ".");
  await check("Types", "tsc", "--project", ".");
  console.error("\nUnit and contract tests");
  if (!(await runTests("unit"))) throw new Failure("Unit and contract tests failed.");
}

async function check(title: string, command: string, ...args: string[]): Promise<void> {
  console.error(`\n${title}: ${command} ${args.join(" ")}`);
  const { exitCode } = await execa(command, args, { cwd: ROOT, preferLocal: true, stdio: "inherit", reject: false });
  if (exitCode !== 0) throw new Failure(`${title} failed.`);
}
