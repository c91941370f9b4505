/** Stand-in for docker.Volume. Refused: `cluster` (swarm). Creating one that exists adopts it, as in Docker. */
import type { VolumeInspectInfo } from "dockerode";
import { resource } from "../shared/resource.ts";
import { map, object, set, str } from "../shared/schema.ts";
import { docker, ifFound, step } from "./client.ts";
import { fromLabels, given, type Label, toLabels } from "./labels.ts";
import { removeWhenFree } from "./poll.ts";

interface VolumeInputs {
  name: string;
  driver?: string;
  driverOpts?: { [key: string]: string };
  labels?: Label[];
}

const forceNew = { forceNew: true } as const;

export const volume = resource<VolumeInputs>({
  fields: {
    name: str({ ...forceNew, computed: true }),
    driver: str({ ...forceNew, computed: true }),
    driverOpts: map(forceNew),
    labels: set(object({ label: str({ required: true }), value: str({ required: true }) }), forceNew),
  },
  outputs: ["mountpoint"],
  autoNamed: true,
  deleteBeforeReplace: false,

  async create({ name, driver, driverOpts, labels }) {
    const client = await docker();
    const options = {
      Name: name,
      ...(given(driver) && { Driver: driver as string }),
      ...(given(driverOpts) && { DriverOpts: driverOpts as { [key: string]: string } }),
      ...(given(labels) && { Labels: fromLabels(labels) }),
    };
    await step("Unable to create volume", client.createVolume(options));
    return { id: name, state: stateOf(await client.getVolume(name).inspect()) };
  },
  async read(id) {
    const found = await ifFound((await docker()).getVolume(id).inspect());
    return found && { id, state: stateOf(found) };
  },
  update: async (_id, _state, planned) => ({ ...planned }),
  async delete(id) {
    const client = await docker();
    await removeWhenFree(() => client.getVolume(id).remove({ force: true }), "volume is in use");
  },
});

function stateOf(found: VolumeInspectInfo) {
  return {
    name: found.Name,
    driver: found.Driver,
    driverOpts: found.Options ?? {},
    labels: toLabels(found.Labels),
    mountpoint: found.Mountpoint,
  };
}
