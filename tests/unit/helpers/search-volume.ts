import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { it } from "vitest";
import { startFile } from "../../../components/search/tasks.ts";
import { program, runScript } from "./search-scripts.ts";

export type Numbers = Readonly<Record<string, number>>;
export const KEY = "master-key-0123456789abcdef";

/** It is started dozens of times: without types, which take longer than all the rest. */
const PROGRAM = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, "meilisearch-program.ts"), "utf8"));

interface Run {
  /** Of the program. */
  readonly version?: string;
  readonly twist?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly shell?: string | undefined;
}

/** A server's volume, and the program that is about to be started on it. */
export class Volume {
  readonly folder = mkdtempSync(join(tmpdir(), "search-start-"));
  readonly data = join(this.folder, "data");

  constructor() {
    mkdirSync(this.data);
    writeFileSync(join(this.folder, "meilisearch.mjs"), PROGRAM);
    const node = `exec '${process.execPath}' '${this.folder}/meilisearch.mjs' "$@"`;
    const version = `if [ "$1" = --version ]; then echo "meilisearch $STAND_IN_VERSION"; exit; fi`;
    program(this.folder, "meilisearch", `echo "$@" >>'${this.folder}/launches'\n${version}\n${node}\n`);
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  path = (name: string) => join(this.data, name);
  has = (name: string) => existsSync(this.path(name));
  read = (name: string) => readFileSync(this.path(name), "utf8").replaceAll(this.data, "DATA");

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** Documents of each index, as a server leaves them. */
  database(version: string, numbers: Numbers, name = "data.ms"): void {
    this.write(`${name}/VERSION`, version);
    this.write(`${name}/numbers.json`, JSON.stringify(numbers));
  }
  documents = (name = "data.ms") => JSON.parse(this.read(`${name}/numbers.json`)) as Numbers;

  /** @returns the lines that name it. */
  backup(file: string, numbers: Numbers, counts = numbers): string {
    const list = file.replace(/\.\w+$/, ".counts");
    this.write(`backups/${file}`, JSON.stringify(numbers));
    const lines = Object.entries(counts).map(([uid, documents]) => `${uid}\t${documents}\n`);
    this.write(`backups/${list}`, lines.join(""));
    return `file=${this.path("backups")}/${file}\ncounts=${this.path("backups")}/${list}\n`;
  }

  /** What a restore of it leaves for the start. */
  request(file: string, numbers: Numbers, counts?: Numbers): void {
    const lines = this.backup(file, numbers, counts);
    this.write("restore/request", `id=42\nkind=${file.replace(/.*\./, "")}\n${lines}`);
  }

  /** The record of a dump that was made before an upgrade of `version`, so many minutes ago. */
  record(version: string, numbers: Numbers, minutes = 0, counts?: Numbers): void {
    const lines = this.backup("before-v1.51.0-1.dump", numbers, counts);
    this.write("upgrade/dump", `version=${version}\n${lines}`);
    const made = Date.now() / 1000 - 60 * minutes;
    utimesSync(this.path("upgrade/dump"), made, made);
  }

  /** As the container runs it. */
  async start({ version = "1.51.0", twist, env, shell = "sh" }: Run = {}) {
    const url = `127.0.0.1:${await freePort()}`;
    const text = String(startFile({ name: "any", path: this.data }).content).replace("127.0.0.1:7709", url);
    return {
      running: runScript(this.folder, text, shell, {
        TMPDIR: this.folder,
        MEILI_DB_PATH: this.path("data.ms"),
        STAND_IN: JSON.stringify({ version, ...twist }),
        STAND_IN_VERSION: version,
        STAND_IN_KEY: KEY,
        ...(env ?? { MEILI_MASTER_KEY: KEY }),
        STAND_IN_SERVES: join(this.folder, "serves"),
        STAND_IN_PID: join(this.folder, "pid"),
      }),
    };
  }

  async run(run?: Run) {
    // An object, because a process is a promise too.
    const { running } = await this.start(run);
    const { exitCode, all } = await running;
    const serves = join(this.folder, "serves");
    const served = existsSync(serves)
      ? JSON.parse(readFileSync(serves, "utf8").replaceAll(this.data, "DATA"))
      : undefined;
    rmSync(serves, { force: true });
    const said = (all ?? "").replaceAll(this.data, "DATA").replaceAll(/^\S+Z start: /gm, "");
    return {
      exitCode,
      said: said ? said.split("\n") : [],
      /** What everybody is served. */
      numbers: served?.numbers as Numbers | undefined,
      served: { ...served, isShell: served?.pid === running.pid },
    };
  }

  /** Of the program where it hangs; 0 before. */
  pid = () => (existsSync(join(this.folder, "pid")) ? Number(readFileSync(join(this.folder, "pid"), "utf8")) : 0);

  /** How the program was run, but for questions for its version. */
  launches = () =>
    readFileSync(join(this.folder, "launches"), "utf8")
      .replaceAll(this.data, "DATA")
      .replaceAll(/127\.0\.0\.1:\d+/g, "PRIVATE")
      .split("\n")
      .slice(0, -1)
      .filter((line) => line !== "--version");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Tests with a volume of their own. Their runs mostly wait: let them be concurrent. */
export const test = it.extend<{ volume: Volume }>({
  volume: async ({ task: _ }, use) => {
    const volume = new Volume();
    await use(volume);
    volume.close();
  },
});
