import { Provider } from "@pulumi/kubernetes/provider.js";
import type * as pulumi from "@pulumi/pulumi";

/** Which cluster, and as whom. Absent parts are found as kubectl finds them. */
export interface Access {
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * An explicit provider: whichever context the operator worked in last has no say. What is there already is taken over:
 * data volumes and namespaces outlive a stack. `inspectCluster` has seen to it that none of it is somebody else's.
 */
export function clusterProvider(
  name: string,
  { kubeconfig, context }: Access,
  namespace: string,
  options: pulumi.ResourceOptions,
): Provider {
  return new Provider(
    name,
    {
      namespace,
      ...(kubeconfig ? { kubeconfig } : {}),
      ...(context ? { context } : {}),
      enableServerSideApply: true,
      upsertExistingObjects: true,
      // What somebody changed by hand is put back: else the first such change would stop every update.
      enablePatchForce: true,
    },
    options,
  );
}
