import { kindOf, list, object, type Properties, type Resource, text } from "./rule.ts";

/** What a workload makes pods of. */
export interface Pod {
  readonly spec: Properties;
  readonly labels: Properties;
  readonly annotations: Properties;
}

export interface Container {
  readonly name: string;
  readonly props: Properties;
}

const WITH_TEMPLATE = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"]);

/** Undefined for kinds that make no pods. */
export function podOf(resource: Resource): Pod | undefined {
  const kind = kindOf(resource) ?? "";
  if (kind === "Pod") return pod(resource.props);
  const spec = object(resource.props.spec);
  if (WITH_TEMPLATE.has(kind)) return pod(object(spec.template));
  return kind === "CronJob" ? pod(object(object(object(spec.jobTemplate).spec).template)) : undefined;
}

function pod({ metadata, spec }: Properties): Pod {
  const { labels, annotations } = object(metadata);
  return { spec: object(spec), labels: object(labels), annotations: object(annotations) };
}

/** Those that prepare the pod as well. */
export function containersOf({ spec }: Pod): Container[] {
  return [...list(spec.initContainers), ...list(spec.containers)].map((container) => {
    const props = object(container);
    return { name: text(props.name) ?? "", props };
  });
}

/** Runs `check` on each container of a workload, and says of which container a finding is. */
export function eachContainer(
  resource: Resource,
  check: (container: Container, pod: Pod) => readonly string[],
): readonly string[] {
  const found = podOf(resource);
  if (!found) return [];
  return containersOf(found).flatMap((container) =>
    check(container, found).map((finding) => `container ${container.name}: ${finding}`),
  );
}
