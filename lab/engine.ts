import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Docker from "dockerode";
import { type Daemon, runningPid, startDaemon } from "./daemon.ts";
import { LabError } from "./errors.ts";
import { mirrorAddress } from "./mirror.ts";
import { cacheRoot, dockerSocket, runDirectory } from "./paths.ts";

/** On every image that the lab builds, and by inheritance on every container of one. */
export const labLabel = "nself.lab";

const docker = new Docker({ socketPath: dockerSocket });
const enginePidFile = join(runDirectory, "engine.pid");
const settingsFile = join(runDirectory, "daemon.json");
const dataDirectory = join(cacheRoot, "docker");
const dataRoot = `--data-root=${dataDirectory}`;
const execRoot = "/run/nself-chat-lab";

/** Images, containers, volumes, and what the engine keeps while it runs. */
export const engineDirectories = [dataDirectory, execRoot] as const;

export interface EngineOptions {
  readonly socket: string;
  readonly mirror: string;
}

/** The real Docker Engine, apart from whatever /etc/docker says: its data, state and settings are the lab's own. */
export function engineArgs({ socket, mirror }: EngineOptions): string[] {
  return [
    `--host=unix://${socket}`,
    `--config-file=${settingsFile}`,
    dataRoot,
    `--exec-root=${execRoot}`,
    `--pidfile=${enginePidFile}`,
    `--registry-mirror=http://${mirror}`,
    "--shutdown-timeout=10",
    "--log-level=warn",
    "--log-opt=max-size=10m",
  ];
}

export const engine: Daemon = {
  name: "docker",
  command: "dockerd",
  args: engineArgs({ socket: dockerSocket, mirror: mirrorAddress }),
  mark: dataRoot,
  isReady: () =>
    docker.ping().then(
      () => true,
      () => false,
    ),
};

/** `lab`: started by the lab, pulls from the mirror. `guest`: was there before and holds nothing but lab images. */
export type EngineKind = "lab" | "guest";

/** Which engine answers on the default socket. Throws a {@link LabError} when it is one whose images are not ours to mix with. */
export async function findEngine(): Promise<EngineKind | undefined> {
  if (runningPid(engine) !== undefined) return "lab";
  if (!(await engine.isReady())) return undefined;

  const [images, containers] = await Promise.all([docker.listImages(), docker.listContainers({ all: true })]);
  const foreign = [...images, ...containers].filter(({ Labels }) => !Labels?.[labLabel]);
  if (foreign.length === 0) return "guest";
  throw new LabError(
    `A Docker Engine with ${images.length} images and ${containers.length} containers already runs here. The lab's images ` +
      "have the upstream names, and some are stand-ins, so it does not put them beside yours.",
    "Use that engine without the lab, or stop it and run the command again: the lab then starts one of its own.",
  );
}

/** Starts the lab's own engine unless it runs. */
export async function startEngine(): Promise<void> {
  if (runningPid(engine) === undefined) {
    await mkdir(runDirectory, { recursive: true });
    await writeFile(settingsFile, "{}\n");
    // A pid file that a crash left makes dockerd refuse when the number belongs to another process by now.
    await rm(enginePidFile, { force: true });
  }
  await startDaemon(engine);
}

/** The names of the images that the engine has already. */
export async function heldImages(): Promise<string[]> {
  const images = await docker.listImages();
  return images.flatMap(({ RepoTags }) => RepoTags ?? []);
}

/** Removes the lab's containers and images from an engine that the lab did not start; leaves all else alone. */
export async function removeGuestData(): Promise<void> {
  if (!(await engine.isReady())) return;
  const filters = { label: [labLabel] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  for (const { RepoTags } of await docker.listImages({ filters })) {
    for (const tag of RepoTags ?? []) await docker.getImage(tag).remove({ force: true });
  }
}
