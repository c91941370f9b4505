import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact, Inputs } from "../cache.ts";
import { checkout } from "../paths.ts";
import { run } from "../run.ts";

const source = join(checkout, "lab", "images", "meilisearch");

/** The stand-in for the MeiliSearch server, announcing `version`: `meilisearch` in the artefact's directory, static. */
export async function meilisearchStandIn(version: string): Promise<Artefact> {
  const announced = announcedVersion(version);
  return {
    name: "meilisearch-stand-in",
    inputs: { version: announced, ...(await sources()) },
    build: (directory, progress) =>
      progress.step(`Building the MeiliSearch stand-in ${announced}`, async () => {
        const flags = ["-buildvcs=false", "-trimpath", "-ldflags", `-s -w -X main.version=${announced}`];
        const env = { CGO_ENABLED: "0", GOWORK: "off" };
        await run("go", ["build", ...flags, "-o", join(directory, "meilisearch"), "."], { cwd: source, env });
      }),
  };
}

/** `v1.6` -> `1.6.0`: servers announce three numbers, image tags may leave the last one out. */
export function announcedVersion(tag: string): string {
  const numbers = tag.replace(/^v/, "").split(".");
  return [...numbers, "0", "0"].slice(0, 3).join(".");
}

async function sources(): Promise<Inputs> {
  const names = (await readdir(source)).filter(
    (name) => /\.go$|^go\.(mod|sum)$/.test(name) && !/_test\.go$/.test(name),
  );
  const texts = names.map(async (name) => [name, await readFile(join(source, name), "utf8")] as const);
  return Object.fromEntries(await Promise.all(texts));
}
