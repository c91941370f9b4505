import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect } from "vitest";
import { parseDocument } from "yaml";

const PROJECT = fileURLToPath(new URL("../../../", import.meta.url));

/** What a command printed, and how it ended. */
export interface Ran {
  readonly exitCode: number | undefined;
  /** Standard output and standard error, as they came. */
  readonly all: string;
  readonly stdout: string;
}

/** The command ended well; where it did not, the error shows what it printed. */
export function ok({ exitCode, all }: Ran): void {
  expect(exitCode, all).toBe(0);
}

/** A clone of the project with settings of its own: a run never touches the files of the checkout it tests. */
export class Checkout {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), "nchat-e2e-"));
  }

  static async create(settings: Record<string, unknown> = {}): Promise<Checkout> {
    const checkout = new Checkout();
    const { stdout } = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: PROJECT });
    for (const file of stdout.split("\n")) {
      mkdirSync(dirname(join(checkout.path, file)), { recursive: true });
      cpSync(join(PROJECT, file), join(checkout.path, file));
    }
    symlinkSync(join(PROJECT, "node_modules"), join(checkout.path, "node_modules"));
    await execa("git", ["init", "--quiet"], { cwd: checkout.path });
    await execa("git", ["add", "--all"], { cwd: checkout.path });
    checkout.configure(settings);
    return checkout;
  }

  /** Sets keys of the stack's file; `undefined` removes one. */
  configure(settings: Record<string, unknown>, stack = "dev"): void {
    const file = join(this.path, `Pulumi.${stack}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    for (const [key, value] of Object.entries(settings)) {
      if (value === undefined) document.deleteIn(["config", key]);
      else document.setIn(["config", key], value);
    }
    writeFileSync(file, document.toString());
  }

  /** As if an earlier command had chosen the lab. */
  chooseLab(): void {
    mkdirSync(join(this.path, ".local", "lab"), { recursive: true });
    writeFileSync(join(this.path, ".local", "lab", "in-use"), "");
  }

  /** Runs an npm script as a user without a terminal does. */
  async npm(script: string, ...args: string[]): Promise<Ran> {
    return this.run("npm", ["run", "--silent", script, "--", ...args]);
  }

  async run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const { exitCode, all, stdout } = await execa(command, args, {
      cwd: this.path,
      env: { INIT_CWD: this.path, NO_COLOR: "1", ...env },
      reject: false,
      all: true,
      stdin: "ignore",
    });
    return { exitCode, all, stdout };
  }

  /** The stack's outputs, secrets in clear. */
  async outputs(): Promise<Record<string, string>> {
    const { stdout } = await this.npm("pulumi", "stack", "output", "--json", "--show-secrets");
    return JSON.parse(stdout);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
