import { Failure } from "../lib/failure.ts";
import { openSession } from "../lib/session.ts";
import { ensureStack, runPulumi } from "../lib/stack.ts";

/** Commands that read a stack's file take it from where this checkout keeps it. */
const WITH_FILE = new Set(["up", "preview", "destroy", "refresh", "config"]);
const WITH_STACK = new Set(["stack", "state", "cancel", "console"]);

/** Exit code: that of Pulumi's CLI. */
export async function pulumi(args: readonly string[], options: { stack: string }): Promise<void> {
  const { stack } = await openSession(options.stack);
  const [command = ""] = args;
  // Settings may come before the first update.
  if (command === "config") await ensureStack(stack);
  const scope = WITH_FILE.has(command) ? stack.args : WITH_STACK.has(command) ? ["--stack", stack.name] : [];
  const exitCode = await runPulumi(stack, [...args, ...scope]);
  if (exitCode !== 0) throw new Failure("", exitCode);
}
