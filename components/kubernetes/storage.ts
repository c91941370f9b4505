import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import type * as pulumi from "@pulumi/pulumi";
import type { DataVolume } from "../workload.ts";
import { metadata, type Owner } from "./metadata.ts";
import type { Protection } from "./namespaces.ts";
import { volumeName } from "./pod.ts";

export interface StorageArgs {
  /** Absent: the cluster's default. */
  readonly className?: string | undefined;
  /** GiB of a data volume, by its name. */
  readonly size: (volume: string) => number;
  readonly protection: Protection;
}

/** The claim that a StatefulSet of one pod looks for; it makes none where there is one. */
const claimName = (volume: Pick<DataVolume, "name">, owner: Pick<Owner, "name">) =>
  `${volumeName(volume.name)}-${owner.name}-0`;

/** The same data, in a pod beside that of the server. */
export const claimVolume = (volume: DataVolume, server: string) => ({
  name: volumeName(volume.name),
  persistentVolumeClaim: { claimName: claimName(volume, { name: server }) },
});

/** On the pods that hold the data of a server: a volume is attached to one node, so they share it. */
export const holds = (server: string) => ({ "nself.org/volume-of": server });

export const kept = (volumes: readonly DataVolume[]) => volumes.filter(({ disposable }) => !disposable);

/**
 * The claims stand beside the StatefulSet, whose template cannot be changed: a larger size is a change in place, and
 * protection holds for the data alone. Many classes make the volume only when a pod asks for it, so nothing waits here.
 */
export function dataVolumes(
  owner: Owner,
  namespace: pulumi.Input<string>,
  volumes: readonly DataVolume[],
  storage: StorageArgs,
  options: pulumi.CustomResourceOptions,
): PersistentVolumeClaim[] {
  const { protect, retain } = storage.protection;
  return kept(volumes).map(
    (volume) =>
      new PersistentVolumeClaim(
        volumeName(volume.name),
        {
          metadata: metadata(owner, namespace, claimName(volume, owner), { "pulumi.com/skipAwait": "true" }),
          spec: claimSpec(volume, storage),
        },
        { ...options, protect, retainOnDelete: retain },
      ),
  );
}

/** What the StatefulSet would make. */
export function claimTemplates(volumes: readonly DataVolume[], storage: StorageArgs) {
  return kept(volumes).map((volume) => ({
    metadata: { name: volumeName(volume.name) },
    spec: claimSpec(volume, storage),
  }));
}

function claimSpec({ name }: DataVolume, { className, size }: StorageArgs) {
  return {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: `${size(name)}Gi` } },
    ...(className ? { storageClassName: className } : {}),
  };
}
