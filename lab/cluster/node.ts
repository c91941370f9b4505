import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Daemon } from "../daemon.ts";
import { dnsAddress, nodeAddress, nodeName, podRange, ports } from "./addresses.ts";
import { serverKubeconfig } from "./kubeconfig.ts";
import { clusterDirectory, containerdSocket, kubeletDirectory, kubernetesBinary, settingsDirectory } from "./paths.ts";
import { clusterCaFile, pki } from "./pki.ts";
import { answersOk } from "./probe.ts";

const kubeletConfig = join(settingsDirectory, "kubelet.yaml");
const proxyConfig = join(settingsDirectory, "proxy.yaml");

export const kubelet: Daemon = {
  name: "kubelet",
  command: kubernetesBinary("kubelet"),
  args: [
    `--config=${kubeletConfig}`,
    `--kubeconfig=${serverKubeconfig("kubelet")}`,
    `--root-dir=${kubeletDirectory}`,
    `--cert-dir=${join(kubeletDirectory, "pki")}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${nodeAddress}`,
  ],
  mark: `--config=${kubeletConfig}`,
  isReady: () => answersOk(`http://${nodeAddress}:${ports.kubeletHealth}/healthz`),
};

export const proxy: Daemon = {
  name: "kube-proxy",
  command: kubernetesBinary("kube-proxy"),
  args: [`--config=${proxyConfig}`],
  mark: `--config=${proxyConfig}`,
  isReady: () => answersOk(`http://${nodeAddress}:${ports.proxyHealth}/livez`),
};

export const nodeSettings = () => ({ kubelet: stringify(kubeletSettings()), proxy: stringify(proxySettings()) });

export async function writeNodeSettings(): Promise<void> {
  const texts = nodeSettings();
  await writeFile(kubeletConfig, texts.kubelet);
  await writeFile(proxyConfig, texts.proxy);
}

const kubeletSettings = () => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  address: nodeAddress,
  port: ports.kubelet,
  healthzBindAddress: nodeAddress,
  healthzPort: ports.kubeletHealth,
  readOnlyPort: 0,
  authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: clusterCaFile } },
  authorization: { mode: "Webhook" },
  tlsCertFile: `${pki("server")}.crt`,
  tlsPrivateKeyFile: `${pki("server")}.key`,
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  // Works on cgroup v1 and v2, with and without systemd.
  cgroupDriver: "cgroupfs",
  clusterDomain: "cluster.local",
  clusterDNS: [dnsAddress],
  failSwapOn: false,
  // By what is free, not by shares of somebody's disk. Images are the lab's own few: 100 keeps them all.
  evictionHard: { "memory.available": "100Mi", "nodefs.available": "1Gi", "imagefs.available": "1Gi" },
  imageGCHighThresholdPercent: 100,
  podLogsDir: join(clusterDirectory, "logs"),
  volumePluginDir: join(kubeletDirectory, "plugins"),
});

const proxySettings = () => ({
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  mode: "iptables",
  clientConnection: { kubeconfig: serverKubeconfig("proxy") },
  clusterCIDR: podRange,
  hostnameOverride: nodeName,
  healthzBindAddress: `${nodeAddress}:${ports.proxyHealth}`,
  metricsBindAddress: `${nodeAddress}:${ports.proxyMetrics}`,
  nodePortAddresses: [`${nodeAddress}/32`],
  iptables: { localhostNodePorts: false },
  // Zero leaves the machine's own limits alone; where the kernel's settings are read-only, it could not change them.
  conntrack: { maxPerCore: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
});
