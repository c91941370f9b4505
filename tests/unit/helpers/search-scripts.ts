import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { it } from "vitest";
import { MeiliStandIn } from "./meilisearch-stand-in.ts";
import { S3StandIn } from "./s3-stand-in.ts";

/** As `components/search/tasks.ts` puts them together. */
export const scripts = (...names: string[]) =>
  names.map((name) => readFileSync(`config-templates/search-${name}.sh`, "utf8")).join("\n");
export const BACKUP = scripts("api", "folder", "s3", "backup");
export const FETCH = scripts("api", "folder", "s3", "fetch");
export const API_KEY = "backup-key-0123456789";
/** Characters that mean something to a shell, to curl's configuration, and in a URL. */
export const SECRET = 'sec/ret+="\\$x `1';

const onPath = (command: string) =>
  execFileSync("sh", ["-c", `command -v ${command} || :`], { encoding: "utf8" }).trim();
const curl = onPath("curl");
export const shells = ["sh", ...(onPath("busybox") ? ["busybox sh"] : [])];

type Env = Readonly<Record<string, string>>;

/** An executable, in the folder that is searched first. */
export function program(folder: string, name: string, text: string): void {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}`);
  chmodSync(join(folder, "bin", name), 0o755);
}

/** Has curl write down what anybody on the machine sees of it. */
export const watchCurl = (folder: string) =>
  program(folder, "curl", `printf '%s\\n' "$@" >>'${folder}/arguments'\nexec '${curl}' "$@"\n`);

/** A script's process, in a group of its own like in a container. */
export function runScript(folder: string, text: string, shell: string, env: Env) {
  const [command = "", ...args] = shell.split(" ");
  return execa(command, [...args, "-c", text], {
    reject: false,
    all: true,
    detached: true,
    env: { PATH: `${join(folder, "bin")}:${process.env.PATH}`, ...env },
  });
}

/** A volume, the server beside it, and a bucket. */
export class Place {
  readonly data = mkdtempSync(join(tmpdir(), "search-backup-"));
  readonly meili = new MeiliStandIn(this.data, API_KEY);
  readonly s3 = new S3StandIn("backups", "ID1", SECRET);

  async open(): Promise<this> {
    await this.meili.start();
    await this.s3.start();
    watchCurl(this.data);
    return this;
  }

  close(): void {
    this.meili.stop();
    this.s3.stop();
    rmSync(this.data, { recursive: true });
  }

  start(text: string, env: Env = {}, shell = "sh") {
    return runScript(this.data, text, shell, {
      DATA: this.data,
      SEARCH_URL: this.meili.url,
      API_KEY,
      WAIT_SECONDS: "30",
      DUMP_SECONDS: "30",
      KINDS: "dump",
      KEEP: "2",
      S3_ENDPOINT: this.s3.endpoint,
      S3_REGION: "eu-central-1",
      S3_BUCKET: "backups",
      S3_PREFIX: "chat/search",
      S3_ACCESS_KEY_ID: "ID1",
      S3_SECRET_ACCESS_KEY: SECRET,
      S3_RETRIES: "1",
      ...env,
    });
  }

  async run(text: string, env?: Env, shell?: string) {
    const { exitCode, all } = await this.start(text, env, shell);
    const said = (all ?? "").replaceAll(this.s3.endpoint, "S3").replaceAll(/\d{8}T\d{6}Z-v1\.50\.0/g, "NAME");
    return { exitCode, said };
  }

  /** Starts the script and kills all of it when the moment has come. */
  async kill(text: string, moment: () => boolean): Promise<void> {
    const running = this.start(text);
    await until(moment);
    process.kill(-(running.pid as number), "SIGKILL");
    await running;
  }

  /** As an earlier run left it. */
  earlier(name: string, kinds = ["dump", "counts", "sha256"]): void {
    mkdirSync(join(this.data, "backups"), { recursive: true });
    for (const kind of kinds) {
      writeFileSync(join(this.data, "backups", `${name}.${kind}`), kind);
      this.s3.objects.set(`chat/search/${name}.${kind}`, Buffer.from(kind));
    }
  }

  onVolume = () =>
    readdirSync(join(this.data, "backups"))
      .filter((name) => name !== ".lock")
      .sort();
  inBucket = () => this.s3.keys().map((key) => key.replace("chat/search/", ""));
  latest = () => readFileSync(join(this.data, "backups/latest"), "utf8").trim();
  latestInBucket = () => this.s3.objects.get("chat/search/latest")?.toString().trim();
}

export async function until(moment: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !moment(); i++) await sleep(20);
  if (!moment()) throw new Error(`This did not happen within 10 s: ${moment}`);
}

/** Tests with a place of their own. Their runs mostly wait: let them be concurrent. */
export const test = it.extend<{ place: Place }>({
  place: async ({ task: _ }, use) => {
    const place = await new Place().open();
    await use(place);
    place.close();
  },
});
