import { existsSync } from "node:fs";
import { lstat, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { LabError } from "./errors.ts";
import type { LabPart } from "./parts.ts";
import { checkout, localDirectory, node24 } from "./paths.ts";
import { which } from "./prerequisites.ts";

/** Commands that the lab puts first on the PATH, and Pulumi's home: apart from what the user has. */
export const binDirectory = join(localDirectory, "bin");
export const pulumiHome = join(localDirectory, "pulumi-home");

const providers = ["docker", "kubernetes", "random"] as const;
const languageHost = "pulumi-language-nodejs";
const officialHome = join(homedir(), ".pulumi", "plugins");

/** The plugins, and for each whether the official one is here or a stand-in has to do. */
export async function pluginParts(): Promise<LabPart[]> {
  const official = providers.map(async (name) => existsSync(join(officialHome, await pluginFolder(name))));
  const found = await Promise.all(official);
  return [
    { name: "Pulumi's Node language host", standIn: officialLanguageHost() === undefined },
    ...providers.map((name, index) => ({ name: `Pulumi's ${name} provider`, standIn: !found[index] })),
  ];
}

/** Makes the plugins findable: the official ones where this machine has them, stand-ins elsewhere. */
export async function installPlugins(): Promise<void> {
  const host = join(binDirectory, languageHost);
  if (officialLanguageHost()) await rm(host, { force: true });
  else await installStandIn("language-nodejs", host);

  for (const name of providers) {
    const folder = await pluginFolder(name);
    const official = join(officialHome, folder);
    const target = join(pulumiHome, "plugins", folder);
    if (existsSync(official)) await placeLink(official, target);
    else await installStandIn(name, join(target, `pulumi-resource-${name}`));
  }
}

/** Puts a link in place of whatever was there, without a moment in which a running `pulumi` finds nothing. */
export async function placeLink(target: string, link: string): Promise<void> {
  await mkdir(dirname(link), { recursive: true });
  const fresh = `${link}.new`;
  await rm(fresh, { force: true });
  await symlink(target, fresh);
  const before = await lstat(link).catch(() => undefined);
  if (before?.isDirectory()) await rm(link, { recursive: true });
  await rename(fresh, link);
}

/** Plugins have the version of their SDK: the engine looks for exactly that one. */
async function pluginFolder(name: string): Promise<string> {
  const manifest = await readFile(join(checkout, "node_modules", "@pulumi", name, "package.json"), "utf8");
  return `resource-${name}-v${JSON.parse(manifest).version}`;
}

function officialLanguageHost(): string | undefined {
  const elsewhere = `${process.env.PATH}`.split(":").filter((directory) => directory !== binDirectory);
  return which(languageHost, elsewhere.join(":"));
}

async function installStandIn(plugin: string, command: string): Promise<void> {
  const entry = join(checkout, "lab", "plugins", plugin, "main.ts");
  if (!existsSync(node24)) {
    throw new LabError(
      "The plugins of the lab run on the Node that package.json pins, which is not there.",
      "Run `npm ci`.",
    );
  }
  const folder = dirname(command);
  if ((await lstat(folder).catch(() => undefined))?.isSymbolicLink()) await rm(folder);
  await mkdir(folder, { recursive: true });
  await writeFile(`${command}.new`, `#!/bin/sh\nexec ${quote(node24)} ${quote(entry)} "$@"\n`, { mode: 0o755 });
  await rename(`${command}.new`, command);
}

/** For a POSIX shell. */
export const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
