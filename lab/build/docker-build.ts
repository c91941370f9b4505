import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached, cacheKey } from "../cache.ts";
import { labLabel } from "../engine.ts";
import { mirrorAddress, mirrorDigest } from "../mirror.ts";
import { cacheRoot, dockerSocket } from "../paths.ts";
import { systemPath } from "../prerequisites.ts";
import type { Progress } from "../progress.ts";
import { run } from "../run.ts";
import { debianBase } from "./debian.ts";
import { imageKey, imageSources, type LabImage, reference } from "./images.ts";

const keyLabel = `${labLabel}.key`;
const base = `nself-lab/debian:${cacheKey(debianBase.inputs)}`;

/** Debian's packages have no buildx: the classic builder is the one that is always there. */
const env = { DOCKER_BUILDKIT: "0", PATH: systemPath };
const docker = (...args: string[]) => run("docker", ["--host", `unix://${dockerSocket}`, ...args], { env });

/** Where images have to be: whoever pulls gets them from the mirror, a guest engine has to hold them itself. */
export interface Delivery {
  readonly mirror: boolean;
  readonly engine: boolean;
}

/** Builds and delivers the images that are not there yet. */
export async function provideImages(images: readonly LabImage[], to: Delivery, progress: Progress): Promise<void> {
  const missing: [LabImage, string][] = [];
  for (const image of images) {
    const key = await imageKey(image);
    const there = (!to.mirror || (await isInMirror(image, key))) && (!to.engine || (await isInEngine(image, key)));
    if (!there) missing.push([image, key]);
  }
  if (missing.length === 0) return;

  const debian = await cached(debianBase, progress);
  await docker("import", "--change", `LABEL ${labLabel}=true`, join(debian, "rootfs.tar"), base);
  for (const [image, key] of missing) {
    const binary = image.binary && join(await cached(image.binary.artefact, progress), image.binary.file);
    await progress.step(`Making the image ${reference(image)}`, async () => {
      await buildImage(image, key, binary);
      if (to.mirror) await publish(image, key);
      if (!to.engine) await docker("rmi", "--force", reference(image));
    });
  }
  await docker("rmi", base);
}

/** The key is a second tag in the mirror: an image counts as there when both tags name the same one. */
const keyTag = (key: string) => `lab-${key}`;

async function isInMirror(image: LabImage, key: string): Promise<boolean> {
  const digest = await mirrorDigest(image.repository, image.tag);
  return digest !== undefined && digest === (await mirrorDigest(image.repository, keyTag(key)));
}

async function isInEngine(image: LabImage, key: string): Promise<boolean> {
  const filter = `label=${keyLabel}=${key}`;
  return (await docker("images", "--quiet", "--filter", filter, reference(image))) !== "";
}

async function buildImage(image: LabImage, key: string, binary: string | undefined): Promise<void> {
  await mkdir(join(cacheRoot, "unfinished"), { recursive: true });
  const context = await mkdtemp(join(cacheRoot, "unfinished", "image-"));
  try {
    for (const name of image.files) await copyFile(join(imageSources, name), join(context, name));
    if (binary && image.binary) await copyFile(binary, join(context, image.binary.file));
    const labels = ["--label", `${labLabel}=true`, "--label", `${keyLabel}=${key}`];
    const file = ["--file", join(imageSources, image.dockerfile)];
    await docker("build", "--build-arg", `BASE=${base}`, ...labels, ...file, "--tag", reference(image), context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Moves the image to the mirror, so that the program really pulls it. */
async function publish(image: LabImage, key: string): Promise<void> {
  const names = [image.tag, keyTag(key)].map((tag) => `${mirrorAddress}/${image.repository}:${tag}`);
  for (const name of names) {
    await docker("tag", reference(image), name);
    await docker("push", "--quiet", name);
  }
  await docker("rmi", "--force", ...names);
}
