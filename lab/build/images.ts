import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artefact, artefactDirectory, cacheKey, type Inputs } from "../cache.ts";
import { checkout } from "../paths.ts";
import { pins } from "../pins.ts";
import { debianBase } from "./debian.ts";
import { livekitServer } from "./livekit.ts";
import { meilisearchStandIn } from "./meilisearch.ts";

/** An image under its upstream name, and what it is made of. */
export interface LabImage {
  readonly repository: string;
  readonly tag: string;
  readonly dockerfile: string;
  /** What the Dockerfile copies: files of this folder, and one file of an artefact by the same name. */
  readonly files: readonly string[];
  readonly binary?: { readonly artefact: Artefact; readonly file: string };
}

export const imageSources = join(checkout, "lab", "images");

export async function labImages(): Promise<LabImage[]> {
  return [
    {
      repository: "livekit/livekit-server",
      tag: pins.livekit,
      dockerfile: "livekit.Dockerfile",
      files: [],
      binary: { artefact: livekitServer, file: "livekit-server" },
    },
    ...(await Promise.all(pins.meilisearch.map(meilisearchImage))),
    {
      repository: "tiangolo/nginx-rtmp",
      tag: "latest",
      dockerfile: "nginx-rtmp.Dockerfile",
      files: ["nginx-rtmp.conf"],
    },
    { repository: "library/nginx", tag: pins.nginx, dockerfile: "nginx.Dockerfile", files: [] },
  ];
}

async function meilisearchImage(tag: string): Promise<LabImage> {
  return {
    repository: "getmeili/meilisearch",
    tag,
    dockerfile: "meilisearch.Dockerfile",
    files: [],
    binary: { artefact: await meilisearchStandIn(tag), file: "meilisearch" },
  };
}

/** As people write it, and as the engine lists it. */
export const reference = ({ repository, tag }: LabImage) => `${repository.replace(/^library\//, "")}:${tag}`;

/** Changes with anything that goes into the image. */
export async function imageKey(image: LabImage): Promise<string> {
  const inputs: Record<string, string> = { base: artefactDirectory(debianBase, "") };
  if (image.binary) inputs.binary = artefactDirectory(image.binary.artefact, "");
  for (const name of [image.dockerfile, ...image.files]) {
    inputs[name] = await readFile(join(imageSources, name), "utf8");
  }
  return cacheKey(inputs satisfies Inputs);
}
