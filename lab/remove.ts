import { rm } from "node:fs/promises";
import { clusterDirectory } from "./cluster/paths.ts";
import { removeKubeletTraces } from "./cluster/pods.ts";
import { stopServers } from "./cluster/servers.ts";
import { stopDaemon } from "./daemon.ts";
import { engine, engineDirectories, removeGuestData } from "./engine.ts";
import { withLock } from "./lock.ts";
import { mirror } from "./mirror.ts";
import { unmountAll } from "./mounts.ts";
import { cacheRoot, localDirectory } from "./paths.ts";
import type { Progress } from "./progress.ts";

/**
 * Stops the cluster, the engine with its containers and the mirror; everything is kept for the next start.
 * @returns the names of what was running.
 */
export function stopLab(progress: Progress): Promise<string[]> {
  return withLock(progress, stopDaemons);
}

/** Stops the lab and removes all that it made, containers and volumes included. Debian packages and Go's caches stay. */
export async function cleanLab(progress: Progress): Promise<void> {
  await withLock(progress, async () => {
    await stopDaemons();
    await removeGuestData();
    await removeKubeletTraces();
    for (const directory of [clusterDirectory, ...engineDirectories]) {
      await unmountAll(directory);
      await rm(directory, { recursive: true, force: true });
    }
    await rm(localDirectory, { recursive: true, force: true });
    await rm(cacheRoot, { recursive: true, force: true });
  });
}

async function stopDaemons(): Promise<string[]> {
  const stopped = await stopServers();
  for (const daemon of [engine, mirror]) {
    if (await stopDaemon(daemon)) stopped.push(daemon.name);
  }
  return stopped;
}
