import { existsSync } from "node:fs";
import { type Artefact, artefactDirectory, cached } from "../cache.ts";
import { withLock } from "../lock.ts";
import type { Progress } from "../progress.ts";

/** As `cached`, for who does not hold the lab's lock: another lab command would sweep a build that is under way. */
export async function builtAlone(artefact: Artefact, progress: Progress): Promise<string> {
  const finished = artefactDirectory(artefact);
  return existsSync(finished) ? finished : withLock(progress, () => cached(artefact, progress));
}
