import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { run } from "../run.ts";

/** Commands of a public Go module, built with the dependencies that its own authors chose. */
export interface GoCommand {
  readonly module: string;
  readonly version: string;
  /** Import path of the command; several are built at once, which compiles what they share only once. */
  readonly command: string | readonly string[];
  /** Further `go mod edit` arguments, where the module's go.mod only works inside its own repository. */
  readonly edits?: readonly string[];
  /** For a repository whose go.mod names its modules v0.0.0 and replaces them by folders: their published version. */
  readonly folders?: string;
  /** Files that an edit refers to: modules that no registry has, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files of dependencies, or of the module itself, that this build has another text for: by module and path. */
  readonly changes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly ldflags?: string;
  /** Default: what Go chooses on this machine. */
  readonly cgo?: "0" | "1";
}

const downloaded = z.object({ Dir: z.string() });
const goMod = z.object({
  Require: z.array(z.object({ Path: z.string(), Version: z.string() })).default([]),
  Replace: z.array(z.object({ Old: z.object({ Path: z.string() }), New: z.object({ Path: z.string() }) })).default([]),
});
const remedy = "Go modules come through GOPROXY: check that `go env GOPROXY` names a proxy that this machine reaches.";

/** Where Go keeps a module's files, downloaded now if they are not there. */
export async function goModuleDirectory(module: string, version: string, cwd: string): Promise<string> {
  const options = { cwd, env: { GOWORK: "off" }, remedy };
  return downloaded.parse(JSON.parse(await run("go", ["mod", "download", "-json", `${module}@${version}`], options)))
    .Dir;
}

/**
 * Builds `go.command` into `directory` under its own name.
 * `go install module@version` refuses modules with `replace` lines, so the build starts from a copy of the module's own
 * go.mod: that keeps those lines and the exact dependency versions.
 */
export async function buildGoCommand(go: GoCommand, directory: string): Promise<void> {
  const env = { GOWORK: "off", ...(go.cgo && { CGO_ENABLED: go.cgo }) };
  const inModule = { cwd: directory, env, remedy };
  const edit = (edits: readonly string[]) => run("go", ["mod", "edit", ...edits], inModule);
  const source = await goModuleDirectory(go.module, go.version, directory);
  await copyFile(join(source, "go.mod"), join(directory, "go.mod"));
  await copyFile(join(source, "go.sum"), join(directory, "go.sum"));
  await writeFiles(directory, go.files ?? {});

  await edit(["-module=nself.lab/build", `-require=${go.module}@${go.version}`, ...(go.edits ?? [])]);
  if (go.folders) await edit(publishedFolders(await edit(["-json"]), go.folders));
  for (const [index, [module, files]] of Object.entries(go.changes ?? {}).entries()) {
    const version = await run("go", ["list", "-mod=mod", "-m", "-f", "{{.Version}}", module], inModule);
    const copy = join(directory, `changed-${index}`);
    await run("cp", ["-r", "--no-preserve=mode", await goModuleDirectory(module, version, directory), copy]);
    await writeFiles(copy, files);
    await edit([`-replace=${module}=./changed-${index}`]);
  }

  const flags = ["-mod=mod", "-buildvcs=false", "-ldflags", `-s -w ${go.ldflags ?? ""}`.trim()];
  const output = join(directory, "built");
  await mkdir(output);
  await run("go", ["build", ...flags, "-o", output, ...[go.command].flat()], inModule);
  await keepOnly(output, directory);
}

async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
}

/** Puts what is in `output` in place of everything in `directory`, its parent. */
async function keepOnly(output: string, directory: string): Promise<void> {
  const others = (await readdir(directory)).filter((name) => name !== basename(output));
  for (const name of others) await rm(join(directory, name), { recursive: true });
  for (const name of await readdir(output)) await rename(join(output, name), join(directory, name));
  await rm(output, { recursive: true });
}

/** The edits that turn folders of a repository into published modules. Pseudo-versions are published as they are. */
export function publishedFolders(json: string, version: string): string[] {
  const { Require, Replace } = goMod.parse(JSON.parse(json));
  const dropped = Replace.filter(({ New }) => New.Path.startsWith("./")).map(({ Old }) => `-dropreplace=${Old.Path}`);
  const required = Require.filter(({ Version }) => Version === "v0.0.0").map(
    ({ Path }) => `-require=${Path}@${version}`,
  );
  return [...dropped, ...required];
}
