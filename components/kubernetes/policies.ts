import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { type AnyPort, type Destination, isPublished, isRange } from "../workload.ts";
import { metadata, type Owner, PART_OF, selectorOf, stackMetadata } from "./metadata.ts";

/** Who else lives in the cluster. */
export interface Neighbours {
  /** Namespace of the ingress controller. */
  readonly traffic: string;
  readonly monitoring: string;
  /** Namespace of the cluster's name service. */
  readonly dns: string;
  /** Labels of the app's pods, in the namespace of the stack. */
  readonly frontend: Readonly<Record<string, string>>;
  readonly clusterDomain: string;
}

const ANYWHERE = "0.0.0.0/0";

/** Where clouds hand out credentials of the node to whoever asks. */
const NODE_CREDENTIALS = "169.254.0.0/16";

/** On the pods of tasks: whose server they work at. */
export const TASK_OF = "nself.org/task-of";

const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});
const pods = (matchLabels: Readonly<Record<string, string>>) => ({ podSelector: { matchLabels } });
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
        egress: [dnsRule(neighbours), ...(owner.reaches ?? []).map((to) => egressRule(to, neighbours))],
      },
    },
    options,
  );
}

function ingressRule({ name }: Owner, port: AnyPort, from: readonly string[], neighbours: Neighbours) {
  if (isRange(port)) {
    return { from: [{ ipBlock: { cidr: ANYWHERE } }], ports: [{ ...at("udp", port.first), endPort: port.last }] };
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
          inNamespace(neighbours.traffic),
          pods(neighbours.frontend),
          pods({ [TASK_OF]: name }),
          ...(port.audience.monitored ? [inNamespace(neighbours.monitoring)] : []),
        ],
        ports,
      };
    case "direct":
      return { from: from.map((cidr) => ({ ipBlock: { cidr } })), ports };
    case "media":
      return { from: [{ ipBlock: { cidr: ANYWHERE } }], ports };
  }
}

/** Some clusters answer on each node, at the address that NodeLocal DNSCache has by default. */
function dnsRule({ dns }: Neighbours) {
  const to = [inNamespace(dns), { ipBlock: { cidr: "169.254.20.10/32" } }];
  return { to, ports: [at("udp", 53), at("tcp", 53)] };
}

function egressRule(to: Destination, neighbours: Neighbours) {
  const outside = { ipBlock: { cidr: ANYWHERE, except: [NODE_CREDENTIALS] } };
  switch (to.kind) {
    case "workload":
      return { to: [pods(selectorOf(to.name))], ports: [at("tcp", to.port)] };
    case "host":
      return { to: [hostPeer(to.host, neighbours) ?? outside], ports: [at("tcp", to.port)] };
    case "media-clients":
      return { to: [outside], ports: [{ ...at("udp", 1024), endPort: 65_535 }] };
  }
}

/** An address, a name of the cluster (`redis`, `redis.data.svc…`), or undefined for a name that only DNS knows. */
function hostPeer(host: string, { clusterDomain }: Neighbours) {
  if (/^\d+(\.\d+){3}$/.test(host)) return { ipBlock: { cidr: `${host}/32` } };
  const [, namespace, svc] = host.replace(new RegExp(`\\.${clusterDomain.replaceAll(".", "\\.")}$`), "").split(".");
  if (namespace === undefined) return { podSelector: {} };
  return svc === "svc" ? inNamespace(namespace) : undefined;
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
    egress: [dnsRule(neighbours), { to: [inNamespace(neighbours.traffic)] }],
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
