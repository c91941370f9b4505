import { eachContainer, podOf } from "./pods.ts";
import { differs, list, missing, object, type Properties, type ResourceRule, UNKNOWN } from "./rule.ts";

/** Fields whose value on the container counts, and on the pod where the container has none. */
function inherited(container: Properties, pod: Properties, field: string): unknown {
  const own = object(container.securityContext)[field];
  return own === undefined ? object(pod.securityContext)[field] : own;
}

function contextProblems(container: Properties, pod: Properties): string[] {
  const own = object(container.securityContext);
  const capabilities = object(own.capabilities);
  const added = list(capabilities.add).filter((name) => name !== "NET_BIND_SERVICE");
  const profile = inherited(container, pod, "seccompProfile");
  const wanted: [boolean, string][] = [
    [own.privileged === true, "it is privileged. Set securityContext.privileged to false"],
    [differs(own.allowPrivilegeEscalation, false), "set securityContext.allowPrivilegeEscalation to false"],
    [differs(own.readOnlyRootFilesystem, true), "set securityContext.readOnlyRootFilesystem to true"],
    [!list(capabilities.drop).includes("ALL"), 'set securityContext.capabilities.drop to ["ALL"]'],
    [added.length > 0, `it adds the capabilities ${added.join(", ")}. Leave them out`],
    [differs(inherited(container, pod, "runAsNonRoot"), true), "set securityContext.runAsNonRoot to true"],
    [inherited(container, pod, "runAsUser") === 0, "it runs as root. Give securityContext.runAsUser another user"],
    [
      profile !== UNKNOWN && !["RuntimeDefault", "Localhost"].includes(String(object(profile).type)),
      "set securityContext.seccompProfile.type to RuntimeDefault",
    ],
  ];
  return wanted.flatMap(([wrong, problem]) => (wrong ? [problem] : []));
}

const RESOURCES = ["cpu", "memory", "ephemeral-storage"];

function resourceProblems({ resources }: Properties): string[] {
  if (resources === UNKNOWN) return [];
  return ["requests", "limits"].flatMap((kind) => {
    const given = object(resources)[kind];
    if (given === UNKNOWN) return [];
    const absent = RESOURCES.filter((name) => missing(object(given)[name]));
    return absent.length > 0 ? [`set resources.${kind} of ${absent.join(", ")}`] : [];
  });
}

export const podRules: readonly ResourceRule[] = [
  {
    name: "kubernetes-restricted",
    description: "Containers have no rights beyond what Pod Security calls restricted, and cannot write their image.",
    level: "mandatory",
    check: (resource) => eachContainer(resource, ({ props }, { spec }) => contextProblems(props, spec)),
  },
  {
    name: "kubernetes-resources",
    description: "Containers say what they need and what they may use, the node's disk included.",
    level: "mandatory",
    check: (resource) => eachContainer(resource, ({ props }) => resourceProblems(props)),
  },
  {
    name: "kubernetes-no-token",
    description: "Pods get no token for the cluster's API, unless they are made to use it.",
    level: "mandatory",
    check(resource) {
      const pod = podOf(resource);
      return pod && differs(pod.spec.automountServiceAccountToken, false)
        ? ["the pod gets a token for the cluster's API. Set automountServiceAccountToken to false in its spec"]
        : [];
    },
  },
];
