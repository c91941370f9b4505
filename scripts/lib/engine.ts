import Docker from "dockerode";
import { execa } from "execa";
import { Failure } from "./failure.ts";

/** The engine that the user's `docker` command talks to, as an environment for the provider and for dockerode. */
export async function findEngine(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv | undefined> {
  for (const candidate of [await fromContext(env), env]) {
    if (candidate && (await answers(candidate))) return candidate;
  }
  return undefined;
}

/** dockerode reads DOCKER_HOST from the process: what was found for the children holds for us too. */
export function connect(env: NodeJS.ProcessEnv): Docker {
  if (env.DOCKER_HOST) process.env.DOCKER_HOST = env.DOCKER_HOST;
  return new Docker();
}

async function answers(env: NodeJS.ProcessEnv): Promise<boolean> {
  return connect(env)
    .ping()
    .then(
      () => true,
      () => false,
    );
}

/** Docker Desktop, colima and Rancher Desktop listen on sockets of their own, and say so in the CLI's context. */
async function fromContext(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv | undefined> {
  if (env.DOCKER_HOST) return undefined;
  const { stdout } = await execa("docker", ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], {
    env,
    reject: false,
  });
  // The provider would follow the context by rules of its own.
  return stdout ? { ...env, DOCKER_HOST: stdout.trim(), DOCKER_CONTEXT: undefined } : undefined;
}

/** The registry did not answer: another network, or the lab, may help. */
export class RegistryUnreachable extends Error {}

export async function hasImage(docker: Docker, image: string): Promise<boolean> {
  return docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/**
 * Pulls an image.
 * @param progress told the share that has arrived, 0 to 100
 * @throws RegistryUnreachable, or Failure for an image that does not exist and for a full disk
 */
export async function pullImage(docker: Docker, image: string, progress: (percent: number) => void): Promise<void> {
  try {
    await pull(docker, image, progress);
  } catch (error) {
    throw explain(image, error instanceof Error ? error.message : String(error));
  }
}

interface LayerProgress {
  readonly id?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

async function pull(docker: Docker, image: string, progress: (percent: number) => void): Promise<void> {
  const stream = await docker.pull(image);
  const layers = new Map<string, { current: number; total: number }>();
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null) => (error ? reject(error) : resolve()),
      ({ id, progressDetail }: LayerProgress) => {
        if (!id || !progressDetail?.total) return;
        layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
        const sum = (key: "current" | "total") => [...layers.values()].reduce((all, layer) => all + layer[key], 0);
        progress(Math.floor((100 * sum("current")) / sum("total")));
      },
    );
  });
}

function explain(image: string, message: string): Error {
  if (/no space left/i.test(message)) {
    return new Failure(
      `The disk is full: ${image} could not be unpacked (${message}).\n\nMake room, for example with: docker system prune`,
    );
  }
  if (/manifest unknown|not found|invalid reference|repository does not exist|denied/i.test(message)) {
    return new Failure(
      `The registry has no image ${image} that you may pull: ${message}.\n\nCheck the image's setting, or log in: docker login`,
    );
  }
  return new RegistryUnreachable(message);
}
