import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { Client } from "./client.ts";
import { SearchBenchError } from "./error.ts";

export interface Limits {
  /** MiB. */
  readonly memory: number;
  readonly cpus: number;
}

export interface ServerOptions extends Limits {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
}

const PORT = "7700/tcp";
const DATA = "/meili_data";
/** Seconds. */
const STARTUP = 60;

/** The header by which the lab's stand-in says what it is. */
const STAND_IN = "x-lab-stand-in";

/** A server of the benchmark's own, on a volume of its own. */
export class Server {
  readonly client: Client;
  readonly #container: Docker.Container;
  readonly #volume: Docker.Volume;

  private constructor(container: Docker.Container, volume: Docker.Volume, client: Client) {
    this.#container = container;
    this.#volume = volume;
    this.client = client;
  }

  /** @param signal ends all requests; the server is to be removed then as well */
  static async start(docker: Docker, options: ServerOptions, signal: AbortSignal): Promise<Server> {
    const name = `nchat-bench-search-${randomBytes(4).toString("hex")}`;
    const key = randomBytes(24).toString("hex");
    signal.throwIfAborted();
    const container = await docker.createContainer({
      name,
      Image: options.image,
      // To the engine's API, so that no process list shows the key.
      Env: Object.entries({ ...environment(key), ...options.env }).map(([variable, value]) => `${variable}=${value}`),
      ExposedPorts: { [PORT]: {} },
      HostConfig: {
        Binds: [`${name}:${DATA}`],
        PortBindings: { [PORT]: [{ HostIp: "127.0.0.1", HostPort: "" }] },
        Memory: options.memory * 2 ** 20,
        MemorySwap: options.memory * 2 ** 20,
        NanoCpus: Math.round(options.cpus * 1e9),
        PidsLimit: 512,
      },
    });
    const volume = docker.getVolume(name);
    try {
      await container.start();
      const { NetworkSettings } = await container.inspect();
      const client = new Client(Number(NetworkSettings.Ports[PORT]?.[0]?.HostPort), key, signal);
      await healthy(container, client, signal);
      return new Server(container, volume, client);
    } catch (error) {
      await removeBoth(container, volume);
      throw error;
    }
  }

  /** Whether it is the lab's stand-in, whose speed says nothing. */
  async isStandIn(): Promise<boolean> {
    const { headers } = await this.client.send("GET", "/health");
    return headers[STAND_IN] !== undefined;
  }

  /** What it is, in words. */
  async what(): Promise<string> {
    const { pkgVersion } = await this.client.json<{ pkgVersion: string }>("GET", "/version");
    return (await this.isStandIn()) ? "The lab's STAND-IN, not the real server" : `MeiliSearch ${pkgVersion}`;
  }

  usage(): Promise<Usage> {
    return usageOf(this.#container);
  }

  /** Why a request failed: where the server has ended, that is the reason. */
  async reasonOf(error: unknown): Promise<unknown> {
    return (await whyEnded(this.#container)) ?? error;
  }

  async remove(): Promise<void> {
    this.client.close();
    await removeBoth(this.#container, this.#volume);
  }
}

/** Also where somebody else has removed one of them. */
async function removeBoth(container: Docker.Container, volume: Docker.Volume): Promise<void> {
  await container.remove({ force: true }).catch(unlessGone);
  await volume.remove().catch(unlessGone);
}

function unlessGone(error: { readonly statusCode?: number }): undefined {
  if (error.statusCode !== 404) throw error;
}

/** As the stack sets them, but for those that a variant has of its own. */
const environment = (key: string) => ({
  MEILI_MASTER_KEY: key,
  MEILI_ENV: "production",
  MEILI_HTTP_ADDR: `0.0.0.0:${Number.parseInt(PORT, 10)}`,
  MEILI_DB_PATH: `${DATA}/data.ms`,
  MEILI_NO_ANALYTICS: "true",
});

async function healthy(container: Docker.Container, client: Client, signal: AbortSignal): Promise<void> {
  for (const end = performance.now() + STARTUP * 1_000; performance.now() < end; ) {
    const answer = await client.send("GET", "/health").catch(() => undefined);
    if (answer?.status === 200) return;
    const ended = await whyEnded(container);
    if (ended) throw ended;
    await sleep(200, undefined, { signal });
  }
  throw new SearchBenchError(`The server is not healthy after ${STARTUP} s.`);
}

async function whyEnded(container: Docker.Container): Promise<Error | undefined> {
  const state = (await container.inspect().catch(unlessGone))?.State;
  if (!state || state.Dead || state.Status === "removing") {
    return new SearchBenchError(
      "Somebody else removed the container of a server. Start again when the engine is yours.",
    );
  }
  if (state.Running) return undefined;
  if (state.OOMKilled) {
    return new SearchBenchError(
      "The server was killed: it wanted more memory than it may have. Set a larger --memory.",
    );
  }
  const logs = await container.logs({ stdout: true, stderr: true, tail: 20 });
  return new SearchBenchError(`The server ended with exit code ${state.ExitCode}. Its last words:\n${logs.toString()}`);
}

/** What a server uses, in bytes and seconds. */
export interface Usage {
  /** As `docker stats` shows it: without the files' pages that it can drop first. */
  readonly memory: number;
  /** What of it the server itself holds: no page of a file. */
  readonly held: number;
  /** Since its start, as all that follows. */
  readonly processorTime: number;
  /** Of a tenth of a second each, for which the kernel shares out the processor limit. */
  readonly periods: number;
  /** Periods in which the limit was reached, and the server had to wait for the next. */
  readonly heldBack: number;
}

async function usageOf(container: Docker.Container): Promise<Usage> {
  const { memory_stats, cpu_stats } = await container.stats({ stream: false, "one-shot": true });
  const { usage = 0, stats = {} } = memory_stats as { usage?: number; stats?: Record<string, number> };
  // The first of each pair is of cgroup v1.
  const droppable = stats.total_inactive_file ?? stats.inactive_file ?? 0;
  const held = stats.total_rss ?? stats.anon ?? 0;
  return {
    memory: usage - droppable,
    held,
    processorTime: cpu_stats.cpu_usage.total_usage / 1e9,
    periods: cpu_stats.throttling_data.periods,
    heldBack: cpu_stats.throttling_data.throttled_periods,
  };
}
