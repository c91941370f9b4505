import { labStatus, startLab, terminalProgress } from "../../../lab/lab.ts";
import { resetEngine } from "./engine.ts";

/** Once before all files: the lab runs, and holds nothing from an earlier run. */
export default async function setup(): Promise<void> {
  await startLab(terminalProgress());
  const { up } = await labStatus();
  if (!up) throw new Error("The lab does not run, so nothing can be tested end to end.");
  await resetEngine();
}
