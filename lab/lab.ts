import { join } from "node:path";
import { provideImages } from "./build/docker-build.ts";
import { labImages } from "./build/images.ts";
import { pulumiCli } from "./build/pulumi.ts";
import { cached, sweepUnfinished } from "./cache.ts";
import { findEngine, startEngine } from "./engine.ts";
import { withLock } from "./lock.ts";
import { startMirror } from "./mirror.ts";
import { dockerSocket } from "./paths.ts";
import { binDirectory, installPlugins, placeLink, pulumiHome } from "./plugins.ts";
import { checkHost, ensurePrerequisites } from "./prerequisites.ts";
import type { Progress } from "./progress.ts";

export { type ClusterStatus, clusterEnvironment, clusterRuns, clusterStatus, startCluster } from "./cluster/cluster.ts";
export { caFile, issueCertificate } from "./cluster/pki.ts";
export { LabError } from "./errors.ts";
export { labParts, realParts, standIns } from "./parts.ts";
export { type Progress, terminalProgress } from "./progress.ts";
export { cleanLab, stopLab } from "./remove.ts";
export { type LabStatus, labStatus } from "./status.ts";

/**
 * Whether the lab can run here; changes nothing.
 * @throws LabError naming what the machine lacks, or the Docker Engine that is in the way.
 */
export async function checkMachine(): Promise<void> {
  await checkHost();
  await findEngine();
}

/**
 * Brings the lab up: builds what is missing, starts what does not run. A second call takes a second.
 * @returns what to add to the environment of `pulumi` and of everything that talks to Docker.
 * @throws LabError when the machine lacks something or a build fails; calling again goes on from there.
 */
export async function startLab(progress: Progress): Promise<NodeJS.ProcessEnv> {
  await ensurePrerequisites(progress);
  return withLock(progress, async () => {
    await sweepUnfinished();
    const engine = (await findEngine()) ?? "lab";
    if (engine === "lab") await startMirror().then(startEngine);
    await provideImages(await labImages(), { mirror: engine === "lab", engine: engine === "guest" }, progress);
    const cli = await cached(pulumiCli, progress);
    await installPlugins();
    await placeLink(join(cli, "pulumi"), join(binDirectory, "pulumi"));
    return labEnvironment();
  });
}

/** What `startLab` returns; meaningful once the lab is up. */
export function labEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: `${binDirectory}:${process.env.PATH}`,
    PULUMI_HOME: pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The plugins that it would look for online are the ones that installPlugins put in its home.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Also where it is the default: a DOCKER_HOST or context of the user names another engine.
    DOCKER_HOST: `unix://${dockerSocket}`,
  };
}
