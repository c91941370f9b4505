import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const PROJECT = fileURLToPath(new URL("../", import.meta.url));

/** Copies of programs, with one backend, that no other stack of the machine knows. */
export class Workspace {
  readonly #root = mkdtempSync(join(tmpdir(), "nchat-bench-"));
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    mkdirSync(join(this.#root, "state"));
    const backend = { PULUMI_BACKEND_URL: `file://${join(this.#root, "state")}`, PULUMI_CONFIG_PASSPHRASE: "bench" };
    this.#env = { ...process.env, ...env, ...backend };
  }

  /** This project as it is in the working tree, with more settings. */
  async project(settings = ""): Promise<string> {
    const { stdout } = await execa("git", ["ls-files", "--cached"], { cwd: PROJECT });
    const target = this.#with("project", stdout.split("\n"), PROJECT);
    const file = join(target, "Pulumi.dev.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^config:$/m, `config:\n${settings}`));
    return target;
  }

  smallest(): string {
    return this.#with("smallest", ["Pulumi.yaml", "index.cjs"], join(PROJECT, "bench", "smallest"));
  }

  async pulumi(cwd: string, ...args: string[]): Promise<void> {
    await execa("pulumi", ["--non-interactive", ...args], { cwd, env: this.#env, extendEnv: false });
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  #with(name: string, files: readonly string[], from: string): string {
    const target = join(this.#root, name);
    for (const file of files) {
      mkdirSync(dirname(join(target, file)), { recursive: true });
      cpSync(join(from, file), join(target, file));
    }
    symlinkSync(join(PROJECT, "node_modules"), join(target, "node_modules"));
    return target;
  }
}
