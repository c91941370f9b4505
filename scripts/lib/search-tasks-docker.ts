import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import { type Names, namesFor } from "../../components/docker-names.ts";
import { MEILISEARCH } from "../../components/search.ts";
import type { Settings } from "../../components/settings.ts";
import { connect } from "./engine.ts";
import { Failure } from "./failure.ts";
import { npmRun } from "./npm-run.ts";
import { lines, type SearchTask, type SearchTasks, type TaskRun } from "./search-tasks.ts";
import type { Stack } from "./stack.ts";

/** The containers of a stack's tasks: a one-shot is started again, beside the sleep of a scheduled one a process runs. */
export class DockerSearchTasks implements SearchTasks {
  readonly #docker: Docker;
  readonly #names: Names;

  readonly #stack: string;

  constructor({ name, env }: Pick<Stack, "name" | "env">, { platform }: Settings) {
    this.#stack = name;
    this.#docker = connect(env);
    this.#names = namesFor(platform.prefix, platform.network);
  }

  async run(task: SearchTask, { script, env = {}, onLine }: TaskRun): Promise<void> {
    const container = this.#docker.getContainer(this.#names.container(task));
    const found = await container.inspect().catch(() => undefined);
    if (!found) {
      const name = this.#names.container(task);
      throw new Failure(`There is no container ${name}. Deploy it: ${npmRun("up", this.#stack)}`);
    }
    const [kind, ...rest] = found.Config.Cmd ?? [];
    const running = found.State.Running;
    // Somebody may have stopped a scheduled one, and a one-shot may be at work already.
    if (!running && kind === "every") await container.start();
    const exitCode =
      kind === "every"
        ? await this.#inside(container, script ?? (rest.at(-1) as string), env, onLine)
        : await this.#again(container, running, onLine);
    if (exitCode !== 0) throw new Failure(`${task} failed with exit code ${exitCode}. What it said stands above.`);
  }

  async #inside(
    container: Docker.Container,
    script: string,
    env: Readonly<Record<string, string>>,
    onLine: TaskRun["onLine"],
  ): Promise<number> {
    const exec = await container.exec({
      Cmd: ["sh", "-c", script],
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      AttachStdout: true,
      AttachStderr: true,
    });
    await this.#follow(await exec.start({}), onLine);
    return (await exec.inspect()).ExitCode ?? 1;
  }

  async #again(container: Docker.Container, running: boolean, onLine: TaskRun["onLine"]): Promise<number> {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const ended = this.#follow(stream, onLine);
    if (!running) await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    await ended;
    return StatusCode;
  }

  /** Standard output and error as they come, until the process has ended. */
  async #follow(stream: NodeJS.ReadWriteStream, onLine: TaskRun["onLine"]): Promise<void> {
    const { PassThrough } = await import("node:stream");
    const text = new PassThrough();
    this.#docker.modem.demuxStream(stream, text, text);
    const split = lines(onLine);
    text.on("data", (part: Buffer) => split.push(part.toString("utf8")));
    await new Promise<void>((resolve) => {
      stream.once("end", resolve);
      stream.once("close", resolve);
    });
    split.end();
  }

  async restartServer(seconds: number): Promise<void> {
    const name = this.#names.container(MEILISEARCH.name);
    const container = this.#docker.getContainer(name);
    await container.restart();
    const deadline = Date.now() + seconds * 1000;
    while ((await container.inspect()).State.Health?.Status !== "healthy") {
      if (Date.now() > deadline) {
        throw new Failure(
          `${name} is not healthy after ${seconds} s (search:startup and a minute). See what it says: docker logs ${name}`,
        );
      }
      await pause(500);
    }
  }
}
