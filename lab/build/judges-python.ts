import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact } from "../cache.ts";
import { requirements } from "../judges/pins.ts";
import type { Progress } from "../progress.ts";
import { run } from "../run.ts";
import { builtAlone } from "./judges-cache.ts";

const tools: Artefact = {
  name: "judges-python",
  inputs: { requirements },
  build: (directory, progress) =>
    progress.step("Installing checkov, gixy and hadolint (1 minute the first time)", async () => {
      await run("python3", ["-m", "venv", join(directory, "venv")], {
        remedy:
          "Install Python 3 with its venv module (Debian: apt-get install python3-venv) and run the command again.",
      });
      await writeFile(join(directory, "requirements.txt"), requirements);
      const install = ["-m", "pip", "install", "--quiet", "--no-deps", "-r", join(directory, "requirements.txt")];
      await run(join(directory, "venv", "bin", "python"), install, {
        remedy: "Python packages come from the index that pip is set to: check that this machine reaches it.",
      });
    }),
};

/**
 * The virtual environment's `bin`. Its scripts name the folder that it was made in, which is another one: modules are
 * run by `python -m`, which finds its packages wherever the environment lies.
 */
export async function pythonTools(progress: Progress): Promise<string> {
  return join(await builtAlone(tools, progress), "venv", "bin");
}

/** Folder in which the package `kubernetes_validate` keeps the schemas of a release, such as `v1.34`. */
export async function packagedSchemas(release: string, progress: Progress): Promise<string> {
  const python = join(await pythonTools(progress), "python");
  const print = "import kubernetes_validate, os; print(os.path.dirname(kubernetes_validate.__file__))";
  const folder = await run(python, ["-c", print]);
  return join(folder, "kubernetes-json-schema", `${release}.0-local-strict`);
}
