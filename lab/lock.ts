import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheRoot } from "./paths.ts";
import type { Progress } from "./progress.ts";

const lockFile = join(cacheRoot, "lock");

/** Runs `work` while no other lab command of this machine runs: they share the cache, the mirror and the engine. */
export async function withLock<T>(progress: Progress, work: () => Promise<T>): Promise<T> {
  await mkdir(cacheRoot, { recursive: true });
  let told = false;
  while (!(await take())) {
    const holder = await readHolder();
    if (holder !== undefined && !isAlive(holder)) {
      await rm(lockFile, { force: true });
      continue;
    }
    if (!told) progress.note(`Waiting for another lab command (process ${holder ?? "unknown"}) to finish.`);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function take(): Promise<boolean> {
  try {
    const file = await open(lockFile, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(): Promise<number | undefined> {
  const pid = Number(await readFile(lockFile, "utf8").catch(() => ""));
  return pid > 0 ? pid : undefined;
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);
