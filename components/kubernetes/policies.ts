import { isIPv4 } from "node:net";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { type AnyPort, type Destination, isPublished, isRange } from "../workload.ts";
import { nameInCluster } from "./hosts.ts";
import { metadata, type Owner, PART_OF, selectorOf, stackMetadata } from "./metadata.ts";

/** Who else lives in the cluster. */
export interface Neighbours {
  /** Namespace of the ingress controller, and networks of what comes from no pod of a namespace. */
  readonly traffic: { readonly namespace: string; readonly networks: readonly string[] };
  readonly monitoring: string;
  /** Namespace of the cluster's name service, and addresses at which it answers without a pod. */
  readonly dns: { readonly namespace: string; readonly addresses: readonly string[] };
  /** Labels of the app's pods, in the namespace of the stack. */
  readonly frontend: Readonly<Record<string, string>>;
  readonly clusterDomain: string;
}

const ANYWHERE = "0.0.0.0/0";

/** Where clouds hand out credentials of the node to whoever asks. */
const NODE_CREDENTIALS = "169.254.0.0/16";

const OUTSIDE = { ipBlock: { cidr: ANYWHERE, except: [NODE_CREDENTIALS] } };

/** On the pods of tasks: whose server they work at. */
export const TASK_OF = "nself.org/task-of";

const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});
const pods = (matchLabels: Readonly<Record<string, string>>) => ({ podSelector: { matchLabels } });
const network = (cidr: string) => ({ ipBlock: { cidr } });
const at = (protocol: "tcp" | "udp", port: number) => ({ protocol: protocol.toUpperCase(), port });

/** What is neither said here nor in a policy of somebody else does not get in or out. */
export function networkPolicy(
  owner: Owner & { readonly ports: readonly AnyPort[]; readonly reaches?: readonly Destination[] },
  namespace: pulumi.Input<string>,
  { from, neighbours }: { readonly from: readonly string[]; readonly neighbours: Neighbours },
  options: pulumi.CustomResourceOptions,
): NetworkPolicy {
  return new NetworkPolicy(
    owner.name,
    {
      metadata: metadata(owner, namespace),
      spec: {
        podSelector: { matchLabels: selectorOf(owner.name) },
        policyTypes: ["Ingress", "Egress"],
        ingress: owner.ports.map((port) => ingressRule(owner, port, from, neighbours)),
        egress: [...dnsRules(neighbours), ...(owner.reaches ?? []).map((to) => egressRule(to, neighbours))],
      },
    },
    options,
  );
}

function ingressRule({ name }: Owner, port: AnyPort, from: readonly string[], neighbours: Neighbours) {
  if (isRange(port)) {
    return { from: [network(ANYWHERE)], ports: [{ ...at("udp", port.first), endPort: port.last }] };
  }
  const ports = [at(port.protocol, port.listen)];
  if (!isPublished(port)) {
    return port.from === "monitoring"
      ? { from: [inNamespace(neighbours.monitoring)], ports }
      : { from: port.from.map((other) => pods(selectorOf(other))), ports };
  }
  switch (port.audience.kind) {
    case "web":
      return {
        from: [
          ...trafficPeers(neighbours),
          pods(neighbours.frontend),
          pods({ [TASK_OF]: name }),
          ...(port.audience.monitored ? [inNamespace(neighbours.monitoring)] : []),
        ],
        ports,
      };
    case "direct":
      return { from: from.map(network), ports };
    case "media":
      return { from: [network(ANYWHERE)], ports };
  }
}

const trafficPeers = ({ traffic }: Neighbours) => [inNamespace(traffic.namespace), ...traffic.networks.map(network)];

/**
 * A policy sees the port of the pods: OpenShift's listen at 5353 behind their Service's 53. Where names are answered
 * without pods, on each node or by the cloud, the address is all that there is to go by.
 */
function dnsRules({ dns }: Neighbours) {
  const ports = (...numbers: number[]) => numbers.flatMap((port) => [at("udp", port), at("tcp", port)]);
  const addresses = dns.addresses.map((address) => network(`${address}/32`));
  return [
    { to: [inNamespace(dns.namespace)], ports: ports(53, 5353) },
    // No destinations would mean all of them.
    ...(addresses.length > 0 ? [{ to: addresses, ports: ports(53) }] : []),
  ];
}

function egressRule(to: Destination, neighbours: Neighbours) {
  switch (to.kind) {
    case "workload":
      return { to: [pods(selectorOf(to.name))], ports: [at("tcp", to.port)] };
    case "host":
      return { to: hostPeers(to.host, neighbours), ports: [at("tcp", to.port)] };
    case "media-clients":
      return { to: [OUTSIDE], ports: [{ ...at("udp", 1024), endPort: 65_535 }] };
  }
}

/** Not every cluster takes its own pods for a part of all addresses, so they are named where the host may mean them. */
function hostPeers(host: string, { clusterDomain }: Neighbours) {
  if (isIPv4(host)) return [network(`${host}/32`)];
  const name = nameInCluster(host, clusterDomain);
  if (!name) return [OUTSIDE];
  const inside = name.namespace === undefined ? { podSelector: {} } : inNamespace(name.namespace);
  return name.certain ? [inside] : [OUTSIDE, inside];
}

/** Closes all pods of the stack, those that somebody adds by hand included. */
export function denyAll(name: string, namespace: pulumi.Input<string>, options: pulumi.CustomResourceOptions) {
  const spec = { podSelector: { matchLabels: PART_OF }, policyTypes: ["Ingress", "Egress"] };
  return new NetworkPolicy(name, { metadata: stackMetadata(name, namespace), spec }, options);
}

/** What the app's pods need to reach any of our servers by the names that browsers use. */
export function frontendBase(
  namespace: pulumi.Input<string>,
  neighbours: Neighbours,
  options: pulumi.CustomResourceOptions,
): NetworkPolicy {
  const name = "nself-frontend";
  const spec = {
    podSelector: { matchLabels: neighbours.frontend },
    policyTypes: ["Egress"],
    egress: [...dnsRules(neighbours), { to: trafficPeers(neighbours) }],
  };
  return new NetworkPolicy(name, { metadata: stackMetadata(name, namespace, PODS_OF_OTHERS), spec }, options);
}

/** The app's pods have a closed list of destinations of their own: this adds one of ours, inside the cluster. */
export function frontendPolicy(
  owner: Owner,
  place: pulumi.Input<string>,
  namespace: pulumi.Input<string>,
  port: number,
  neighbours: Neighbours,
  options: pulumi.CustomResourceOptions,
): NetworkPolicy {
  const name = `nself-frontend-${owner.name}`;
  const there = pulumi.output(place).apply(inNamespace);
  const spec = {
    podSelector: { matchLabels: neighbours.frontend },
    policyTypes: ["Egress"],
    egress: [
      {
        to: [{ namespaceSelector: there.namespaceSelector, ...pods(selectorOf(owner.name)) }],
        ports: [at("tcp", port)],
      },
    ],
  };
  return new NetworkPolicy(name, { metadata: metadata(owner, namespace, name, PODS_OF_OTHERS), spec }, options);
}

/** kube-score looks for the pods of a policy among the files that it is given; the app's are made elsewhere. */
const PODS_OF_OTHERS = { "kube-score/ignore": "networkpolicy-targets-pod" };
