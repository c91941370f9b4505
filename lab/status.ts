import { existsSync } from "node:fs";
import { join } from "node:path";
import { type LabImage, labImages, reference } from "./build/images.ts";
import { pulumiCli } from "./build/pulumi.ts";
import { artefactDirectory } from "./cache.ts";
import { type ClusterStatus, clusterStatus } from "./cluster/cluster.ts";
import { clusterParts } from "./cluster/parts.ts";
import { runningPid } from "./daemon.ts";
import { type EngineKind, findEngine, heldImages } from "./engine.ts";
import { mirror, mirrorDigest } from "./mirror.ts";
import { type LabPart, labParts } from "./parts.ts";
import { cacheRoot } from "./paths.ts";

export interface LabStatus {
  /** Everything that the program needs is there, and runs. */
  readonly up: boolean;
  /** Undefined: no engine answers, or one that the lab must not use. */
  readonly engine: EngineKind | undefined;
  /** A guest engine holds the images itself and needs no mirror. */
  readonly mirrorRuns: boolean;
  readonly cliBuilt: boolean;
  /** Images that the program can get. */
  readonly images: readonly string[];
  /** Undefined: no Kubernetes cluster runs, which only some need. */
  readonly cluster: ClusterStatus | undefined;
  readonly parts: readonly LabPart[];
  readonly cache: string;
}

/** What is there and what runs; changes nothing. */
export async function labStatus(): Promise<LabStatus> {
  const kind = await findEngine().catch(() => undefined);
  const mirrorRuns = runningPid(mirror) !== undefined;
  const wanted = await labImages();
  const images = kind === "guest" ? await held(wanted) : mirrorRuns ? await pullable(wanted) : [];
  const cliBuilt = existsSync(join(artefactDirectory(pulumiCli), "pulumi"));
  const up = kind !== undefined && cliBuilt && images.length === wanted.length;
  const cluster = await clusterStatus();
  const parts = [...(await labParts()), ...(cluster ? clusterParts : [])];
  return { up, engine: kind, mirrorRuns, cliBuilt, images, cluster, parts, cache: cacheRoot };
}

async function held(images: readonly LabImage[]): Promise<string[]> {
  const names = await heldImages();
  return images.map(reference).filter((name) => names.includes(name));
}

async function pullable(images: readonly LabImage[]): Promise<string[]> {
  const digests = await Promise.all(images.map(({ repository, tag }) => mirrorDigest(repository, tag)));
  return images.filter((_, index) => digests[index] !== undefined).map(reference);
}
