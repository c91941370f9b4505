import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "./paths.ts";
import type { Progress } from "./progress.ts";

/** Everything that decides the outcome of a build: versions, and the text of the files that go in. */
export type Inputs = Readonly<Record<string, string>>;

/** Something that takes long to make and is kept. */
export interface Artefact {
  readonly name: string;
  readonly inputs: Inputs;
  /** Fills the empty directory that it is given. */
  build(directory: string, progress: Progress): Promise<void>;
}

/** The same for the same inputs in any order. */
export function cacheKey(inputs: Inputs): string {
  const sorted = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 12);
}

export function artefactDirectory(artefact: Artefact, root = cacheRoot): string {
  return join(root, "builds", `${artefact.name}-${cacheKey(artefact.inputs)}`);
}

/**
 * The directory of a built artefact, built now if its inputs changed.
 * It gets its final name only when it is complete, so an interrupted build leaves nothing that looks finished.
 */
export async function cached(artefact: Artefact, progress: Progress, root = cacheRoot): Promise<string> {
  const finished = artefactDirectory(artefact, root);
  if (existsSync(finished)) return finished;

  const unfinished = join(root, "unfinished");
  await mkdir(unfinished, { recursive: true });
  await mkdir(join(root, "builds"), { recursive: true });
  const work = await mkdtemp(join(unfinished, `${artefact.name}-`));
  try {
    await artefact.build(work, progress);
    await rename(work, finished);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return finished;
}

/** Removes what interrupted builds left. Only for the holder of the lab's lock. */
export async function sweepUnfinished(root = cacheRoot): Promise<void> {
  await rm(join(root, "unfinished"), { recursive: true, force: true });
}
