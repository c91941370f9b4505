import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact, Inputs } from "../cache.ts";
import { checkout } from "../paths.ts";
import type { Progress } from "../progress.ts";
import { run } from "../run.ts";
import { buildGoCommand, type GoCommand, goModuleDirectory } from "./go-module.ts";
import { builtAlone } from "./judges-cache.ts";

/** A judge that is a command of a Go module. @returns the file, built now if it is not there */
export function goTool(name: string, go: GoCommand, progress: Progress): Promise<string> {
  const command = { ...go, cgo: "0" } as const;
  return file(name, { command: JSON.stringify(command) }, progress, (directory) => buildGoCommand(command, directory));
}

/** A program of ours that calls a library which has no command for what is needed, or too large a one. */
export interface GoProgram {
  readonly module: string;
  readonly version: string;
  /** Language features that the module's own build switches on. */
  readonly experiment?: string;
}

/** @param name a folder of `lab/judges/programs` */
export async function goProgram(name: string, program: GoProgram, progress: Progress): Promise<string> {
  const source = join(checkout, "lab", "judges", "programs", name, "main.go");
  const inputs = { ...program, source: await readFile(source, "utf8") };
  return file(name, inputs, progress, async (directory) => {
    const module = await goModuleDirectory(program.module, program.version, directory);
    const work = join(directory, "source");
    await mkdir(work);
    for (const name of ["go.mod", "go.sum"]) await copyFile(join(module, name), join(work, name));
    await copyFile(source, join(work, "main.go"));

    const env = { GOWORK: "off", CGO_ENABLED: "0", ...(program.experiment && { GOEXPERIMENT: program.experiment }) };
    const edits = ["-module=nself.lab/build", `-require=${program.module}@${program.version}`];
    await run("go", ["mod", "edit", ...edits], { cwd: work, env });
    const flags = ["-mod=mod", "-buildvcs=false", "-ldflags", "-s -w"];
    await run("go", ["build", ...flags, "-o", join(directory, name), "."], { cwd: work, env });
    await rm(work, { recursive: true });
  });
}

async function file(name: string, inputs: Inputs, progress: Progress, build: (directory: string) => Promise<void>) {
  const artefact: Artefact = {
    name: `judge-${name}`,
    inputs,
    build: (directory) => progress.step(`Building ${name} (1 to 2 minutes the first time)`, () => build(directory)),
  };
  return join(await builtAlone(artefact, progress), name);
}
