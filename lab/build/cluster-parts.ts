import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { buildGoCommand, type GoCommand } from "./go-module.ts";

const provisioner: GoCommand = {
  module: "github.com/rancher/local-path-provisioner",
  version: pins.localPathProvisioner,
  command: "github.com/rancher/local-path-provisioner",
  ldflags: `-X main.VERSION=${pins.localPathProvisioner}`,
  cgo: "0",
};

/** The real local-path provisioner: a directory of the node for every claim. */
export const localPathProvisioner: Artefact = {
  name: "local-path-provisioner",
  inputs: { command: JSON.stringify(provisioner) },
  build: (directory, progress) =>
    progress.step(`Building local-path-provisioner ${pins.localPathProvisioner} (1 minute)`, () =>
      buildGoCommand(provisioner, directory),
    ),
};

const router: GoCommand = {
  module: "github.com/cloudnativelabs/kube-router/v2",
  version: pins.kubeRouter,
  command: "github.com/cloudnativelabs/kube-router/v2/cmd/kube-router",
  ldflags: `-X github.com/cloudnativelabs/kube-router/v2/pkg/version.Version=${pins.kubeRouter}`,
  cgo: "0",
};

/** The real kube-router, of which the lab runs the firewall: what makes a NetworkPolicy more than a wish. */
export const kubeRouter: Artefact = {
  name: "kube-router",
  inputs: { command: JSON.stringify(router) },
  build: (directory, progress) =>
    progress.step(`Building kube-router ${pins.kubeRouter} (1 minute)`, () => buildGoCommand(router, directory)),
};
