import { join } from "node:path";
import { debianPackages } from "../build/debian-packages.ts";
import { artefactDirectory } from "../cache.ts";
import type { Daemon } from "../daemon.ts";
import {
  apiPort,
  apiServer,
  controllerPorts,
  etcdPeerPort,
  etcdPort,
  nodeAddress,
  podRange,
  serviceRange,
} from "./addresses.ts";
import { isHealthy } from "./api.ts";
import { serverKubeconfig } from "./kubeconfig.ts";
import { clusterDirectory, kubeletDirectory, kubernetesBinary } from "./paths.ts";
import { clusterCaFile, etcdCaFile, pki, serviceAccountKey } from "./pki.ts";
import { canConnect } from "./probe.ts";

const certificate = (name: string) => ({ crt: `${pki(name)}.crt`, key: `${pki(name)}.key` });
const serving = [`--tls-cert-file=${pki("server")}.crt`, `--tls-private-key-file=${pki("server")}.key`];

const etcdData = `--data-dir=${join(clusterDirectory, "etcd")}`;
const etcdUrl = `https://127.0.0.1:${etcdPort}`;
const peerUrl = `https://127.0.0.1:${etcdPeerPort}`;

/** Trusts an authority of its own: nothing but the API server gets in. */
export const etcd: Daemon = {
  name: "etcd",
  command: join(artefactDirectory(debianPackages), "usr", "bin", "etcd"),
  args: [
    etcdData,
    "--name=nself-lab",
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=nself-lab=${peerUrl}`,
    ...["", "peer-"].flatMap((side) => [
      `--${side}cert-file=${certificate("etcd").crt}`,
      `--${side}key-file=${certificate("etcd").key}`,
      `--${side}trusted-ca-file=${etcdCaFile}`,
      `--${side}client-cert-auth=true`,
    ]),
    "--log-level=warn",
  ],
  mark: etcdData,
  isReady: () => canConnect(etcdPort),
};

export const apiserver: Daemon = {
  name: "kube-apiserver",
  command: kubernetesBinary("kube-apiserver"),
  args: [
    `--bind-address=${nodeAddress}`,
    `--advertise-address=${nodeAddress}`,
    `--secure-port=${apiPort}`,
    ...serving,
    `--client-ca-file=${clusterCaFile}`,
    "--anonymous-auth=false",
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    // Who may run privileged pods is Pod Security's to say, by namespace.
    "--allow-privileged=true",
    `--etcd-servers=${etcdUrl}`,
    `--etcd-cafile=${etcdCaFile}`,
    `--etcd-certfile=${certificate("api-to-etcd").crt}`,
    `--etcd-keyfile=${certificate("api-to-etcd").key}`,
    `--kubelet-certificate-authority=${clusterCaFile}`,
    `--kubelet-client-certificate=${certificate("api-to-kubelet").crt}`,
    `--kubelet-client-key=${certificate("api-to-kubelet").key}`,
    // The node's name is in no DNS: logs and exec would look for it.
    "--kubelet-preferred-address-types=InternalIP",
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    `--service-cluster-ip-range=${serviceRange}`,
    "--profiling=false",
  ],
  mark: `--etcd-keyfile=${certificate("api-to-etcd").key}`,
  isReady: () => isHealthy(`${apiServer}/readyz`),
};

export const controllerManager = controller("controller-manager", [
  "--allocate-node-cidrs=true",
  `--cluster-cidr=${podRange}`,
  // One node gets the whole range.
  "--node-cidr-mask-size=24",
  `--service-cluster-ip-range=${serviceRange}`,
  `--root-ca-file=${clusterCaFile}`,
  `--service-account-private-key-file=${serviceAccountKey}`,
  "--use-service-account-credentials=true",
  `--cluster-signing-cert-file=${clusterCaFile}`,
  `--cluster-signing-key-file=${certificate("cluster-ca").key}`,
  `--flex-volume-plugin-dir=${join(kubeletDirectory, "plugins")}`,
]);

export const scheduler = controller("scheduler", []);

/** One replica: leases would only make its start slower. */
function controller(name: keyof typeof controllerPorts, more: string[]): Daemon {
  const kubeconfig = serverKubeconfig(name);
  return {
    name: `kube-${name}`,
    command: kubernetesBinary(`kube-${name}`),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--bind-address=${nodeAddress}`,
      ...serving,
      "--leader-elect=false",
      "--profiling=false",
      ...more,
    ],
    mark: `--kubeconfig=${kubeconfig}`,
    isReady: () => isHealthy(`https://${nodeAddress}:${controllerPorts[name]}/healthz`),
  };
}
