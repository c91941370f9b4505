import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";

export const docker = new Docker();

/** Names of the containers of our prefix, those that ended included. */
export async function containerNames(prefix = "nchat"): Promise<string[]> {
  const containers = await docker.listContainers({ all: true });
  return containers
    .map(({ Names: [name = ""] }) => name.slice(1))
    .filter((name) => name.startsWith(`${prefix}_`))
    .sort();
}

export async function containerId(name: string): Promise<string> {
  return (await docker.getContainer(name).inspect()).Id;
}

/** Waits until the container is healthy and, where a moment is given, was started after it. */
export async function healthy(name: string, after = 0, seconds = 180): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const { State } = await docker
      .getContainer(name)
      .inspect()
      .catch(() => ({ State: undefined }));
    const started = Date.parse(State?.StartedAt ?? "");
    if (State?.Running && State.Health?.Status === "healthy" && started > after) return;
    if (Date.now() > deadline)
      throw new Error(`${name} is not healthy again after ${seconds} s: ${JSON.stringify(State)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The lab's engine belongs to the tests: what an earlier run left is removed. */
export async function resetEngine(): Promise<void> {
  for (const end = Date.now() + 60_000; ; await sleep(500)) {
    try {
      return await removeEverything();
    } catch (error) {
      // Somebody else's removal is under way, or has ended since the list was made.
      const { statusCode = 0 } = error as { statusCode?: number };
      if (![404, 409].includes(statusCode) || Date.now() > end) throw error;
    }
  }
}

async function removeEverything(): Promise<void> {
  for (const { Id } of await docker.listContainers({ all: true }))
    await docker.getContainer(Id).remove({ force: true, v: true });
  for (const { Name } of (await docker.listVolumes()).Volumes ?? []) await docker.getVolume(Name).remove();
  await docker.pruneNetworks();
}
