import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import type * as pulumi from "@pulumi/pulumi";
import { type AnyPort, type InternalPort, isPublished, isRange, type Port } from "../workload.ts";
import { metadata, type Owner, selectorOf } from "./metadata.ts";

type Options = pulumi.CustomResourceOptions;

/** Reached by clients without the ingress controller. */
export function isPublic(port: AnyPort): port is Port {
  return isPublished(port) && port.audience.kind !== "web";
}

/** The pods themselves are waited for: asked about their Service, the provider would wait ten seconds more. */
const UNWATCHED = { "pulumi.com/skipAwait": "true" };

/** Where the pods are reached inside the cluster. */
export function internalService(
  owner: Owner,
  namespace: pulumi.Input<string>,
  ports: readonly AnyPort[],
  options: Options,
): Service {
  const inside = ports.filter((port): port is Port | InternalPort => !isRange(port) && port.protocol === "tcp");
  return new Service(
    owner.name,
    {
      metadata: metadata(owner, namespace, owner.name, UNWATCHED),
      spec: { type: "ClusterIP", selector: selectorOf(owner.name), ports: inside.map((port) => servicePort(port)) },
    },
    options,
  );
}

/** Gives the pods of a StatefulSet their names; it asks for one. */
export function headlessService(
  owner: Owner,
  namespace: pulumi.Input<string>,
  ports: readonly AnyPort[],
  options: Options,
): Service {
  const name = `${owner.name}-headless`;
  const inside = ports.filter((port): port is Port | InternalPort => !isRange(port));
  return new Service(
    name,
    {
      metadata: metadata(owner, namespace, name),
      spec: {
        clusterIP: "None",
        selector: selectorOf(owner.name),
        ports: inside.map((port) => servicePort(port)),
      },
    },
    options,
  );
}

/** Which nodes take traffic for a load balancer: the one that has the pod, or any. */
export type ExternalTraffic = "local" | "cluster";

export interface LoadBalancerArgs {
  readonly annotations: Readonly<Record<string, string>>;
  /** Networks from which it may be reached. */
  readonly from: readonly string[];
}

/**
 * An address of the workload's own. `local` traffic goes to the node that has the pod and nowhere else: one hop less, and
 * the server sees its client's address.
 */
export function loadBalancer(
  owner: Owner,
  namespace: pulumi.Input<string>,
  ports: readonly Port[],
  { annotations, from, nodes }: LoadBalancerArgs & { readonly nodes: ExternalTraffic },
  options: Options,
): Service {
  const name = `${owner.name}-public`;
  return new Service(
    name,
    {
      metadata: metadata(owner, namespace, name, annotations),
      spec: {
        type: "LoadBalancer",
        externalTrafficPolicy: nodes === "local" ? "Local" : "Cluster",
        loadBalancerSourceRanges: [...from],
        selector: selectorOf(owner.name),
        ports: ports.map((port) => servicePort(port, port.publish)),
      },
    },
    options,
  );
}

function servicePort({ name, listen, protocol }: Port | InternalPort, port = listen) {
  return { name, port, targetPort: name, protocol: protocol.toUpperCase() };
}
