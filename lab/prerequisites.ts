import { accessSync, constants, existsSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { LabError } from "./errors.ts";
import { cacheRoot } from "./paths.ts";
import { minimumClusterFreeGiB, minimumFreeGiB, minimumGo } from "./pins.ts";
import type { Progress } from "./progress.ts";
import { run } from "./run.ts";

/** A login shell without `sbin` on its PATH is common, and `dockerd` needs `iptables` from there. */
export const systemPath = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Judged by command, not by package: whoever has Docker's own packages must not get Debian's beside them. */
const packages: readonly Package[] = [
  { command: "dockerd", install: ["docker.io", "containerd", "runc"] },
  { command: "docker", install: ["docker.io"] },
  { command: "iptables", install: ["iptables"] },
  { command: "docker-registry", install: ["docker-registry"] },
  { command: "debootstrap", install: ["debootstrap"] },
];

/** What only the Kubernetes cluster needs. Neither starts a service. */
const clusterPackages: readonly Package[] = [
  { command: "containerd", install: ["containerd"] },
  { command: "ip", install: ["iproute2"] },
  { command: "ipset", install: ["ipset"] },
  { command: "openssl", install: ["openssl"] },
];

interface Package {
  readonly command: string;
  readonly install: readonly string[];
}

/** Throws a {@link LabError} naming the first thing that this machine lacks and that the lab cannot install. */
export async function checkHost(): Promise<void> {
  checkSystem();
  await checkGo();
  await checkDisk("The lab's first build", minimumFreeGiB, "builds");
}

/** Makes sure that the machine can run the lab, and installs the Debian packages that are missing. */
export async function ensurePrerequisites(progress: Progress): Promise<void> {
  await checkHost();
  await ensurePackages(packages, progress);
}

/** The same for the Kubernetes cluster, on a machine that can run the lab. */
export async function ensureClusterPrerequisites(progress: Progress): Promise<void> {
  await ensurePackages(clusterPackages, progress);
  await checkDisk("Kubernetes, the first time,", minimumClusterFreeGiB, join("cluster", "etcd"));
}

async function ensurePackages(wanted: readonly Package[], progress: Progress): Promise<void> {
  const missing = missingPackages(wanted);
  if (missing.length === 0) return;
  await progress.step(`Installing Debian packages: ${missing.join(", ")}`, () => install(missing));
}

/** @returns the file that a command name stands for on `path`, if there is one. */
export function which(command: string, path = systemPath): string | undefined {
  return path
    .split(":")
    .map((directory) => join(directory, command))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missingPackages(wanted: readonly Package[]): string[] {
  const missing = wanted.filter(({ command }) => !which(command)).flatMap(({ install }) => install);
  return [...new Set(missing)];
}

function checkSystem(): void {
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) {
    throw new LabError(
      "The lab needs Debian 12 or a relative of it: it takes Docker Engine and nginx from Debian's packages.",
      "Run it in a Debian 12 machine, or start Docker here and run without the lab.",
    );
  }
  if (process.getuid?.() !== 0) {
    throw new LabError(
      "The lab needs root: it installs Debian packages and starts a Docker Engine of its own.",
      "Run the same command as root, for example with sudo.",
    );
  }
}

async function checkGo(): Promise<void> {
  const wanted = `${minimumGo.major}.${minimumGo.minor}`;
  const remedy = `Install Go ${wanted} or later and put it on the PATH. Debian 12's own package is too old.`;
  const result = await execa("go", ["env", "GOVERSION"], { reject: false });
  if (result.failed)
    throw new LabError("The lab builds the Pulumi CLI and LiveKit with Go, which is not there.", remedy);

  const [major = 0, minor = 0] = result.stdout.replace(/^go/, "").split(".").map(Number.parseFloat);
  if (major > minimumGo.major || (major === minimumGo.major && minor >= minimumGo.minor)) return;
  throw new LabError(`The lab needs Go ${wanted} or later; this machine has ${result.stdout}.`, remedy);
}

/** `made` is the directory whose presence says that it went well before. */
async function checkDisk(what: string, wantedGiB: number, made: string): Promise<void> {
  if (existsSync(join(cacheRoot, made))) return;
  await mkdir(cacheRoot, { recursive: true });
  const { bavail, bsize } = await statfs(cacheRoot);
  const freeGiB = (bavail * bsize) / 2 ** 30;
  if (freeGiB >= wantedGiB) return;
  throw new LabError(
    `${what} needs ${wantedGiB} GiB; ${cacheRoot} has ${freeGiB.toFixed(1)} GiB free.`,
    "Free some space, or set XDG_CACHE_HOME to a directory on a larger disk.",
  );
}

async function install(names: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive", PATH: systemPath };
  // Its result is not used: one broken third-party source must not stop an install that does not need it.
  await execa("apt-get", ["update"], { env, reject: false });
  await run("apt-get", ["install", "--yes", "--no-install-recommends", ...names], {
    env,
    remedy: `Install them by hand (apt-get install ${names.join(" ")}), then run the command again.`,
  });
}
