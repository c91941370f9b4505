import { writeFrontendEnv } from "../lib/dotenv.ts";
import { openSession } from "../lib/session.ts";
import { readOutputs } from "../lib/stack.ts";
import { say } from "../lib/terminal.ts";

/** Exit codes: 0 written; 1 there is no deployed stack. */
export async function env(options: { stack: string; out: string; publicOnly?: boolean }): Promise<void> {
  const { stack } = await openSession(options.stack);
  const written = await writeFrontendEnv(await readOutputs(stack), options);
  say(`Wrote ${written}. Restart the app's dev server: NEXT_PUBLIC_ variables are read when it builds.`);
}
