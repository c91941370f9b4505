import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Daemon, logFile } from "../daemon.ts";
import { node24 } from "../paths.ts";
import { loadBalancerPool } from "./addresses.ts";
import { serverKubeconfig } from "./kubeconfig.ts";
import { readyLine } from "./load-balancer/pool.ts";

const kubeconfig = serverKubeconfig("load-balancer");

/** The lab's own stand-in for what a cloud, or MetalLB, does: it gives Services of type LoadBalancer an address. */
export const loadBalancer: Daemon = {
  name: "load-balancer",
  command: node24,
  args: [join(import.meta.dirname, "load-balancer", "main.ts"), kubeconfig, ...loadBalancerPool],
  mark: kubeconfig,
  isReady: async () => (await readFile(logFile(loadBalancer), "utf8").catch(() => "")).includes(readyLine),
};
