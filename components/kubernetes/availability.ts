import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Replicas } from "../workload.ts";
import { metadata, type Owner, selectorOf } from "./metadata.ts";

/** Per cent of the processors that a pod asked for: above it another one is started. */
const TARGET = 70;

/** At most one pod at a time leaves for maintenance; a drain of a single server waits for it, and is not blocked. */
export function disruptionBudget(
  owner: Owner,
  namespace: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions,
): PodDisruptionBudget {
  return new PodDisruptionBudget(
    owner.name,
    {
      metadata: metadata(owner, namespace),
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: selectorOf(owner.name) },
        // One that is not ready serves nobody: it must not hold up the node either.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    options,
  );
}

export function autoscaler(
  owner: Owner,
  namespace: pulumi.Input<string>,
  { min, max }: Replicas,
  options: pulumi.CustomResourceOptions,
): HorizontalPodAutoscaler {
  return new HorizontalPodAutoscaler(
    owner.name,
    {
      metadata: metadata(owner, namespace),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: owner.name },
        minReplicas: min,
        maxReplicas: max,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: TARGET } },
          },
        ],
        // Viewers come at once and leave one by one: up quickly, down slowly.
        behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
      },
    },
    options,
  );
}
