import { join } from "node:path";
import { execa } from "execa";
import { kubeRouter } from "../build/cluster-parts.ts";
import { artefactDirectory } from "../cache.ts";
import type { Daemon } from "../daemon.ts";
import { systemPath } from "../prerequisites.ts";
import { nodeName, serviceRange } from "./addresses.ts";
import { serverKubeconfig } from "./kubeconfig.ts";

const kubeconfig = `--kubeconfig=${serverKubeconfig("network-policies")}`;

/** kube-router's firewall alone: it turns NetworkPolicies into rules. Routes and Services are others' work here. */
export const networkPolicies: Daemon = {
  name: "kube-router",
  command: join(artefactDirectory(kubeRouter), "kube-router"),
  args: [
    "--run-firewall=true",
    "--run-router=false",
    "--run-service-proxy=false",
    "--enable-cni=false",
    "--auto-mtu=false",
    "--health-port=0",
    `--hostname-override=${nodeName}`,
    `--service-cluster-ip-range=${serviceRange}`,
    kubeconfig,
  ],
  mark: kubeconfig,
  // Its own health page would listen on every address of the machine.
  isReady: async () => {
    const options = { env: { PATH: systemPath }, reject: false };
    return !(await execa("iptables", ["--wait", "-n", "-L", "KUBE-ROUTER-FORWARD"], options)).failed;
  },
};
