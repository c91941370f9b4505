import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { buildGoCommand, type GoCommand } from "./go-module.ts";

const [major, minor] = pins.kubernetes.replace("v", "").split(".");

/** Its modules are published as v0.MINOR.PATCH, on the proxy like any other. */
const libraries = pins.kubernetes.replace(/^v1/, "v0");

/** The servers read the first, kubectl's own version the second. */
const stamped = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
  `-X ${path}.gitVersion=${pins.kubernetes}`,
  `-X ${path}.gitMajor=${major}`,
  `-X ${path}.gitMinor=${minor}`,
]);

const command: GoCommand = {
  module: "k8s.io/kubernetes",
  version: pins.kubernetes,
  command: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"].map(
    (name) => `k8s.io/kubernetes/cmd/${name}`,
  ),
  folders: libraries,
  ldflags: stamped.join(" "),
  cgo: "0",
};

/** The real Kubernetes: its servers, its node's programs and `kubectl` in the artefact's directory. */
export const kubernetes: Artefact = {
  name: "kubernetes",
  inputs: { command: JSON.stringify(command) },
  build: (directory, progress) =>
    progress.step(`Building Kubernetes ${pins.kubernetes} (6 minutes the first time)`, () =>
      buildGoCommand(command, directory),
    ),
};
