import { PassThrough } from "node:stream";
import Docker from "dockerode";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { readSettings } from "../../components/settings.ts";
import { DockerSearchTasks } from "../../scripts/lib/search-tasks-docker.ts";

/** What a container is to its owner: how it was made, whether it runs, and what comes out of it. */
interface Made {
  readonly command: readonly string[];
  running: boolean;
  readonly exitCode: number;
  /** Of its health check, from one question to the next. */
  readonly health?: string[];
}

const containers = new Map<string, Made>();
const calls: unknown[][] = [];
const { modem } = new Docker({ host: "127.0.0.1", port: 1 });

vi.mock("../../scripts/lib/engine.ts", () => ({
  connect: () => ({ modem, getContainer: (name: string) => containerOf(name) }),
}));

/** The engine's frames: a stream's number, its length, and what was written. */
function frames(...parts: [stream: 1 | 2, text: string][]) {
  const stream = new PassThrough();
  for (const [from, text] of parts) {
    const head = Buffer.alloc(8);
    head.writeUInt8(from, 0);
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    stream.write(Buffer.concat([head, Buffer.from(text)]));
  }
  stream.end();
  return stream;
}
const OUTPUT = () => frames([1, "first\nsec"], [1, "ond\n"], [2, "a warning"]);

function containerOf(name: string) {
  const call = (what: string, ...rest: unknown[]) => calls.push([what, name, ...rest]);
  const made = () => containers.get(name) as Made;
  return {
    async inspect() {
      const found = containers.get(name);
      if (!found) throw new Error("no such container");
      const { running: Running, command: Cmd, health } = found;
      return { State: { Running, Health: { Status: health?.shift() ?? "starting" } }, Config: { Cmd } };
    },
    async start() {
      call("start");
      made().running = true;
    },
    async restart() {
      call("restart");
    },
    async attach() {
      call("attach");
      return OUTPUT();
    },
    async wait() {
      return { StatusCode: made().exitCode };
    },
    async exec({ Cmd, Env }: { Cmd: string[]; Env: string[] }) {
      call("exec", Cmd, Env);
      return { start: async () => OUTPUT(), inspect: async () => ({ ExitCode: made().exitCode }) };
    },
  };
}

const settings = readSettings({ values: {}, isSecret: () => true });
const tasks = () => new DockerSearchTasks({ name: "dev", env: {} }, settings);
async function run(task: "meilisearch-setup" | "meilisearch-backup", rest: { script?: string; env?: object } = {}) {
  const said: string[] = [];
  await tasks().run(task, { ...rest, env: { ...rest.env }, onLine: (line) => said.push(line) });
  return said;
}
const SAID = ["first", "second", "a warning"];

beforeEach(() => {
  containers.clear();
  calls.length = 0;
});

describe("a one-shot", () => {
  const setup = (change: Partial<Made> = {}) =>
    containers.set("nchat_meilisearch-setup", {
      ...{ command: ["once", "60", "the script"], running: false, exitCode: 0 },
      ...change,
    });

  it("is started again, and heard from its first line", async () => {
    setup();
    expect(await run("meilisearch-setup")).toEqual(SAID);
    expect(calls.map(([what]) => what)).toEqual(["attach", "start"]);
  });

  it("that is at work is waited for", async () => {
    setup({ running: true });
    expect(await run("meilisearch-setup")).toEqual(SAID);
    expect(calls.map(([what]) => what)).toEqual(["attach"]);
  });

  it("that fails is a failure", async () => {
    setup({ exitCode: 3 });
    await expect(run("meilisearch-setup")).rejects.toThrow(
      "meilisearch-setup failed with exit code 3. What it said stands above.",
    );
  });

  it("that was never made is told with what to do", async () => {
    await expect(run("meilisearch-setup")).rejects.toThrow(
      "There is no container nchat_meilisearch-setup. Deploy it: npm run up",
    );
  });
});

describe("a scheduled task", () => {
  const backup = (change: Partial<Made> = {}) =>
    containers.set("nchat_meilisearch-backup", {
      ...{ command: ["every", "86400", "60", "the script"], running: true, exitCode: 0 },
      ...change,
    });

  it("runs beside its sleep", async () => {
    backup();
    expect(await run("meilisearch-backup")).toEqual(SAID);
    expect(calls).toEqual([["exec", "nchat_meilisearch-backup", ["sh", "-c", "the script"], []]]);
  });

  it("runs another script with its own variables", async () => {
    backup();
    await run("meilisearch-backup", { script: "fetch", env: { FROM: "latest" } });
    expect(calls).toEqual([["exec", "nchat_meilisearch-backup", ["sh", "-c", "fetch"], ["FROM=latest"]]]);
  });

  it("that somebody stopped is started first", async () => {
    backup({ running: false });
    expect(await run("meilisearch-backup", { script: "fetch" })).toEqual(SAID);
    expect(calls.map(([what]) => what)).toEqual(["start", "exec"]);
  });

  it("that fails is a failure", async () => {
    backup({ exitCode: 1 });
    await expect(run("meilisearch-backup")).rejects.toThrow("meilisearch-backup failed with exit code 1.");
  });
});

describe("a restart of the server", () => {
  const server = (...health: string[]) =>
    containers.set("nchat_meilisearch", { command: [], running: true, exitCode: 0, health });

  it("is over when it is healthy", async () => {
    server("starting", "healthy");
    await tasks().restartServer(60);
    expect(calls).toEqual([["restart", "nchat_meilisearch"]]);
  });

  it("that takes too long is told with where to look", async () => {
    server();
    await expect(tasks().restartServer(-1)).rejects.toThrow(
      "nchat_meilisearch is not healthy after -1 s (search:startup and a minute). See what it says: docker logs nchat_meilisearch",
    );
  });
});
