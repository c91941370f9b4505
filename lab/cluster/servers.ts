import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabImage } from "../build/images.ts";
import { cacheKey } from "../cache.ts";
import { type Daemon, runningPid, startDaemon, stopDaemon } from "../daemon.ts";
import { interfaceName } from "./addresses.ts";
import { containerd, containerdConfig, writeContainerdSettings } from "./containerd.ts";
import { apiserver, controllerManager, etcd, scheduler } from "./control-plane.ts";
import { ensureHostNetwork, removeHostNetwork } from "./host-network.ts";
import { writeKubeconfigs } from "./kubeconfig.ts";
import { loadBalancer } from "./load-balancer.ts";
import { applyManifests } from "./manifests.ts";
import { networkPolicies } from "./network-policies.ts";
import { kubelet, nodeSettings, proxy, writeNodeSettings } from "./node.ts";
import { forgetStaleImages } from "./node-images.ts";
import { settingsDirectory, stateDirectory } from "./paths.ts";
import { ensurePki } from "./pki.ts";
import { removeRunningState, stopPods } from "./pods.ts";

/** In the order of their start. */
export const clusterDaemons: readonly Daemon[] = [
  etcd,
  apiserver,
  containerd,
  controllerManager,
  scheduler,
  kubelet,
  proxy,
  networkPolicies,
  loadBalancer,
];

const keyFile = join(settingsDirectory, "key");
const isRunning = (daemon: Daemon) => runningPid(daemon) !== undefined;

export const allRun = () => clusterDaemons.every(isRunning);

/** Whether servers that run were started with other settings than today's. */
export async function settingsChanged(): Promise<boolean> {
  const key = await settingsKey();
  return (await readFile(keyFile, "utf8").catch(() => key)) !== key;
}

/** Starts what does not run; `images` are those that the mirror has. Servers that run with other settings than today's are stopped first, the data stays. */
export async function startServers(images: readonly LabImage[]): Promise<void> {
  if (await settingsChanged()) await stopServers();
  await mkdir(settingsDirectory, { recursive: true });
  await writeFile(keyFile, await settingsKey());
  await Promise.all([ensureHostNetwork(), ensurePki()]);
  await Promise.all([writeKubeconfigs(), writeContainerdSettings(), writeNodeSettings()]);

  await Promise.all([startDaemon(etcd).then(() => startDaemon(apiserver)), startDaemon(containerd)]);
  await forgetStaleImages(images);
  await Promise.all([controllerManager, scheduler, kubelet, proxy].map(startDaemon));
  // The last two need rights that Kubernetes does not give by itself.
  await applyManifests();
  await Promise.all([networkPolicies, loadBalancer].map(startDaemon));
}

/** @returns the names of what was running. Everything that would stay in the machine's way is taken back. */
export async function stopServers(): Promise<string[]> {
  const traces = existsSync(stateDirectory) || existsSync(`/sys/class/net/${interfaceName}`);
  if (!traces && !clusterDaemons.some(isRunning)) return [];

  const stopped: string[] = [];
  const stop = async (daemon: Daemon) => {
    if (await stopDaemon(daemon)) stopped.push(daemon.name);
  };
  // Whoever would start pods again goes before them.
  await Promise.all([loadBalancer, networkPolicies, proxy, kubelet, scheduler, controllerManager].map(stop));
  if (isRunning(containerd) || (await revived())) await stopPods();
  await stop(containerd);
  await stop(apiserver);
  await stop(etcd);
  await removeRunningState();
  await removeHostNetwork();
  await removeCgroups();
  return stopped;
}

/** Pods outlive a containerd that was killed, and only a containerd can end them. */
async function revived(): Promise<boolean> {
  if (!existsSync(stateDirectory) || !existsSync(settingsDirectory)) return false;
  return startDaemon(containerd).then(
    () => true,
    () => false,
  );
}

async function settingsKey(): Promise<string> {
  const source = (name: string) => readFile(join(import.meta.dirname, "load-balancer", name), "utf8");
  const [main, pool] = await Promise.all(["main.ts", "pool.ts"].map(source));
  const commands = JSON.stringify(clusterDaemons.map(({ command, args }) => ({ command, args })));
  return cacheKey({ commands, containerd: containerdConfig(), ...nodeSettings(), main: `${main}`, pool: `${pool}` });
}

/** The groups of the pods, empty by now. */
async function removeCgroups(): Promise<void> {
  const root = "/sys/fs/cgroup";
  const hierarchies = ["", ...(await readdir(root))].map((name) => join(root, name, "kubepods"));
  for (const group of hierarchies.filter((path) => existsSync(path))) await removeGroup(group);
}

async function removeGroup(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(group, entry.name));
  await rmdir(group).catch(() => {});
}
