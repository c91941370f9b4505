import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { LabError } from "../errors.ts";
import { hasRules, isNginx, type Labelled, type Manifest, texts } from "./sources.ts";

/** One Kubernetes object, in a file of its own. */
export interface KubernetesObject {
  readonly file: string;
  readonly label: string;
  readonly manifest: Manifest;
}

/** What there is to judge, by kind. */
export interface Input {
  /** Holds the objects' files and nothing else. */
  readonly folder: string;
  readonly objects: readonly KubernetesObject[];
  readonly nginx: readonly Labelled[];
  readonly rules: readonly Labelled[];
  readonly dockerfiles: readonly Labelled[];
  readonly workflows: readonly Labelled[];
}

/** Kinds that make pods, as judges count them. */
const WORKLOADS = /^(Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|ReplicationController|Job|CronJob)$/;

export const workloads = ({ objects }: Input) => objects.filter(({ manifest }) => WORKLOADS.test(manifest.kind));

/** The label of an object's file, which may be given with any folder. */
export function labelOf({ objects }: Input, file: string): string {
  return objects.find((object) => basename(object.file) === basename(file))?.label ?? file;
}

/**
 * Sorts what is at `paths`, files and folders, by what it is: Kubernetes objects (also in lists and in files of several
 * documents), nginx configurations and alert rules (also inside of objects), Dockerfiles and workflows.
 * @param work an empty folder: every object is written there to a file of its own, for judges that know files alone
 */
export async function readInput(paths: readonly string[], work: string): Promise<Input> {
  const folder = join(work, "objects");
  const manifests: Manifest[] = [];
  const found = { nginx: [] as Labelled[], rules: [] as Labelled[] };
  const files = { dockerfiles: [] as Labelled[], workflows: [] as Labelled[] };
  for (const file of (await Promise.all(paths.map(filesOf))).flat()) {
    const name = basename(file);
    if (/(^|\.)Dockerfile$|^Dockerfile\./.test(name)) files.dockerfiles.push({ file, label: file });
    else if (/\.conf$/.test(name) && isNginx(await readFile(file, "utf8"))) found.nginx.push({ file, label: file });
    else if (/\.github[\\/]workflows[\\/][^\\/]+\.ya?ml$/.test(file)) files.workflows.push({ file, label: file });
    else if (/\.(ya?ml|json)$/.test(name)) {
      const documents = parse(await readFile(file, "utf8"), file);
      manifests.push(...documents.flatMap(expand));
      if (documents.some(hasRules)) found.rules.push({ file, label: file });
    }
  }

  await mkdir(folder, { recursive: true });
  const objects = manifests.map((manifest, index) => ({ manifest, ...place(manifest, folder, index) }));
  for (const { file, manifest } of objects)
    await writeFile(file, stringify(manifest, { version: "1.1", lineWidth: 0 }));
  for (const text of objects.flatMap(({ manifest, label }) => texts(manifest, label))) {
    const file = join(work, text.kind, `${found[text.kind].length}-${text.name}`);
    await mkdir(join(work, text.kind), { recursive: true });
    await writeFile(file, text.content);
    found[text.kind].push({ file, label: `${text.label} ${text.name}` });
  }
  return { folder, objects, ...found, ...files };
}

/** Kubernetes reads YAML 1.1, in which 0400 is an octal number and `yes` a boolean. */
function parse(text: string, file: string): unknown[] {
  return parseAllDocuments(text, { version: "1.1" }).map((document) => {
    const [problem] = document.errors;
    if (problem) throw new LabError(`${file} is no YAML: ${problem.message}`, "Judge a folder of rendered manifests.");
    return document.toJS();
  });
}

function expand(document: unknown): Manifest[] {
  if (typeof document !== "object" || document === null) return [];
  const { kind, apiVersion, items } = document as Manifest & { items?: unknown[] };
  if (Array.isArray(items) && kind?.endsWith("List")) return items.flatMap(expand);
  return kind && apiVersion ? [document as Manifest] : [];
}

function place(manifest: Manifest, folder: string, index: number) {
  const { kind, metadata: { name = "", namespace = "" } = {} } = manifest;
  const file = `${String(index).padStart(4, "0")}-${kind}-${namespace}-${name}.yaml`.replace(/[^\w.-]/g, "_");
  return { file: join(folder, file), label: `${kind} ${namespace && `${namespace}/`}${name}` };
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => {
    throw new LabError(`There is nothing to judge at ${path}.`, "Give a file or a folder that exists.");
  });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/node_modules/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
