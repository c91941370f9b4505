import type { LabImage } from "../build/images.ts";
import { mirrorDigest } from "../mirror.ts";
import { ctr } from "./ctr.ts";

/** A node keeps what it pulled under a tag for ever. Lab images change under theirs: it forgets those that did. */
export async function forgetStaleImages(images: readonly LabImage[]): Promise<void> {
  const held = heldImages(await ctr("images", "list"));
  for (const { repository, tag } of images) {
    const { name, digest } = held.find(({ path }) => path === `${repository}:${tag}`) ?? {};
    if (name && digest !== (await mirrorDigest(repository, tag))) await ctr("images", "remove", name);
  }
}

/** From the table that `ctr images list` prints: name, media type, digest, and more. The path is the name less its registry. */
export function heldImages(table: string): { name: string; path: string; digest: string }[] {
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([name = "", , digest = ""]) =>
    digest.startsWith("sha256:") ? [{ name, path: name.replace(/^[^/]*\//, ""), digest }] : [],
  );
}
