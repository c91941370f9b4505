import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Daemon, runningPid, startDaemon } from "./daemon.ts";
import { LabError } from "./errors.ts";
import { cacheRoot, runDirectory } from "./paths.ts";
import { mirrorPort } from "./pins.ts";

const settingsFile = join(runDirectory, "mirror.yml");

export const mirrorAddress = `127.0.0.1:${mirrorPort}`;
const api = `http://${mirrorAddress}/v2/`;

/** A real registry that keeps the lab's images. Docker asks it first for everything that it would get from Docker Hub. */
export const mirror: Daemon = {
  name: "mirror",
  command: "docker-registry",
  args: ["serve", settingsFile],
  mark: settingsFile,
  isReady: async () => (await fetch(api).catch(() => undefined))?.ok ?? false,
};

export async function startMirror(): Promise<void> {
  if (runningPid(mirror) === undefined && (await answers())) {
    throw new LabError(
      `Something else already answers on ${mirrorAddress}, where the lab's image registry has to listen.`,
      "Stop it, or change mirrorPort in lab/pins.ts.",
    );
  }
  await mkdir(runDirectory, { recursive: true });
  await writeFile(settingsFile, stringify(mirrorSettings(join(cacheRoot, "mirror"))));
  await startDaemon(mirror);
}

/** Whatever listens there, registry or not. */
const answers = () =>
  fetch(api).then(
    () => true,
    () => false,
  );

export function mirrorSettings(directory: string): object {
  return {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: directory }, delete: { enabled: true } },
    // The secret lets several registries share uploads; without one it warns at every start.
    http: { addr: mirrorAddress, secret: "lab" },
  };
}

/** The digest of an image in the mirror; undefined when it is not there. */
export async function mirrorDigest(repository: string, tag: string): Promise<string | undefined> {
  const headers = { accept: "application/vnd.docker.distribution.manifest.v2+json" };
  const answer = await fetch(`${api}${repository}/manifests/${tag}`, { method: "HEAD", headers });
  return answer.ok ? (answer.headers.get("docker-content-digest") ?? undefined) : undefined;
}
