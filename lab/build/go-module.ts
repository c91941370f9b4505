import { copyFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { run } from "../run.ts";

/** A command of a public Go module, built with the dependencies that its own authors chose. */
export interface GoCommand {
  readonly module: string;
  readonly version: string;
  /** Import path of the command. */
  readonly command: string;
  /** Further `go mod edit` arguments, where the module's go.mod only works inside its own repository. */
  readonly edits?: readonly string[];
  readonly ldflags?: string;
  /** Default: what Go chooses on this machine. */
  readonly cgo?: "0" | "1";
}

const downloaded = z.object({ Dir: z.string() });
const remedy = "Go modules come through GOPROXY: check that `go env GOPROXY` names a proxy that this machine reaches.";

/**
 * Builds `go.command` into `directory` under its own name.
 * `go install module@version` refuses modules with `replace` lines, so the build starts from a copy of the module's own
 * go.mod: that keeps those lines and the exact dependency versions.
 */
export async function buildGoCommand(go: GoCommand, directory: string): Promise<void> {
  const env = { GOWORK: "off", ...(go.cgo && { CGO_ENABLED: go.cgo }) };
  const inModule = { cwd: directory, env, remedy };
  const source = downloaded.parse(
    JSON.parse(await run("go", ["mod", "download", "-json", `${go.module}@${go.version}`], inModule)),
  );
  await copyFile(join(source.Dir, "go.mod"), join(directory, "go.mod"));
  await copyFile(join(source.Dir, "go.sum"), join(directory, "go.sum"));

  const require = `-require=${go.module}@${go.version}`;
  await run("go", ["mod", "edit", "-module=nself.lab/build", require, ...(go.edits ?? [])], inModule);
  const flags = ["-mod=mod", "-buildvcs=false", "-ldflags", `-s -w ${go.ldflags ?? ""}`.trim()];
  await run("go", ["build", ...flags, "-o", basename(go.command), go.command], inModule);

  await rm(join(directory, "go.mod"));
  await rm(join(directory, "go.sum"));
}
