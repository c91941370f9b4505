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
export async function healthy(name: string, after = 0, seconds = 60): Promise<void> {
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
  for (const { Id } of await docker.listContainers({ all: true }))
    await docker.getContainer(Id).remove({ force: true, v: true });
  for (const { Name } of (await docker.listVolumes()).Volumes ?? []) await docker.getVolume(Name).remove();
  await docker.pruneNetworks();
}
