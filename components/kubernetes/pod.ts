import type { types } from "@pulumi/kubernetes";
import { type InternalPort, isRange, type Limits, type Port, type Workload } from "../workload.ts";
import type { Configuration } from "./configuration.ts";
import { podLabels, selectorOf } from "./metadata.ts";
import { holds, kept } from "./storage.ts";

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;

/** MiB for `/tmp`, and for what a container writes to its log before the node takes it away. */
const TMP = 128;
const LOGS = 256;

/** What holds for every pod of the stack. */
export interface PodDefaults {
  readonly priorityClass?: string | undefined;
  readonly pullSecret?: string | undefined;
  /** MiB of a disposable volume, by its name. */
  readonly scratch: (volume: string) => number;
}

/** What a kind of pod has beyond the usual. */
export interface PodParts {
  readonly container: Partial<Container>;
  readonly pod?: Partial<PodSpec>;
  readonly env?: readonly types.input.core.v1.EnvVar[];
  readonly volumes?: readonly types.input.core.v1.Volume[];
  readonly mounts?: readonly types.input.core.v1.VolumeMount[];
  readonly sidecars?: readonly Container[];
}

/** A pod that passes the Pod Security Standard *restricted*. */
export function podSpec(
  workload: Pick<Workload, "name" | "image" | "user" | "volumes" | "limits" | "stopGrace">,
  configuration: Configuration,
  defaults: PodDefaults,
  parts: PodParts,
): PodSpec {
  const { name, user, volumes = [], stopGrace } = workload;
  const disposable = volumes.filter((volume) => volume.disposable);
  const scratch = disposable.reduce((sum, volume) => sum + defaults.scratch(volume.name), TMP);
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    // A Service of our own name would reach LiveKit as LIVEKIT_PORT=tcp://…, which it takes for a setting.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: stopGrace,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(defaults.priorityClass ? { priorityClassName: defaults.priorityClass } : {}),
    ...(defaults.pullSecret ? { imagePullSecrets: [{ name: defaults.pullSecret }] } : {}),
    ...parts.pod,
    containers: [
      {
        name,
        image: workload.image,
        // A node that has the image still asks whether it may: credentials of one pod are none of another's.
        imagePullPolicy: "Always",
        ...(configuration.args.length > 0 ? { args: configuration.args.map(literal) } : {}),
        env: [...variables(configuration.env), ...(parts.env ?? [])],
        resources: resources(workload.limits, scratch + LOGS),
        securityContext: { ...LOCKED_DOWN, runAsUser: user, runAsGroup: user },
        volumeMounts: [
          { name: "tmp", mountPath: "/tmp" },
          ...volumes.map((volume) => ({ name: volumeName(volume.name), mountPath: volume.path })),
          ...configuration.mounts,
          ...(parts.mounts ?? []),
        ],
        // What it said last stands in its status, where whoever waits for it reads the reason.
        terminationMessagePolicy: "FallbackToLogsOnError",
        ...parts.container,
      },
      ...(parts.sidecars ?? []),
    ],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: bytes(TMP) } },
      ...disposable.map((volume) => ({
        name: volumeName(volume.name),
        emptyDir: { sizeLimit: bytes(defaults.scratch(volume.name)) },
      })),
      ...configuration.volumes,
      ...(parts.volumes ?? []),
    ],
  };
}

/** `meilisearch_data` is `meilisearch-data` in this API. */
export const volumeName = (name: string) => name.replaceAll("_", "-");

export const LOCKED_DOWN = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** Memory is promised in full, so that a node under pressure takes somebody else; half of the processors are. */
export function resources({ memory, cpus }: Pick<Limits, "memory" | "cpus">, disk: number) {
  const millis = Math.round(Number(cpus) * 1000);
  const fixed = { memory: bytes(memory), "ephemeral-storage": bytes(disk) };
  return { requests: { cpu: cores(millis / 2), ...fixed }, limits: { cpu: cores(millis), ...fixed } };
}

/** MiB as the API writes them back. */
const bytes = (mebibytes: number) => (mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`);

/** As the API writes it back: `500m`, and `2` for whole ones. */
const cores = (millis: number) => (millis % 1000 === 0 ? String(millis / 1000) : `${Math.ceil(millis)}m`);

/** Ready is what the probe says; alive is whoever still takes connections, however busy. */
export function probes({ port, path, startupBudget }: Workload["probe"]) {
  const asks = { httpGet: { path, port } };
  return {
    startupProbe: { ...asks, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: Math.ceil(startupBudget / 2) },
    readinessProbe: { ...asks, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
    livenessProbe: { tcpSocket: { port }, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 },
  };
}

/** A range is opened by the node itself: it needs no names. */
export function containerPorts(ports: Workload["ports"]) {
  return ports
    .filter((port): port is Port | InternalPort => !isRange(port))
    .map(({ name, listen, protocol }) => ({ name, containerPort: listen, protocol: protocol.toUpperCase() }));
}

/** Replicas keep apart where they can, so that a node or a zone does not take all of them. */
export function spread({ name, replicas }: Pick<Workload, "name" | "replicas">): Partial<PodSpec> {
  if (!replicas || replicas.max === 1) return {};
  const labelSelector = { matchLabels: selectorOf(name) };
  return {
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { labelSelector, topologyKey: "kubernetes.io/hostname" } },
        ],
      },
    },
    topologySpreadConstraints: [
      { labelSelector, maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
    ],
  };
}

function variables(env: Configuration["env"]) {
  return Object.entries(env)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => ({ name, value }));
}

/** The kubelet expands `$(NAME)` and takes `$$` for `$` in commands and arguments: what is doubled stays as it is. */
export const literal = (text: string) => text.replaceAll("$", () => "$$");

/** A template of a pod of this workload. */
export function podTemplate(workload: Pick<Workload, "name" | "role" | "volumes">, spec: PodSpec) {
  const { name, volumes = [] } = workload;
  return { metadata: { labels: { ...podLabels(workload), ...(kept(volumes).length > 0 ? holds(name) : {}) } }, spec };
}
