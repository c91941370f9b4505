import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Workload } from "../workload.ts";
import type { Configuration } from "./configuration.ts";
import { metadata, selectorOf } from "./metadata.ts";
import { containerPorts, type PodDefaults, type PodParts, podSpec, podTemplate, probes, spread } from "./pod.ts";
import { claimTemplates, type StorageArgs } from "./storage.ts";

/** Seconds that scheduling and pulling an image may take before an update gives up. */
const ARRIVAL = 180;

/**
 * Seconds that one of several serves on after it was told to stop: whoever balances hears of it at the same moment, and
 * takes a while to send its clients elsewhere. A single one would only be away for longer.
 */
const LEAVING = 5;
const lifecycle = { preStop: { exec: { command: ["sleep", String(LEAVING)] } } };

export interface ServerArgs {
  readonly namespace: pulumi.Input<string>;
  readonly configuration: Configuration;
  readonly pods: PodDefaults;
  readonly storage: StorageArgs;
  /** On the network of its node, one a node. */
  readonly onHost: boolean;
  readonly extra: Omit<PodParts, "container">;
}

export function server(workload: Workload, args: ServerArgs, options: pulumi.CustomResourceOptions): pulumi.Resource {
  const { name, volumes = [], replicas = { min: 1, max: 1 }, probe, stopGrace } = workload;
  // Kubernetes counts the sleep as part of the grace.
  const grace = stopGrace + (isSingle(workload) ? 0 : LEAVING);
  // On the host's network one leaves after the other.
  const leaving = args.onHost ? grace * replicas.min : grace;
  const timeout = String(probe.startupBudget + leaving + ARRIVAL);
  const spec = podSpec({ ...workload, stopGrace: grace }, args.configuration, args.pods, {
    ...args.extra,
    ...hostParts(workload, args),
    container: {
      ports: containerPorts(workload.ports),
      ...probes(probe),
      ...(isSingle(workload) ? {} : { lifecycle }),
    },
  });
  const object = {
    metadata: metadata(workload, args.namespace, name, {
      "pulumi.com/timeoutSeconds": timeout,
      ...imageRemark(workload),
    }),
    spec: { selector: { matchLabels: selectorOf(name) }, template: podTemplate(workload, spec) },
  };
  if (isStateful(workload, args.onHost)) {
    const only = { replicas: 1, serviceName: `${name}-headless` };
    const templates = claimTemplates(volumes, args.storage);
    const claims = {
      volumeClaimTemplates: templates,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    };
    return new StatefulSet(
      name,
      { ...object, spec: { ...object.spec, ...only, ...(templates.length > 0 ? claims : {}) } },
      { ...options, ignoreChanges: ["spec.volumeClaimTemplates"] },
    );
  }
  return new Deployment(
    name,
    {
      ...object,
      spec: {
        ...object.spec,
        // An autoscaler counts by itself: a number here would undo its work on every update.
        ...(replicas.max > replicas.min ? {} : { replicas: replicas.min }),
        revisionHistoryLimit: 3,
        strategy: strategy(args),
      },
    },
    options,
  );
}

const isSingle = ({ replicas }: Pick<Workload, "replicas">) => replicas === undefined || replicas.max === 1;

/**
 * A StatefulSet where there is only one, so that there are never two of it; else a Deployment. On its node's network it is
 * a Deployment too: one kind for any number, since two kinds would be in each other's way when the number changes.
 */
export const isStateful = (workload: Pick<Workload, "replicas">, onHost: boolean) => isSingle(workload) && !onHost;

/** A version is pinned as well as its registry keeps tags; who asks for digests is told that this is known. */
function imageRemark({ image }: Pick<Workload, "image">): Record<string, string> {
  if (image.includes("@sha256:")) return {};
  return { "checkov.io/skip1": "CKV_K8S_43=Pinned by version; a digest is set by the setting of this image" };
}

/** The ports of a node are there once: first out, then in. */
function strategy({ onHost }: ServerArgs) {
  const rollingUpdate = onHost ? { maxSurge: 0, maxUnavailable: 1 } : { maxSurge: 1, maxUnavailable: 0 };
  return { type: "RollingUpdate", rollingUpdate };
}

function hostParts(workload: Workload, { onHost, extra }: ServerArgs): Omit<PodParts, "container"> {
  if (!onHost) return { pod: { ...spread(workload), ...extra.pod } };
  const labelSelector = { matchLabels: selectorOf(workload.name) };
  return {
    pod: {
      ...extra.pod,
      hostNetwork: true,
      dnsPolicy: "ClusterFirstWithHostNet",
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector, topologyKey: "kubernetes.io/hostname" }],
        },
      },
    },
    env: workload.hostAddressVariable
      ? [{ name: workload.hostAddressVariable, valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }]
      : [],
  };
}
