import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "vitest";
import { planText } from "../../../components/search/plan.ts";
import { runScript, scripts, watchCurl } from "./search-scripts.ts";
import { SearchServer } from "./search-server.ts";

const SETUP = scripts("api", "setup");
export const MASTER_KEY = "master-key-0123456789abcdef";
export const SEED = "01234567-89ab-4cde-8f01-23456789abcd";

type Plan = Parameters<typeof planText>[0];

/** A server, and the machine on which it is set up. */
export class Setup {
  readonly folder = mkdtempSync(join(tmpdir(), "search-setup-"));
  readonly server = new SearchServer(MASTER_KEY);

  async open(): Promise<this> {
    await this.server.start();
    watchCurl(this.folder);
    return this;
  }

  close(): void {
    this.server.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Carries out a plan. What is seen of requests is of this run. */
  async run(plan: Partial<Plan>, env: Readonly<Record<string, string>> = {}, shell = "sh") {
    this.server.requests.length = 0;
    const text = planText({ indexes: [], keys: [], keepPrevious: true, ...plan }, SEED);
    writeFileSync(join(this.folder, "plan.tsv"), text);
    const { exitCode, all } = await runScript(this.folder, SETUP, shell, {
      TMPDIR: this.folder,
      SEARCH_URL: this.server.url,
      WAIT_SECONDS: "20",
      RETRIES: "0",
      PLAN: join(this.folder, "plan.tsv"),
      OWNER: "stack",
      API_KEY: MASTER_KEY,
      ...env,
    });
    return { exitCode, said: (all ?? "").replaceAll(this.server.url, "URL").split("\n") };
  }

  /** What anybody on the machine saw of curl. */
  arguments = () => readFileSync(join(this.folder, "arguments"), "utf8");
}

/** Tests with a server of their own. Their runs mostly wait: let them be concurrent. */
export const test = it.extend<{ setup: Setup }>({
  setup: async ({ task: _ }, use) => {
    const setup = await new Setup().open();
    await use(setup);
    setup.close();
  },
});
