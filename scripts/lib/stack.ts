import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { isSecretSetting } from "../../components/settings.ts";
import { Failure } from "./failure.ts";
import { npmRun } from "./npm-run.ts";
import { LOCAL, PULUMI_HOME, ROOT } from "./paths.ts";
import { encryptedKeys, plainSettings, readStackFile, type StackFile, withChanges, workingCopy } from "./stack-file.ts";
import { say } from "./terminal.ts";

/** Pulumi's CLI, bound to one stack of this project and the backend that holds it. */
export interface Stack {
  readonly name: string;
  /** Path of the CLI. */
  readonly cli: string;
  readonly env: NodeJS.ProcessEnv;
  /** The backend is this checkout's own: nobody else can read what it encrypts. */
  readonly ours: boolean;
  /** Folder of the working copies of the project's and the stack's files. */
  readonly work: string;
  /** The stack's working file before Pulumi works on it. */
  readonly file: StackFile;
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
  // What one backend encrypted is nothing to another: each kind has a folder of its own.
  const work = join(home, ours ? "stacks" : "shared");
  const file = writeWorkingFile(work, name, ours);
  return { name, cli, env, ours, work, file, args: ["--stack", name, "--config-file", workingFile(work, name)] };
}

/** The platform that a stack's file names, before anything is known of the tools that it needs. */
export function platformOf(name: string): "docker" | "kubernetes" {
  const settings = plainSettings(readStackFile(readFileSync(existing(name), "utf8")));
  return settings["platform:kind"] === "kubernetes" ? "kubernetes" : "docker";
}

/** Keys of the settings that are stored encrypted, in git or in this checkout's working copies. */
export function encryptedSettings(name: string): string[] {
  const own = [LOCAL, join(LOCAL, "lab")].map((home) => workingFile(join(home, "stacks"), name));
  const files = [committedFile(name), ...own];
  const keys = files
    .filter((file) => existsSync(file))
    .flatMap((file) => encryptedKeys(readStackFile(readFileSync(file, "utf8"))));
  return [...new Set(keys)];
}

/**
 * Stand where the values of secret settings go, for whoever only has to know that they are set: long enough for every
 * rule, and of its characters.
 */
export function placeholders(encrypted: readonly string[]): Record<string, string> {
  const value = (key: string) => `value-of-${key.replace(":", "-")}`.padEnd(40, "-");
  return Object.fromEntries(
    encrypted
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
    `The stack ${stack.name} has no outputs${stderr ? `: ${stderr.trim()}` : "."}\n\nDeploy it first: ${npmRun("up", stack.name)}`,
  );
}

/** Runs the CLI in front of the user. @returns its exit code; 1 where a signal ended it */
export async function runPulumi(stack: Stack, args: readonly string[]): Promise<number> {
  const { cli, env } = stack;
  const { exitCode } = await execa(cli, args, { env, extendEnv: false, stdio: "inherit", reject: false });
  keepSettings(stack);
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

const workingFile = (work: string, name: string) => join(work, `Pulumi.${name}.yaml`);
const committedFile = (name: string) => join(ROOT, `Pulumi.${name}.yaml`);

/** The stack's file in git. @throws Failure for a stack that has none */
export function existing(name: string): string {
  if (existsSync(committedFile(name))) return committedFile(name);
  throw new Failure(
    `There is no stack "${name}": Pulumi.${name}.yaml is missing.\n\nStacks of this project: dev, prod.`,
  );
}

/** Beside a copy of the project's file: `stack init` writes the salt of the passphrase where it finds that. */
function writeWorkingFile(work: string, name: string, ours: boolean): StackFile {
  const file = workingFile(work, name);
  mkdirSync(work, { recursive: true, mode: 0o700 });
  writeFileSync(join(work, "Pulumi.yaml"), readFileSync(join(ROOT, "Pulumi.yaml")));
  const before = existsSync(file) ? readStackFile(readFileSync(file, "utf8")) : {};
  const committed = readStackFile(readFileSync(committedFile(name), "utf8"));
  const text = workingCopy(committed, before, ours);
  writeFileSync(file, text, { mode: 0o600 });
  return readStackFile(text);
}

/**
 * What Pulumi wrote into the working file goes to the file in git: plain settings always, and secrets where the backend
 * is not this checkout's own, because everybody who uses it needs them.
 */
function keepSettings({ name, work, file: before, ours }: Stack): void {
  const working = workingFile(work, name);
  // `destroy --remove` takes it along.
  if (!existsSync(working)) return;
  const file = committedFile(name);
  const committed = readFileSync(file, "utf8");
  const text = withChanges(committed, before, readStackFile(readFileSync(working, "utf8")), ours);
  if (text === committed) return;
  writeFileSync(file, text);
  if (!ours) say(`Pulumi.${name}.yaml has changed. Commit it: other checkouts and the workflows read it too.`);
}
