import { Failure } from "../lib/failure.ts";
import { openSession } from "../lib/session.ts";
import { ensureStack, runPulumi } from "../lib/stack.ts";

/** Pulumi's exit code for changes where none were expected, since 3.226.1. */
const CHANGES = 7;

/** Exit codes: 0 shown; 1 a setting or the machine is in the way; 7 something would change where nothing may. */
export async function preview(options: { stack: string; diff?: boolean; expectNoChanges?: boolean }): Promise<void> {
  const { stack } = await openSession(options.stack);
  await ensureStack(stack);
  const flags = [...(options.diff ? ["--diff"] : []), ...(options.expectNoChanges ? ["--expect-no-changes"] : [])];
  const exitCode = await runPulumi(stack, ["preview", "--suppress-permalink=true", ...flags, ...stack.args]);
  if (exitCode !== 0) throw new Failure("", exitCode === CHANGES ? CHANGES : 1);
}
