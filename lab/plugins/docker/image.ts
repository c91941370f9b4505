/**
 * Stand-in for docker.RemoteImage: pulls what is not there, without credentials (`registryAuth` is refused). Building
 * (`build`, `triggers`) is refused, and so is `pullTriggers`: it is only of use with getRegistryImage.
 */
import type Docker from "dockerode";
import type { State } from "../shared/resource.ts";
import { resource } from "../shared/resource.ts";
import { bool, str } from "../shared/schema.ts";
import { daemonText, docker, ifFound, step } from "./client.ts";

interface ImageInputs {
  name: string;
  platform: string;
  keepLocally?: boolean;
  forceRemove?: boolean;
}

export const remoteImage = resource<ImageInputs>({
  fields: {
    name: str({ required: true, forceNew: true }),
    platform: str({ default: "", forceNew: true }),
    keepLocally: bool(),
    forceRemove: bool(),
  },
  outputs: ["imageId", "repoDigest"],
  autoNamed: false,
  deleteBeforeReplace: false,

  async create(inputs) {
    const found = await step("Unable to read Docker image into resource", findImage(inputs.name, inputs.platform));
    return { id: found.Id + inputs.name, state: stateOf(inputs, found) };
  },
  async read(_id, state) {
    const found = await ifFound((await docker()).getImage(state.name).inspect());
    return found && { id: found.Id + state.name, state: stateOf(state, found) };
  },
  async update(_id, _state, planned) {
    return stateOf(planned, await findImage(planned.name, planned.platform));
  },
  async delete(_id, state) {
    if (state.keepLocally) return;
    const image = (await docker()).getImage(state.name);
    if ((await ifFound(image.inspect())) === undefined) return;
    await step("Unable to remove Docker image", image.remove({ force: state.forceRemove ?? false }));
  },
});

/** The local image of that name, else the one that a registry has. */
export async function findImage(name: string, platform = ""): Promise<Docker.ImageInspectInfo> {
  const client = await docker();
  const local = await ifFound(client.getImage(name).inspect());
  if (local) return local;
  try {
    const progress = await client.pull(name, platform === "" ? {} : { platform });
    await new Promise<void>((resolve, reject) => {
      client.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    throw new Error(`unable to pull image ${name}: ${daemonText(error)}`);
  }
  const pulled = await ifFound(client.getImage(name).inspect());
  if (pulled) return pulled;
  throw new Error(`unable to find or pull image ${name}`);
}

function stateOf(inputs: ImageInputs, found: Docker.ImageInspectInfo): State {
  return { ...inputs, imageId: found.Id, repoDigest: repoDigest(inputs.name, found.RepoDigests ?? []) };
}

/** The digest of the repository that was asked for: an image may have been pulled from several. */
export function repoDigest(name: string, digests: readonly string[]): string {
  if (digests.length <= 1) return digests[0] ?? "";
  const [repository = name] = name.split(":");
  return digests.find((digest) => digest.startsWith(repository)) ?? "";
}
