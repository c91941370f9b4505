/** What follows a container's creation: networks, files, start, health and, for a one-shot, its end. */
import type Docker from "dockerode";
import type { Container } from "dockerode";
import { cancelled, pause } from "../shared/cancel.ts";
import { daemonText, step } from "./client.ts";
import type { ContainerInputs, NetworkAttachment } from "./container-inputs.ts";
import { given } from "./labels.ts";
import { uploadFiles } from "./uploads.ts";

/** What a one-shot with `attach` and `logs` wrote, if that was asked for. */
export async function bringUp(
  client: Docker,
  container: Container,
  inputs: ContainerInputs,
): Promise<string | undefined> {
  if (given(inputs.networksAdvanced)) await joinNetworks(client, container, inputs.networksAdvanced ?? []);
  if (given(inputs.uploads)) await uploadFiles(container, inputs.uploads ?? []);
  if (inputs.start) {
    await step("Unable to start container", container.start());
    if (inputs.wait) await waitUntilHealthy(container, inputs.waitTimeout);
  }
  if (!inputs.attach) return undefined;
  await step("Unable to wait container end of execution", container.wait({ condition: "not-running" }));
  return inputs.logs ? readLogs(container, inputs.tty) : undefined;
}

/** The default bridge that every container is created on gives way. */
async function joinNetworks(
  client: Docker,
  container: Container,
  networks: readonly NetworkAttachment[],
): Promise<void> {
  const leave = client.getNetwork("bridge").disconnect({ Container: container.id, Force: false });
  await leave.catch((error: unknown) => {
    const text = daemonText(error);
    if (/is not connected to (the )?network bridge/i.test(text)) return;
    throw new Error(`Unable to disconnect the default network: ${text}`);
  });
  for (const { name, aliases = [], ipv4Address = "" } of networks) {
    const endpoint = { Aliases: aliases, IPAMConfig: { IPv4Address: ipv4Address } };
    const join = client.getNetwork(name).connect({ Container: container.id, EndpointConfig: endpoint });
    await step(`Unable to connect to network '${name}'`, join);
  }
}

async function waitUntilHealthy(container: Container, seconds: number): Promise<void> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until && !cancelled()) {
    const { State } = await step("error inspecting container state", container.inspect());
    if (State.Health === undefined || State.Health === null) {
      throw new Error(
        "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. Please remove the 'wait' argument or add a 'healthcheck' attribute",
      );
    }
    if (State.Health.Status === "healthy") return;
    await pause(Math.min(1000, Math.max(0, until - Date.now())));
  }
  throw new Error("container failed to be in healthy state");
}

async function readLogs(container: Container, tty: boolean): Promise<string> {
  const raw = await step("unable to read container logs", container.logs({ stdout: true, stderr: true }));
  return (tty ? raw : demultiplex(raw)).toString("utf8");
}

/** Without a terminal the engine frames both streams: an 8-byte header with the length in its second half. */
export function demultiplex(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let offset = 0; offset + 8 <= raw.length; ) {
    const end = offset + 8 + raw.readUInt32BE(offset + 4);
    parts.push(raw.subarray(offset + 8, end));
    offset = end;
  }
  return Buffer.concat(parts);
}
