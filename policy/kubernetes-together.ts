import { podOf } from "./pods.ts";
import { kindOf, list, nameOf, object, type Resource, type StackRule, selects, text, UNKNOWN } from "./rule.ts";

const namespaceOf = ({ props }: Resource) => object(props.metadata).namespace;

/** One that is not known yet may be any. */
const sameNamespace = (a: Resource, b: Resource) =>
  [namespaceOf(a), namespaceOf(b)].includes(UNKNOWN) || namespaceOf(a) === namespaceOf(b);

const ofKind = (resources: readonly Resource[], ...kinds: readonly string[]) =>
  resources.filter((resource) => kinds.includes(kindOf(resource) ?? ""));

/** The label by which a namespace lets pods onto the network of their node; Kubernetes itself asks for it. */
const LEVEL = "pod-security.kubernetes.io/enforce";

function mayUseNodes(resource: Resource, namespaces: readonly Resource[]): boolean {
  const own = namespaceOf(resource);
  if (own === UNKNOWN) return true;
  return namespaces.some(({ props: { metadata } }) => {
    const { name, labels } = object(metadata);
    return (name === UNKNOWN || name === own) && object(labels)[LEVEL] === "privileged";
  });
}

function nodePorts(resource: Resource): string[] {
  if (kindOf(resource) === "Service")
    return object(resource.props.spec).type === "NodePort" ? ["it is a NodePort"] : [];
  const spec = podOf(resource)?.spec ?? {};
  const hostPorts = list(spec.containers).some((container) =>
    list(object(container).ports).some((port) => object(port).hostPort),
  );
  return [
    ...(spec.hostNetwork === true ? ["it is on the network of its node"] : []),
    ...(hostPorts ? ["it takes ports of its node"] : []),
  ];
}

export const togetherRules: readonly StackRule[] = [
  {
    name: "kubernetes-node-network",
    description: "Only in a namespace that says so are pods on the network of their node, or Services on all nodes.",
    level: "mandatory",
    checkStack: (resources) =>
      resources.flatMap((resource) =>
        nodePorts(resource).flatMap((what) =>
          mayUseNodes(resource, ofKind(resources, "Namespace"))
            ? []
            : [
                `${nameOf(resource)}: ${what}. Leave that, or keep it in a namespace with the label ${LEVEL}: privileged`,
              ],
        ),
      ),
  },
  {
    name: "kubernetes-disruption-budget",
    description: "A drain of nodes takes the pods of a server one after the other.",
    level: "mandatory",
    checkStack(resources) {
      const budgets = ofKind(resources, "PodDisruptionBudget");
      return ofKind(resources, "Deployment", "StatefulSet").flatMap((server) => {
        const { labels = {} } = podOf(server) ?? {};
        const covered = budgets.some(
          (budget) => sameNamespace(budget, server) && selects(object(budget.props.spec).selector, labels),
        );
        return covered ? [] : [`${nameOf(server)} has no PodDisruptionBudget. Make one that selects its pods`];
      });
    },
  },
  {
    name: "kubernetes-network-policy",
    description: "For each pod it is said who may reach it, and whom it may reach.",
    level: "mandatory",
    checkStack(resources) {
      const policies = ofKind(resources, "NetworkPolicy");
      return resources.flatMap((workload) => {
        const pod = podOf(workload);
        if (!pod) return [];
        const types = policies
          .filter(
            (policy) => sameNamespace(policy, workload) && selects(object(policy.props.spec).podSelector, pod.labels),
          )
          .flatMap((policy) => list(object(policy.props.spec).policyTypes).map(text));
        const absent = ["Ingress", "Egress"].filter((type) => !types.includes(type));
        return absent.length > 0
          ? [`${nameOf(workload)} has no NetworkPolicy for ${absent.join(" and ")}. Make one that selects its pods`]
          : [];
      });
    },
  },
];
