import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { labStatus, startLab, terminalProgress } from "../../../lab/lab.ts";
import { resetEngine } from "./engine.ts";

/** An abstract socket: the kernel lets go of it with this process, however that ends. */
const LOCK = "\0nself-chat-e2e";

/** Once before all files: the lab runs, and holds nothing from an earlier run. */
export default async function setup(): Promise<void> {
  const progress = terminalProgress();
  for (let told = false; !(await isAlone()); told = true) {
    if (!told) progress.note("Waiting for another end-to-end run on this machine to finish.");
    await sleep(1_000);
  }
  await startLab(progress);
  const { up } = await labStatus();
  if (!up) throw new Error("The lab does not run, so nothing can be tested end to end.");
  await resetEngine();
}

/** Whether no other run has the lab: from then on it is ours. */
async function isAlone(): Promise<boolean> {
  const lock = createServer().listen(LOCK).unref();
  return once(lock, "listening").then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") return false;
      throw error;
    },
  );
}
