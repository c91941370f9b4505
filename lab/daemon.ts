import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "./errors.ts";
import { runDirectory } from "./paths.ts";
import { systemPath, which } from "./prerequisites.ts";
import { lastLines } from "./run.ts";

const readyWithinMs = 180_000;
const stopWithinMs = 30_000;
const pollMs = 100;

/** A server that outlives the command that started it. */
export interface Daemon {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The one argument that no other process of the machine has: it tells our process from a reused pid. */
  readonly mark: string;
  isReady(): Promise<boolean>;
}

const pidFile = (daemon: Daemon) => join(runDirectory, `${daemon.name}.pid`);
export const logFile = (daemon: Daemon) => join(runDirectory, `${daemon.name}.log`);

/** The pid of the daemon when it runs and is the lab's own. */
export function runningPid(daemon: Daemon): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile(daemon), "utf8"));
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return args.includes(daemon.mark) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Starts the daemon in a session of its own, unless it runs, and waits until it answers. */
export async function startDaemon(daemon: Daemon): Promise<void> {
  if (runningPid(daemon) === undefined) await launch(daemon);
  for (const end = Date.now() + readyWithinMs; Date.now() < end; await sleep(pollMs)) {
    if (await daemon.isReady()) return;
    if (runningPid(daemon) === undefined) throw await failure(daemon, "stopped while it was starting");
  }
  throw await failure(daemon, `did not answer within ${readyWithinMs / 1000} s`);
}

/** @returns whether there was something to stop. */
export async function stopDaemon(daemon: Daemon): Promise<boolean> {
  const pid = runningPid(daemon);
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  for (const end = Date.now() + stopWithinMs; runningPid(daemon) !== undefined; await sleep(pollMs)) {
    if (Date.now() > end) process.kill(pid, "SIGKILL");
  }
  await rm(pidFile(daemon), { force: true });
  return true;
}

async function launch(daemon: Daemon): Promise<void> {
  await mkdir(runDirectory, { recursive: true });
  const log = openSync(logFile(daemon), "w");
  const command = which(daemon.command) ?? daemon.command;
  const env = { ...process.env, PATH: systemPath };
  const child = spawn(command, daemon.args, { detached: true, stdio: ["ignore", log, log], cwd: "/", env });
  closeSync(log);
  await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  await writeFile(pidFile(daemon), String(child.pid));
  child.unref();
}

async function failure(daemon: Daemon, what: string): Promise<LabError> {
  const log = await readFile(logFile(daemon), "utf8").catch(() => "");
  return new LabError(
    `The lab's ${daemon.name} ${what}. The end of its log:\n${lastLines(log || "(empty)")}`,
    `The whole log is ${logFile(daemon)}. When the cause is gone, run the command again.`,
  );
}
