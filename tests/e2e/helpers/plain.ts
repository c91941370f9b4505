import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { labEnvironment } from "../../../lab/lab.ts";
import type { Checkout, Ran } from "./checkout.ts";

/** Pulumi's CLI as somebody uses it who knows nothing of our scripts, with a backend and a passphrase of their own. */
export class PlainPulumi {
  readonly #checkout: Checkout;
  readonly #env: NodeJS.ProcessEnv;

  constructor(checkout: Checkout, env: NodeJS.ProcessEnv = {}) {
    this.#checkout = checkout;
    const backend = join(checkout.path, ".local", "plain");
    mkdirSync(backend, { recursive: true });
    this.#env = {
      ...labEnvironment(),
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: "plain",
      ...env,
    };
  }

  run(...args: string[]): Promise<Ran> {
    return this.#checkout.run("pulumi", ["--non-interactive", ...args], this.#env);
  }
}
