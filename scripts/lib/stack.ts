import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { isSecretSetting } from "../../components/settings.ts";
import { Failure } from "./failure.ts";
import { LOCAL, PULUMI_HOME, ROOT } from "./paths.ts";
import { encryptedKeys, plainSettings, readStackFile, withPlainSettings, workingCopy } from "./stack-file.ts";

/** Pulumi's CLI, bound to one stack of this project and the backend that holds it. */
export interface Stack {
  readonly name: string;
  /** Path of the CLI. */
  readonly cli: string;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the working copies of the project's and the stack's files. */
  readonly work: string;
  /** The stack's settings as text, those that are not encrypted. */
  readonly config: Readonly<Record<string, string>>;
  /** Arguments that every command on the stack needs. */
  readonly args: readonly string[];
}

/** The CLI, and where this checkout keeps what it knows. */
export interface Place {
  readonly cli: string;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of state, passphrase and working files. */
  readonly home?: string;
}

/**
 * Finds the stack's backend and writes its working file. Whoever is logged in, or sets PULUMI_BACKEND_URL, uses that
 * backend; everybody else gets files in `.local/`, encrypted with a passphrase made for this checkout.
 */
export function openStack(name: string, { cli, env: tools, home = LOCAL }: Place): Stack {
  existing(name);
  const ours = !usesOwnBackend(tools);
  const env = { ...tools, ...(ours ? localBackend(tools, home) : {}) };
  const config = writeWorkingFile(home, name, ours);
  const args = ["--stack", name, "--config-file", workingFile(home, name)];
  return { name, cli, env, config, work: workFolder(home), args };
}

/** The platform that a stack's file names, before anything is known of the tools that it needs. */
export function platformOf(name: string): "docker" | "kubernetes" {
  const settings = plainSettings(readStackFile(readFileSync(existing(name), "utf8")));
  return settings["platform:kind"] === "kubernetes" ? "kubernetes" : "docker";
}

/** Keys of the settings that are stored encrypted, in git or in this checkout's working copies. */
function encryptedSettings(name: string): string[] {
  const files = [committedFile(name), workingFile(LOCAL, name), workingFile(join(LOCAL, "lab"), name)];
  const keys = files
    .filter((file) => existsSync(file))
    .flatMap((file) => encryptedKeys(readStackFile(readFileSync(file, "utf8"))));
  return [...new Set(keys)];
}

/**
 * Stand where the values of secret settings go, for whoever only has to know that they are set: long enough for every
 * rule, and of its characters.
 */
export function placeholders(name: string): Record<string, string> {
  const value = (key: string) => `value-of-${key.replace(":", "-")}`.padEnd(40, "-");
  return Object.fromEntries(
    encryptedSettings(name)
      // Another setting may be encrypted too, and its rule needs its value.
      .filter(isSecretSetting)
      .map((key) => [key, value(key)]),
  );
}

/** Makes the stack where it does not exist yet. */
export async function ensureStack(stack: Stack): Promise<void> {
  const found = await execa(stack.cli, ["stack", "select", stack.name, "--cwd", stack.work], quiet(stack));
  if (found.exitCode === 0) return;
  const made = await execa(stack.cli, ["stack", "init", stack.name, "--cwd", stack.work], quiet(stack));
  if (made.exitCode !== 0) throw new Failure(`The stack ${stack.name} could not be created:\n${made.all}`);
}

/** The stack's outputs, secrets in clear. @throws Failure where there are none. */
export async function readOutputs(stack: Stack): Promise<Record<string, unknown>> {
  const args = ["stack", "output", "--json", "--show-secrets", "--stack", stack.name];
  const { exitCode, stdout, stderr } = await execa(stack.cli, args, { ...quiet(stack), all: false });
  const outputs = exitCode === 0 ? (JSON.parse(stdout) as Record<string, unknown>) : {};
  if (Object.keys(outputs).length > 0) return outputs;
  throw new Failure(
    `The stack ${stack.name} has no outputs${stderr ? `: ${stderr.trim()}` : "."}\n\nDeploy it first: npm run up`,
  );
}

/** Runs the CLI in front of the user. @returns its exit code; 1 where a signal ended it */
export async function runPulumi({ cli, env }: Stack, args: readonly string[]): Promise<number> {
  const { exitCode } = await execa(cli, args, { env, extendEnv: false, stdio: "inherit", reject: false });
  return exitCode ?? 1;
}

function quiet({ env }: Stack) {
  return { cwd: ROOT, env, extendEnv: false, reject: false, all: true, stdin: "ignore" } as const;
}

function usesOwnBackend(env: NodeJS.ProcessEnv): boolean {
  if (env.PULUMI_BACKEND_URL || env.PULUMI_ACCESS_TOKEN) return true;
  const credentials = join(env.PULUMI_HOME ?? PULUMI_HOME, "credentials.json");
  return existsSync(credentials) && Boolean(JSON.parse(readFileSync(credentials, "utf8")).current);
}

function localBackend(env: NodeJS.ProcessEnv, home: string): NodeJS.ProcessEnv {
  const state = join(home, "state");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const passphrase = join(home, "passphrase");
  if (!existsSync(passphrase)) writeFileSync(passphrase, randomBytes(32).toString("base64url"), { mode: 0o600 });
  const given = env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return { PULUMI_BACKEND_URL: `file://${state}`, ...(given ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: passphrase }) };
}

/** `stack init` writes the salt of the passphrase beside the project file that it finds: this copy, not the one in git. */
const workFolder = (home: string) => join(home, "stacks");
const workingFile = (home: string, name: string) => join(workFolder(home), `Pulumi.${name}.yaml`);
const committedFile = (name: string) => join(ROOT, `Pulumi.${name}.yaml`);

/** The stack's file in git. @throws Failure for a stack that has none */
export function existing(name: string): string {
  if (existsSync(committedFile(name))) return committedFile(name);
  throw new Failure(
    `There is no stack "${name}": Pulumi.${name}.yaml is missing.\n\nStacks of this project: dev, prod.`,
  );
}

function writeWorkingFile(home: string, name: string, ours: boolean): Record<string, string> {
  const work = workFolder(home);
  const file = workingFile(home, name);
  mkdirSync(work, { recursive: true, mode: 0o700 });
  writeFileSync(join(work, "Pulumi.yaml"), readFileSync(join(ROOT, "Pulumi.yaml")));
  const before = existsSync(file) ? readStackFile(readFileSync(file, "utf8")) : {};
  const committed = readStackFile(readFileSync(committedFile(name), "utf8"));
  const text = workingCopy(committed, before, ours);
  writeFileSync(file, text, { mode: 0o600 });
  return plainSettings(readStackFile(text));
}

/** After `pulumi config`: plain settings go to the file in git; secrets stay where only this checkout has them. */
export function keepSettings(stack: Stack): void {
  const file = committedFile(stack.name);
  const committed = readFileSync(file, "utf8");
  const working = readStackFile(readFileSync(join(stack.work, `Pulumi.${stack.name}.yaml`), "utf8"));
  const text = withPlainSettings(committed, working);
  if (text !== committed) writeFileSync(file, text);
}
