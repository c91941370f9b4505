import { namesFor } from "../../components/docker-names.ts";
import { somethingIsGone, unhealthyLogs } from "../lib/diagnosis.ts";
import { writeFrontendEnv } from "../lib/dotenv.ts";
import { Failure } from "../lib/failure.ts";
import { npmRun } from "../lib/npm-run.ts";
import { prepareSession, type Session } from "../lib/session.ts";
import { ensureStack, readOutputs, runPulumi } from "../lib/stack.ts";
import { paint, progress, say } from "../lib/terminal.ts";

interface UpOptions {
  readonly stack: string;
  readonly yes?: boolean;
  readonly out: string;
  /** False with `--no-env`. */
  readonly env: boolean;
}

/** Exit codes: 0 everything runs; 1 nothing could be deployed, or a service is not healthy. */
export async function up(options: UpOptions): Promise<void> {
  const session = await prepareSession(options.stack, options);
  await progress.step(`Opening the stack ${options.stack}`, () => ensureStack(session.stack));
  await deploy(session);

  const outputs = await readOutputs(session.stack);
  const written = options.env ? await writeFrontendEnv(outputs, { out: options.out, stack: options.stack }) : undefined;
  report(outputs, session, written);
}

async function deploy({ stack, settings }: Session): Promise<void> {
  const onDocker = settings.platform.kind === "docker";
  // Reading everything back takes seconds: it is done where something that the state knows may be gone.
  const refresh = onDocker && (await somethingIsGone(stack.env, settings)) ? ["--refresh"] : [];
  const flags = ["--yes", "--skip-preview", "--suppress-outputs", "--suppress-permalink=true", ...refresh];
  const args = ["up", ...flags, ...stack.args];
  const exitCode = await runPulumi(stack, args);
  if (exitCode === 0) return;
  const logs = onDocker ? await unhealthyLogs(stack.env, namesFor(settings.platform.prefix)) : "";
  throw new Failure(
    `${logs}The update failed; what is said above tells why. Run it again when that is mended: ${npmRun("up", stack.name)}`,
  );
}

const URLS = { Search: "searchUrl", Calls: "rtcUrl", Publish: "ingestUrl", Play: "hlsUrl", Statistics: "statsUrl" };

function report(outputs: Record<string, unknown>, { lab, stack }: Session, written: string | undefined): void {
  say();
  for (const [label, key] of Object.entries(URLS)) {
    if (outputs[key]) say(`  ${label.padEnd(12)}${paint("cyan", String(outputs[key]))}`);
  }
  say();
  if (lab)
    say(
      paint("yellow", "This is the lab: MeiliSearch is a stand-in here. LiveKit and nginx-rtmp are the real servers."),
    );
  if (written)
    say(`The app's environment is in ${written}. Copy it to the app, or write it there: npm run env -- --out FILE`);
  say(`Next: ${paint("bold", npmRun("verify", stack.name))}`);
}
