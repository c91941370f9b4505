/** What package.json and node_modules say about the program. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

export interface RequiredPlugin {
  readonly name: string;
  readonly version: string;
  readonly server: string;
}

/**
 * The provider plugins of the program's own dependencies and of theirs. (The official host walks all of node_modules;
 * this follows the dependencies instead, which finds the same ones sooner.)
 */
export function requiredPlugins(programDirectory: string): RequiredPlugin[] {
  const found = new Map<string, RequiredPlugin>();
  visit(dependencies(programDirectory), ({ name = "", version = "", pulumi }) => {
    if (!pulumi?.resource) return;
    const plugin = pulumi.name ?? name.replace(/^@pulumi\//, "");
    const tag = pulumi.version ?? version;
    const entry = { name: plugin, version: tag.startsWith("v") ? tag : `v${tag}`, server: pulumi.server ?? "" };
    found.set(`${entry.name}@${entry.version}`, entry);
  });
  return [...found.values()];
}

export function programDependencies(
  programDirectory: string,
  transitive: boolean,
): { name: string; version: string }[] {
  const found = new Map<string, { name: string; version: string }>();
  visit(
    dependencies(programDirectory),
    ({ name = "", version = "" }) => found.set(`${name}@${version}`, { name, version }),
    transitive,
  );
  return [...found.values()];
}

type Found = { directory: string; manifest: PackageJson };

/** The installed packages that the package in `directory` (or the closest one above it) names. */
function dependencies(directory: string, withDev = true): Found[] {
  const root = upwards(directory, "package.json");
  const manifest = root && readManifest(root);
  if (!root || !manifest) return [];
  const names = Object.keys({ ...manifest.dependencies, ...(withDev && manifest.devDependencies) });
  return names.flatMap((name) => {
    const path = upwards(dirname(root), join("node_modules", name, "package.json"));
    const installed = path && readManifest(path);
    return path && installed ? [{ directory: dirname(realpathSync(path)), manifest: installed }] : [];
  });
}

function visit(start: Found[], seen: (manifest: PackageJson) => void, transitive = true): void {
  const done = new Set<string>();
  const queue = [...start];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (done.has(next.directory)) continue;
    done.add(next.directory);
    seen(next.manifest);
    if (transitive) queue.push(...dependencies(next.directory, false));
  }
}

function upwards(directory: string, path: string): string | undefined {
  for (let current = directory; ; current = dirname(current)) {
    const candidate = join(current, path);
    if (existsSync(candidate)) return candidate;
    if (current === dirname(current)) return undefined;
  }
}

function readManifest(path: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as PackageJson;
  } catch {
    return undefined;
  }
}
