import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { conflicts, type Wanted } from "./docker-conflicts.ts";
import { LABELS, type Names } from "./docker-names.ts";
import type { PreviousResource } from "./previous.ts";

/** What the engine is like, as far as it decides how we ask. */
export interface DockerHost {
  /** Where it listens, for the provider: `unix:///var/run/docker.sock`. */
  readonly address: string;
  /** The network is there and belongs to somebody else. */
  readonly joinsNetwork: boolean;
  /** Engine 25 (API 1.44) or newer: health checks have a start interval. */
  readonly probesOftenAtStart: boolean;
  /** For a task that failed before: what makes this attempt differ from the last. */
  readonly attempts: Readonly<Record<string, string>>;
  /** Limits the processes and threads of a container. */
  limitProcesses(containerId: string, maxProcesses: number): Promise<void>;
}

/** The engine cannot take the stack: the message holds all problems of the run. */
export class HostError extends Error {
  override readonly name = "HostError";
  constructor(problems: readonly string[]) {
    super(`Docker cannot take the stack as it is:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/**
 * Asks the engine, before anything is created, whether the stack fits on it.
 * @throws HostError where it does not answer, or holds a container, volume or port that is somebody else's.
 */
export async function inspectHost(wanted: Wanted, previous: readonly PreviousResource[]): Promise<DockerHost> {
  const address = engineAddress();
  const docker = await connect(address);
  const [version, containers, volumes, networks] = await Promise.all([
    docker.version(),
    docker.listContainers({ all: true }),
    docker.listVolumes(),
    docker.listNetworks(),
  ]).catch((error: Error) => {
    throw new HostError([notAnswering(address, error)]);
  });

  const mine = previous.filter(({ type }) => type === "docker:index/container:Container");
  const ours = containers.filter(({ Id, Names: [name] }) =>
    mine.some(({ outputs }) => `/${outputs.name}` === name && Id.startsWith(String(outputs.hostname ?? ""))),
  );
  const foreign = containers.filter((container) => !ours.includes(container));

  const local = !("host" in docker.modem && docker.modem.host);
  const problems = await conflicts(wanted, { ours, foreign, volumes: volumes.Volumes ?? [], local });
  if (problems.length > 0) throw new HostError(problems);

  const [major = 0, minor = 0] = version.ApiVersion.split(".").map(Number);
  return {
    address,
    joinsNetwork:
      networks.some(({ Name }) => Name === wanted.names.network) &&
      !previous.some(
        ({ type, outputs }) => type === "docker:index/network:Network" && outputs.name === wanted.names.network,
      ),
    probesOftenAtStart: major > 1 || minor >= 44,
    attempts: attempts(wanted.names, mine),
    limitProcesses: (id, maxProcesses) => docker.getContainer(id).update({ PidsLimit: maxProcesses }),
  };
}

/**
 * The engine that we ask and the one that the provider deploys to must be one: each has a default of its own.
 * @throws HostError for a Docker context, which the provider resolves in another way
 */
function engineAddress(): string {
  const { DOCKER_HOST, DOCKER_CONTEXT } = process.env;
  if (DOCKER_HOST) return DOCKER_HOST;
  if (DOCKER_CONTEXT) {
    throw new HostError([
      `DOCKER_CONTEXT = "${DOCKER_CONTEXT}" is not followed. Name its engine instead: export DOCKER_HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}')`,
    ]);
  }
  if (process.platform === "win32") return "npipe:////./pipe/docker_engine";
  const usual = "/var/run/docker.sock";
  const desktop = join(homedir(), ".docker", "run", "docker.sock");
  return `unix://${!existsSync(usual) && existsSync(desktop) ? desktop : usual}`;
}

/** Loaded late: a run that stops at a setting, or deploys elsewhere, does not pay for it. */
async function connect(address: string): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  // dockerode takes addresses of every kind from the environment alone.
  process.env.DOCKER_HOST = address;
  return new Client();
}

function notAnswering(address: string, error: Error): string {
  return `No Docker engine answers at ${address} (${error.message}). Start Docker Desktop or the docker service; another engine is chosen by DOCKER_HOST`;
}

/** The provider does not run a failed task again by itself: the id of the failed one, as a label, makes it a change. */
function attempts(names: Names, containers: readonly PreviousResource[]): Record<string, string> {
  return Object.fromEntries(
    containers.flatMap(({ outputs }) => {
      if (!outputs.attach) return [];
      const labels = outputs.labels as readonly { label: string; value: string }[] | undefined;
      const before = labels?.find(({ label }) => label === LABELS.attempt)?.value;
      const attempt = outputs.exitCode ? String(outputs.hostname) : before;
      const name = labels?.find(({ label }) => label === "nself.service")?.value;
      return name && attempt && outputs.name === names.container(name) ? [[name, attempt]] : [];
    }),
  );
}
