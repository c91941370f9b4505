import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { LABELS, MANAGED_BY, type Names } from "./docker-names.ts";
import type { Item } from "./inventory.ts";
import { portsInUse } from "./ports-in-use.ts";
import type { PreviousResource } from "./previous.ts";
import type { PublishedPort } from "./settings-rules.ts";

/** What the stack is about to ask of the engine. */
export interface Wanted {
  readonly names: Names;
  /** Names without the prefix. */
  readonly containers: readonly Item[];
  readonly volumes: readonly Item[];
  readonly ports: readonly PublishedPort[];
  readonly bindAddress: string;
}

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

  const problems = [
    ...wanted.containers.flatMap((item) => strangerContainer(wanted.names, item, foreign)),
    ...wanted.volumes.flatMap((item) => strangerVolume(wanted.names, item, volumes.Volumes ?? [])),
    ...(await takenPorts(wanted, ours, foreign, docker)),
  ];
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

function strangerContainer(
  names: Names,
  { name, enabledBy }: Item,
  foreign: readonly Docker.ContainerInfo[],
): string[] {
  const full = names.container(name);
  const stranger = foreign.find(({ Names: [other] }) => other === `/${full}`);
  if (!stranger) return [];
  return stranger.Labels[LABELS.managedBy] === MANAGED_BY
    ? [
        `The container ${full} was made by another checkout or an earlier state of this program. Run \`npm run down\` there, or remove it: docker rm -f ${full} (its data volume stays)`,
      ]
    : [
        `A container named ${full} exists that this program did not make (image ${stranger.Image}); the core backend can run its own. Stop and remove that one, switch ours off (pulumi config set ${enabledBy} false), or give ours other names (pulumi config set platform:prefix nchat-ext)`,
      ];
}

function strangerVolume(
  names: Names,
  { name, enabledBy }: Item,
  volumes: readonly Docker.VolumeInspectInfo[],
): string[] {
  const full = names.volume(name);
  const found = volumes.find(({ Name }) => Name === full);
  if (!found || found.Labels?.[LABELS.managedBy] === MANAGED_BY) return [];
  return [
    `A volume named ${full} exists that this program did not make; its data is left alone. Switch our service off (pulumi config set ${enabledBy} false), or give ours other names (pulumi config set platform:prefix nchat-ext)`,
  ];
}

async function takenPorts(
  { ports, bindAddress }: Wanted,
  ours: readonly Docker.ContainerInfo[],
  foreign: readonly Docker.ContainerInfo[],
  docker: Docker,
): Promise<string[]> {
  const holds = (container: Docker.ContainerInfo, protocol: string, port: number) =>
    container.Ports.some(({ PublicPort, Type }) => PublicPort === port && Type === protocol);
  const numbers = ports.flatMap(({ key, protocol, first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => ({ key, protocol, port: first + index })),
  );
  const open = numbers.filter(({ protocol, port }) => !ours.some((container) => holds(container, protocol, port)));
  const remote =
    "host" in docker.modem && Boolean(docker.modem.host) && !("socketPath" in docker.modem && docker.modem.socketPath);
  const busy = remote ? [] : await portsInUse(open, bindAddress);

  const taken = new Map<string, string>();
  for (const { key, protocol, port } of open) {
    const holder = foreign.find((container) => holds(container, protocol, port));
    if (!taken.has(key) && (holder || busy.some((other) => other.port === port && other.protocol === protocol))) {
      const who = holder ? `the container ${holder.Names[0]?.slice(1)}` : "another process";
      taken.set(
        key,
        `${key}: ${protocol} port ${port} is held by ${who}. Stop it, or choose another port: pulumi config set ${key} …`,
      );
    }
  }
  return [...taken.values()];
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
