import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import confirm from "@inquirer/confirm";
import { readSettings, type Settings, SettingsError } from "../../components/settings.ts";
import { connect, findEngine, hasImage, pullImage, RegistryUnreachable } from "./engine.ts";
import { Failure } from "./failure.ts";
import { LOCAL } from "./paths.ts";
import { openStack, type Place, placeholders, platformOf, type Stack } from "./stack.ts";
import { encryptedKeys, plainSettings } from "./stack-file.ts";
import { progress } from "./terminal.ts";
import { findCli, LAB_IN_USE, missingPlugins, withNode } from "./tools.ts";

/** Everything that a command needs: a CLI, an engine and the stack's settings. */
export interface Session {
  readonly stack: Stack;
  readonly settings: Settings;
  readonly lab: boolean;
}

/**
 * Opens the stack with what earlier commands used: the lab where this checkout runs in it, else the machine's own tools.
 * @throws Failure naming what is missing
 */
export async function openSession(name: string): Promise<Session> {
  if (existsSync(LAB_IN_USE)) return labSession(name);
  const found = await ownTools(name);
  if ("missing" in found)
    throw new Failure(`${unreachable(found.missing)}\n\nnpm run up offers the lab, which does without.`);
  return found;
}

/** As `openSession`, and pulls images; where something is out of reach, offers the lab. */
export async function prepareSession(name: string, { yes }: { yes?: boolean | undefined }): Promise<Session> {
  if (existsSync(LAB_IN_USE)) return labSession(name);
  const found = await ownTools(name);
  const missing = "missing" in found ? found.missing : await missingImages(found);
  if ("stack" in found && missing.length === 0) return found;

  console.error(`\n${unreachable(missing)}\n`);
  const { LabError, checkMachine, standIns } = await import("../../lab/lab.ts");
  await checkMachine().catch((error: unknown) => {
    throw error instanceof LabError
      ? new Failure(`The lab would need only package registries, but ${error.message}`)
      : error;
  });
  console.error(
    `The lab can run the stack here from package registries alone. Stand-ins in it: ${(await standIns()).join(", ")}.`,
  );
  if (!yes && process.stdin.isTTY && !(await confirm({ message: "Build and start the lab?" }))) {
    throw new Failure("Nothing was changed.");
  }
  mkdirSync(dirname(LAB_IN_USE), { recursive: true });
  writeFileSync(LAB_IN_USE, "");
  return labSession(name);
}

async function labSession(name: string): Promise<Session> {
  const { clusterEnvironment, clusterRuns, LabError, startLab } = await import("../../lab/lab.ts");
  const additions = await startLab(progress).catch((error: unknown) => {
    throw error instanceof LabError ? new Failure(error.message) : error;
  });
  // Whoever names a cluster means it; the lab's has to be started by hand: npm run lab -- up --kubernetes
  const cluster = !process.env.KUBECONFIG && clusterRuns() ? clusterEnvironment() : {};
  const env = withNode({ ...process.env, ...additions, ...cluster });
  const cli = await findCli(env);
  if (!cli) throw new Failure("The lab's Pulumi CLI does not start. Rebuild it: npm run lab -- clean");
  connect(env);
  return session(name, { cli, env, home: join(LOCAL, "lab") });
}

async function ownTools(name: string): Promise<Session | { missing: string[] }> {
  const env = withNode(process.env);
  const platform = platformOf(name);
  const title = `Looking for ${platform === "docker" ? "Docker and " : ""}the Pulumi CLI`;
  const [engine, cli] = await progress.step(title, () =>
    Promise.all([platform === "docker" ? findEngine(env) : env, findCli(env)]),
  );
  const plugins = cli
    ? await progress.step("Looking for the provider plugins", () => missingPlugins(cli, env, [platform, "random"]))
    : [];
  const missing = [
    ...(engine ? [] : [`No Docker engine answers at ${env.DOCKER_HOST ?? "the default socket"}.`]),
    ...(cli ? [] : ["The Pulumi CLI is not on PATH, and its download does not answer."]),
    ...(plugins.length > 0
      ? [`The download of Pulumi's provider plugins (${plugins.join(", ")}) does not answer.`]
      : []),
  ];
  return engine && cli && missing.length === 0 ? session(name, { cli, env: engine }) : { missing };
}

function session(name: string, place: Place): Session {
  const stack = openStack(name, place);
  let settings: Settings | undefined;
  return {
    stack,
    lab: place.home !== undefined,
    // Read by whoever needs them: a command that mends settings must not be stopped by them.
    get settings() {
      settings ??= checkedSettings(stack);
      return settings;
    },
  };
}

function checkedSettings({ file }: Stack): Settings {
  const encrypted = placeholders(encryptedKeys(file));
  try {
    return readSettings({ values: { ...encrypted, ...plainSettings(file) }, isSecret: (key) => key in encrypted });
  } catch (error) {
    throw error instanceof SettingsError ? new Failure(error.message) : error;
  }
}

/** A cluster pulls its images by itself. */
async function missingImages({ stack, settings }: Session): Promise<string[]> {
  if (settings.platform.kind === "kubernetes") return [];
  const docker = connect(stack.env);
  for (const { enabled, image } of [settings.search, settings.rtc, settings.streaming]) {
    if (!enabled) continue;
    try {
      if (await hasImage(docker, image)) continue;
      await progress.step(`Pulling ${image}`, (detail) =>
        pullImage(docker, image, (percent) => detail(`${percent} %`)),
      );
    } catch (error) {
      if (!(error instanceof RegistryUnreachable)) throw error;
      return [`The image registry does not answer (${error.message}).`];
    }
  }
  return [];
}

function unreachable(missing: readonly string[]): string {
  return `Out of reach:\n${missing.map((line) => `  - ${line}`).join("\n")}`;
}
