import { execa } from "execa";
import { Failure } from "../lib/failure.ts";
import { ROOT } from "../lib/paths.ts";

/** Exit codes: 0 everything passed; 1 something did not. */
export async function e2e(files: readonly string[]): Promise<void> {
  const args = ["run", "--project", "e2e", ...files];
  const { exitCode } = await execa("vitest", args, { cwd: ROOT, preferLocal: true, stdio: "inherit", reject: false });
  if (exitCode !== 0) throw new Failure("The end-to-end run failed.");
}
