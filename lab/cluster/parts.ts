import type { LabPart } from "../parts.ts";
import { pins } from "../pins.ts";

/** What the cluster is made of. */
export const clusterParts: readonly LabPart[] = [
  {
    name: `Kubernetes ${pins.kubernetes} (API server, controllers, scheduler, kubelet, kube-proxy, kubectl)`,
    standIn: false,
  },
  { name: "etcd and containerd", standIn: false },
  { name: `CoreDNS ${pins.coredns}`, standIn: false },
  { name: `Traefik ${pins.traefik}, Gateway API ${pins.gatewayApi}`, standIn: false },
  { name: `local-path-provisioner ${pins.localPathProvisioner}`, standIn: false },
  { name: `Network policies: kube-router ${pins.kubeRouter}`, standIn: false },
  { name: "Addresses of LoadBalancer Services (in place of a cloud's or MetalLB)", standIn: true },
  { name: "Pause image", standIn: true },
];
