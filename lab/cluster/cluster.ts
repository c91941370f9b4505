import { existsSync } from "node:fs";
import { join } from "node:path";
import { clusterImages } from "../build/cluster-images.ts";
import { kubeRouter } from "../build/cluster-parts.ts";
import { debianPackages } from "../build/debian-packages.ts";
import { provideImages } from "../build/docker-build.ts";
import { gatewayApi } from "../build/gateway-api.ts";
import { type LabImage, labImages } from "../build/images.ts";
import { kubernetes } from "../build/kubernetes.ts";
import { cached } from "../cache.ts";
import { runningPid } from "../daemon.ts";
import { findEngine } from "../engine.ts";
import { LabError } from "../errors.ts";
import { withLock } from "../lock.ts";
import { mirror, startMirror } from "../mirror.ts";
import { pins } from "../pins.ts";
import { binDirectory, placeLink } from "../plugins.ts";
import { ensureClusterPrerequisites } from "../prerequisites.ts";
import type { Progress } from "../progress.ts";
import { loadBalancerPool, nodeName } from "./addresses.ts";
import { apiserver } from "./control-plane.ts";
import { kubeconfigFile, kubernetesBinary } from "./paths.ts";
import { ingressAddress, nodeReady, unready, untilReady } from "./readiness.ts";
import { allRun, settingsChanged, startServers } from "./servers.ts";

/**
 * Brings up a Kubernetes cluster of one node beside a lab that is up (`startLab`). A second call takes a second.
 * @returns what to add to the environment of whoever uses it.
 * @throws LabError when the lab is not up, the machine lacks something, or a build fails.
 */
export async function startCluster(progress: Progress): Promise<NodeJS.ProcessEnv> {
  await ensureClusterPrerequisites(progress);
  return withLock(progress, async () => {
    const engine = await findEngine();
    if (engine === undefined) {
      throw new LabError(
        "The lab's Docker Engine, which makes the images of the cluster, does not run.",
        "Start it first: npm run lab -- up --kubernetes",
      );
    }
    if (runningPid(mirror) === undefined) await startMirror();
    for (const artefact of [kubernetes, debianPackages, kubeRouter, gatewayApi]) await cached(artefact, progress);
    const images = [...(await labImages()), ...(await clusterImages())];
    await provideImages(images, { mirror: true, engine: engine === "guest" }, progress);
    await placeLink(kubernetesBinary("kubectl"), join(binDirectory, "kubectl"));
    await bringUp(images, progress);
    return clusterEnvironment();
  });
}

async function bringUp(images: readonly LabImage[], progress: Progress): Promise<void> {
  const up = allRun() && !(await settingsChanged());
  if (up) await startServers(images);
  if (up && (await unready()).length === 0) return;
  await progress.step(`Starting Kubernetes ${pins.kubernetes}`, async (detail) => {
    await startServers(images);
    await untilReady(detail);
  });
}

/** What `startCluster` returns. */
export const clusterEnvironment = (): NodeJS.ProcessEnv => ({ KUBECONFIG: kubeconfigFile });

/** Whether there is an API server to talk to. */
export const clusterRuns = () => runningPid(apiserver) !== undefined && existsSync(kubeconfigFile);

export interface ClusterStatus {
  readonly version: string;
  readonly node: string;
  readonly nodeReady: boolean;
  /** Parts of the cluster that do not work. */
  readonly unready: readonly string[];
  /** Where the ingress controller is reached. */
  readonly ingressAddress: string | undefined;
  /** What Services of type LoadBalancer get. */
  readonly pool: { readonly first: string; readonly last: string };
}

/** Undefined: no cluster runs. */
export async function clusterStatus(): Promise<ClusterStatus | undefined> {
  if (!clusterRuns()) return undefined;
  const [ready, missing, address] = await Promise.all([nodeReady(), unready(), ingressAddress()]);
  const pool = { first: loadBalancerPool[0] ?? "", last: loadBalancerPool.at(-1) ?? "" };
  return {
    version: pins.kubernetes,
    node: nodeName,
    nodeReady: ready,
    unready: missing,
    ingressAddress: address,
    pool,
  };
}
