import type Docker from "dockerode";
import { docker } from "./engine.ts";

/** Pulls an image that the engine does not have, as every container of ours does. */
async function present(image: string): Promise<void> {
  const found = await docker
    .getImage(image)
    .inspect()
    .catch(() => undefined);
  if (found) return;
  const stream = await docker.pull(image);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

/** A container of the test's own, removed when `use` has ended. */
export async function withContainer<T>(
  options: Docker.ContainerCreateOptions & { readonly Image: string },
  use: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  await present(options.Image);
  const container = await docker.createContainer(options);
  try {
    return await use(container);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** The image's own command: the lab's nginx loads its module on it. */
export async function commandOf(image: string): Promise<string[]> {
  await present(image);
  const { Config } = await docker.getImage(image).inspect();
  return Config.Cmd ?? [];
}

export async function logsOf(container: Docker.Container): Promise<string> {
  return (await container.logs({ stdout: true, stderr: true })).toString();
}
