/**
 * Stand-in for docker.Container; container-schema.ts says what is refused. It keeps the official provider's ways, the
 * odd ones too: see the comments where they are.
 */
import { NotReadyError } from "../shared/failures.ts";
import type { Properties } from "../shared/properties.ts";
import { resource } from "../shared/resource.ts";
import { daemonText, docker, ifFound, statusCodeOf, step } from "./client.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { toCreateRequest, toResources } from "./container-request.ts";
import { containerFields, containerOutputs } from "./container-schema.ts";
import { bringUp } from "./container-start.ts";
import { stateOf } from "./container-state.ts";
import { parseDuration } from "./durations.ts";
import { findImage } from "./image.ts";

const START_INTERVAL_API = 1.44;

export const container = resource<ContainerInputs>({
  fields: containerFields,
  outputs: containerOutputs,
  autoNamed: true,
  deleteBeforeReplace: true,

  async create(inputs) {
    const client = await docker();
    await step(`Unable to create container with image ${inputs.image}`, findImage(inputs.image));
    await requireStartInterval(inputs);
    const created = await step("Unable to create container", client.createContainer(toCreateRequest(inputs)));
    try {
      const containerLogs = await bringUp(client, created, inputs);
      const state = stateOf(inputs, await created.inspect());
      return { id: created.id, state: { ...state, ...(containerLogs !== undefined && { containerLogs }) } };
    } catch (error) {
      // The container is there: with its id in the state, the next replacement or destroy removes it.
      throw new NotReadyError(daemonText(error), created.id, inputs as unknown as Properties);
    }
  },

  async read(id, state) {
    const found = await ifFound((await docker()).getContainer(id).inspect());
    return found && { id, state: stateOf(state, found) };
  },

  async update(id, state, planned) {
    try {
      await applyUpdate(id, state, planned);
    } catch (error) {
      throw new NotReadyError(daemonText(error), id, planned as unknown as Properties);
    }
    return { ...planned };
  },

  async delete(id, state) {
    const target = (await docker()).getContainer(id);
    if (!state.attach) {
      // Without a grace the engine kills right after the stop signal.
      await tolerate(target.stop({ t: state.destroyGraceSeconds ?? 0 }), `Error stopping container ${id}`);
    }
    await tolerate(target.remove({ v: state.removeVolumes, force: true }), `Error deleting container ${id}`);
    const condition = state.rm ? "removed" : "not-running";
    await tolerate(target.wait({ condition }), `Error waiting for container removal '${id}'`);
  },
});

/** Only limits and the restart policy reach the container; every other change in place is merely recorded. */
async function applyUpdate(id: string, state: ContainerInputs, planned: ContainerInputs): Promise<void> {
  const target = (await docker()).getContainer(id);
  if (!state.mustRun && planned.mustRun && planned.start) {
    await step("Unable to start container", target.start().catch(unless304));
  }
  const limits = [
    "restart",
    "maxRetryCount",
    "cpuShares",
    "memory",
    "memoryReservation",
    "cpuSet",
    "memorySwap",
  ] as const;
  if (limits.every((limit) => (state[limit] ?? 0) === (planned[limit] ?? 0))) return;
  const RestartPolicy = { Name: planned.restart, MaximumRetryCount: planned.maxRetryCount ?? 0 };
  await step("Unable to update a container", target.update({ ...toResources(planned), RestartPolicy }));
}

/** The engine answers 304 when there is nothing to stop or to start. */
function unless304(error: unknown): void {
  if (statusCodeOf(error) !== 304) throw error;
}

async function tolerate(action: Promise<unknown>, what: string): Promise<void> {
  await action.catch(unless304).catch((error: unknown) => {
    const text = daemonText(error);
    if (statusCodeOf(error) !== 404 && !text.includes("is already in progress")) throw new Error(`${what}: ${text}`);
  });
}

/** Engines before Docker 25 would drop it without a word; the official provider's client refuses. */
async function requireStartInterval({ healthcheck }: ContainerInputs): Promise<void> {
  if (healthcheck === undefined || parseDuration(healthcheck.startInterval) === 0) return;
  const { ApiVersion } = await (await docker()).version();
  const [major = "0", minor = "0"] = ApiVersion.split(".");
  if (Number(major) > 1 || Number(minor) >= 44) return;
  throw new Error(
    `Unable to create container: "specify health-check start interval" requires API version ${START_INTERVAL_API}, but the Docker daemon API version is ${ApiVersion}`,
  );
}
