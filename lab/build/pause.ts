import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact } from "../cache.ts";
import { checkout } from "../paths.ts";
import { run } from "../run.ts";

const source = join(checkout, "lab", "images", "pause");

/** What holds a pod's network while its containers come and go: `pause` in the artefact's directory, static. */
export async function pauseProgram(): Promise<Artefact> {
  return {
    name: "pause",
    inputs: { source: await readFile(join(source, "main.go"), "utf8") },
    build: async (directory) => {
      const env = { CGO_ENABLED: "0", GOWORK: "off", GO111MODULE: "off" };
      const flags = ["-buildvcs=false", "-trimpath", "-ldflags", "-s -w"];
      await run("go", ["build", ...flags, "-o", join(directory, "pause"), "main.go"], { cwd: source, env });
    },
  };
}
