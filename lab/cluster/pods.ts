import { readdir, readlink, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unmountAll } from "../mounts.ts";
import { ctr } from "./ctr.ts";
import { clusterDirectory, kubeletDirectory, stateDirectory } from "./paths.ts";
import { canConnect } from "./probe.ts";

/** What databases get to write their files; Kubernetes' own default is 30. */
const graceMs = 10_000;
const pollMs = 200;

/** Where the kubelet links every log, and has a socket for devices. Neither can be set. */
const logLinks = "/var/log/containers";
const deviceSocket = "/var/lib/kubelet/device-plugins/kubelet.sock";

const tasks = async () => (await ctr("tasks", "list", "--quiet")).split("\n").filter((id) => id !== "");

/** Ends every pod's processes. To the kubelet it looks like a restart of the machine: it starts them again when it runs. */
export async function stopPods(): Promise<void> {
  const signal = async (name: string) => {
    await Promise.all((await running()).map((id) => ctr("tasks", "kill", "--signal", name, id)));
  };
  await signal("SIGTERM");
  for (const end = Date.now() + graceMs; (await running()).length > 0 && Date.now() < end; ) await sleep(pollMs);
  await signal("SIGKILL");
  await Promise.all((await tasks()).map((id) => ctr("tasks", "delete", "--force", id)));
}

async function running(): Promise<string[]> {
  const lines = (await ctr("tasks", "list")).split("\n").map((line) => line.trim().split(/\s+/));
  return lines.flatMap(([id, , state]) => (state === "RUNNING" && id ? [id] : []));
}

/** Unmounts the pods' volumes and networks, and drops what only a running cluster needs. */
export async function removeRunningState(): Promise<void> {
  for (const directory of [kubeletDirectory, stateDirectory]) await unmountAll(directory);
  await rm(stateDirectory, { recursive: true, force: true });
}

/** Removes what the kubelet puts outside of its own directory, as far as it is this cluster's. */
export async function removeKubeletTraces(): Promise<void> {
  for (const name of await readdir(logLinks).catch(() => [])) {
    const link = join(logLinks, name);
    const target = await readlink(link).catch(() => "");
    if (target.startsWith(clusterDirectory)) await rm(link);
  }
  // Nobody listens there any more, unless it is another cluster's.
  if (!(await canConnect(deviceSocket))) await rm(deviceSocket, { force: true });
  // Only empty ones go.
  for (const directory of [logLinks, dirname(deviceSocket), dirname(dirname(deviceSocket))])
    await rmdir(directory).catch(() => {});
}
