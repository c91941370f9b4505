import { join } from "node:path";
import { kubernetes } from "../build/kubernetes.ts";
import { artefactDirectory } from "../cache.ts";
import { cacheRoot, runDirectory } from "../paths.ts";

/** What a stop keeps: etcd's data, images, volumes, certificates. */
export const clusterDirectory = join(cacheRoot, "cluster");
export const pkiDirectory = join(clusterDirectory, "pki");
export const kubeletDirectory = join(clusterDirectory, "kubelet");
export const containerdDirectory = join(clusterDirectory, "containerd");
export const volumesDirectory = join(clusterDirectory, "volumes");

/** What only lives while the cluster runs. Apart from the cache: a socket's path has to be short. */
export const stateDirectory = "/run/nself-chat-lab-cluster";
export const containerdSocket = join(stateDirectory, "containerd.sock");

/** Settings of the cluster's servers, written at every start. */
export const settingsDirectory = join(runDirectory, "cluster");

/** For whoever uses the cluster: full rights. */
export const kubeconfigFile = join(runDirectory, "kubeconfig");

/** A program of Kubernetes itself. */
export const kubernetesBinary = (name: string) => join(artefactDirectory(kubernetes), name);
