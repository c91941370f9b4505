import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import type { Progress } from "../progress.ts";
import { run } from "../run.ts";
import { builtAlone } from "./judges-cache.ts";

/** Unpacked instead of installed: Debian's package would start a server. */
const promtoolArtefact: Artefact = {
  name: "judge-promtool",
  inputs: { suite: pins.debianSuite },
  build: (directory, progress) =>
    progress.step("Unpacking promtool from Debian's package prometheus", async () => {
      const remedy = "Check that apt knows a source for prometheus (apt-cache policy prometheus).";
      // Like at an installation: one broken third-party source must not stop it.
      await execa("apt-get", ["update"], { reject: false });
      await run("apt-get", ["download", "prometheus"], { cwd: directory, remedy });
      const [archive = ""] = (await readdir(directory)).filter((name) => name.endsWith(".deb"));
      await run("dpkg-deb", ["--extract", archive, "root"], { cwd: directory });
      await rename(join(directory, "root", "usr", "bin", "promtool"), join(directory, "promtool"));
      await rm(join(directory, "root"), { recursive: true });
      await rm(join(directory, archive));
    }),
};

export async function promtool(progress: Progress): Promise<string> {
  return join(await builtAlone(promtoolArtefact, progress), "promtool");
}
