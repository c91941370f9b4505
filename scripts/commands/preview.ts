import { execa } from "execa";
import { Failure } from "../lib/failure.ts";
import { openSession } from "../lib/session.ts";
import { ensureStack } from "../lib/stack.ts";

/** Exit codes: 0 shown; 1 a setting or the machine is in the way, or something would change where nothing may. */
export async function preview(options: { stack: string; diff?: boolean; expectNoChanges?: boolean }): Promise<void> {
  const { stack } = await openSession(options.stack);
  await ensureStack(stack);
  const flags = [...(options.diff ? ["--diff"] : []), ...(options.expectNoChanges ? ["--expect-no-changes"] : [])];
  const { exitCode } = await execa(stack.cli, ["preview", "--suppress-permalink=true", ...flags, ...stack.args], {
    env: stack.env,
    extendEnv: false,
    stdio: "inherit",
    reject: false,
  });
  if (exitCode !== 0) throw new Failure("", 1);
}
