import { Failure } from "../lib/failure.ts";
import { runTests } from "../lib/vitest.ts";

/** Exit codes: 0 everything passed; 1 something did not. */
export async function e2e(files: readonly string[]): Promise<void> {
  if (!(await runTests("e2e", files))) throw new Failure("The end-to-end run failed.");
}
