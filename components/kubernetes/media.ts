import type { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";

/**
 * The address that the load balancer got.
 * @throws RunError where it has only a host name: candidates of ICE are addresses
 */
export function mediaAddress({ status }: Service): pulumi.Output<string> {
  return status.apply((found) => {
    const [balancer] = found?.loadBalancer?.ingress ?? [];
    if (balancer?.ip) return balancer.ip;
    // The API's answer to a trial has a status already, and an empty one.
    if (!balancer && pulumi.runtime.isDryRun()) return pulumi.unknown as unknown as string;
    throw new pulumi.RunError(
      balancer?.hostname
        ? `The load balancer of calls has only the host name ${balancer.hostname}, and browsers need an address. Give it fixed addresses by rtc:mediaAnnotations and name one: pulumi config set rtc:nodeAddress ADDRESS. Or use the nodes' own: pulumi config set rtc:media hostNetwork`
        : "The load balancer of calls has no address yet. Does the cluster have a controller for Services of type LoadBalancer? Where it is slow, run the update again",
    );
  });
}
