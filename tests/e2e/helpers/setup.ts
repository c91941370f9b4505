import { labStatus, startLab, terminalProgress } from "../../../lab/lab.ts";
import { docker, resetEngine } from "./engine.ts";

/** Once before all files: the lab runs, and holds nothing from an earlier run. */
export default async function setup(): Promise<void> {
  Object.assign(process.env, await startLab(terminalProgress()));
  const { up } = await labStatus();
  if (!up) throw new Error("The lab does not run, so nothing can be tested end to end.");
  // The variable was set after this module was loaded: the engine is asked where it really is.
  await docker.ping();
  await resetEngine();
}
