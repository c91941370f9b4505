import confirm from "@inquirer/confirm";
import type Docker from "dockerode";
import { LABELS, MANAGED_BY, madeWith, type Names, namesFor } from "../../components/docker-names.ts";
import type { Settings } from "../../components/settings.ts";
import { connect } from "../lib/engine.ts";
import { Failure } from "../lib/failure.ts";
import { openSession } from "../lib/session.ts";
import { ensureStack, runPulumi } from "../lib/stack.ts";
import { say } from "../lib/terminal.ts";

/** Exit codes: 0 removed; 1 refused at the question, or something could not be removed. */
export async function down(options: { stack: string; yes?: boolean; volumes?: boolean }): Promise<void> {
  await ask(options, `Remove the services of the stack ${options.stack}?`);
  if (options.volumes)
    await ask(options, "Remove their data too, search indexes and recordings? It cannot be brought back.");

  const { stack, settings, lab } = await openSession(options.stack);
  const onDocker = settings.platform.kind === "docker";
  if (!onDocker) refuseProtected(options.volumes ?? false, settings, stack.name);
  await ensureStack(stack);
  const args = ["destroy", "--yes", "--skip-preview", "--suppress-permalink=true", ...stack.args];
  const exitCode = await runPulumi(stack, args);
  if (exitCode !== 0) throw new Failure("Something could not be removed; what is said above tells why.");

  if (!onDocker) return tellWhatStays(settings);
  const docker = connect(stack.env);
  const names = namesFor(settings.platform.prefix, settings.platform.network);
  await removeNetwork(docker, names.network);
  await removeVolumes(docker, names, options.volumes ?? false);
  if (lab) say("The lab still runs. Stop it: npm run lab -- down");
}

/** What is guarded is not removed by a word more on the same command line. */
function refuseProtected(volumes: boolean, { platform }: Settings, stack: string): void {
  const set = (key: string) => `  npm run pulumi -- --stack ${stack} config set ${key} false`;
  if (platform.protect) {
    throw new Failure(
      `Nothing was changed: data volumes, generated secrets and the namespace are protected in the stack ${stack}.\n\nTake the protection off first:\n${set("platform:protect")}\n  npm run up -- --stack ${stack}`,
    );
  }
  if (volumes && platform.retainData) {
    throw new Failure(
      `Nothing was changed: the stack ${stack} keeps its data volumes when it is destroyed.\n\nLet them go first:\n${set("platform:retainData")}\n  npm run up -- --stack ${stack}`,
    );
  }
}

function tellWhatStays({ platform }: Settings): void {
  if (platform.retainData) {
    const namespace = platform.createNamespace ? ` and the namespace ${platform.namespace}` : "";
    say(`Data volumes${namespace} stay: kubectl get pvc --namespace ${platform.namespace}`);
  }
}

async function ask({ yes }: { yes?: boolean }, message: string): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new Failure("There is no terminal to ask on. Add --yes to go ahead without a question.");
  if (!(await confirm({ message, default: false }))) throw new Failure("Nothing was changed.");
}

/** The program leaves the network to us: only here it is known whether somebody else is on it. */
async function removeNetwork(docker: Docker, name: string): Promise<void> {
  const network = await docker
    .getNetwork(name)
    .inspect()
    .catch(() => undefined);
  if (!network) return;
  const users = Object.values(network.Containers ?? {}).map(({ Name }) => Name);
  if (network.Labels?.[LABELS.managedBy] !== MANAGED_BY) say(`The network ${name} stays: this stack did not make it.`);
  else if (users.length > 0) say(`The network ${name} stays: ${users.join(", ")} uses it.`);
  else await docker.getNetwork(network.Id).remove();
}

async function removeVolumes(docker: Docker, names: Names, wanted: boolean): Promise<void> {
  const { Volumes: volumes } = await docker.listVolumes({ filters: JSON.stringify(madeWith(names)) as never });
  const found = (volumes ?? []).map(({ Name }) => Name).sort();
  if (found.length === 0) return;
  if (!wanted) {
    say(`Data stays in ${found.join(", ")}. Remove it as well: npm run down -- --volumes`);
    return;
  }
  for (const name of found) await docker.getVolume(name).remove();
  say(`Removed ${found.join(", ")}.`);
}
