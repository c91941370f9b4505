/** Where a configured provider works: its settings and its cluster. */
import { Cluster } from "./cluster.ts";
import type { Settings } from "./settings.ts";

export interface Target {
  readonly settings: Settings;
  readonly cluster: Cluster;
}

export const openTarget = (settings: Settings): Target => ({ settings, cluster: new Cluster(settings) });

export function unreachableError(reason: string): Error {
  return new Error(`configured Kubernetes cluster is unreachable: ${reason}`);
}
