import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { LOCAL, ROOT } from "./paths.ts";

const BIN = join(ROOT, "node_modules", ".bin");

/**
 * The Pulumi CLI: the one on PATH, else the official downloader that the npm package `pulumi` is.
 * @returns undefined where there is none and none can be downloaded
 */
export async function findCli(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const onPath = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== BIN && folder !== "");
  const candidates = [...onPath.map((folder) => join(folder, "pulumi")), join(BIN, "pulumi")].filter(isExecutable);
  for (const cli of candidates) {
    const { exitCode } = await execa(cli, ["version"], { env: withNode(env), reject: false, timeout: 300_000 });
    if (exitCode === 0) return cli;
  }
  return undefined;
}

/** Provider plugins of the versions that the SDKs ask for. @returns those that are missing and cannot be had */
export async function missingPlugins(cli: string, env: NodeJS.ProcessEnv, names: readonly string[]): Promise<string[]> {
  const { stdout } = await execa(cli, ["plugin", "ls", "--json"], { env, reject: false });
  const present = stdout ? (JSON.parse(stdout) as { name: string; version: string }[]) : [];
  const wanted = await Promise.all(names.map(async (name) => ({ name, version: await sdkVersion(name) })));
  const absent = wanted.filter(
    ({ name, version }) => !present.some((plugin) => plugin.name === name && plugin.version === version),
  );
  const results = await Promise.all(
    absent.map(({ name, version }) =>
      execa(cli, ["plugin", "install", "resource", name, version], { env, reject: false, timeout: 300_000 }),
    ),
  );
  return absent.filter((_, index) => results[index]?.exitCode !== 0).map(({ name }) => name);
}

async function sdkVersion(name: string): Promise<string> {
  const { default: manifest } = await import(`@pulumi/${name}/package.json`, { with: { type: "json" } });
  return manifest.version;
}

/** Node 24 first: the language host runs the program with the `node` that it finds. */
export function withNode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== BIN);
  return { ...env, PATH: [dirname(process.execPath), ...rest].join(delimiter), PULUMI_SKIP_UPDATE_CHECK: "true" };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** There while the lab serves this checkout, so that every command uses it. */
export const LAB_IN_USE = join(LOCAL, "lab", "in-use");
