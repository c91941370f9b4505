import { execa } from "execa";
import { Failure } from "../lib/failure.ts";
import { openSession } from "../lib/session.ts";

/** Commands that read a stack's file take it from where this checkout keeps it. */
const WITH_FILE = new Set(["up", "preview", "destroy", "refresh", "config"]);

/** Exit code: that of Pulumi's CLI. */
export async function pulumi(args: readonly string[], options: { stack: string }): Promise<void> {
  const { stack } = await openSession(options.stack);
  const all = WITH_FILE.has(args[0] ?? "") ? [...args, ...stack.args] : args;
  const { exitCode } = await execa(stack.cli, all, {
    env: stack.env,
    extendEnv: false,
    stdio: "inherit",
    reject: false,
  });
  if (exitCode !== 0) throw new Failure("", exitCode ?? 1);
}
