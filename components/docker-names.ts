/** Labels by which containers, volumes and networks of this program are known. */
export const LABELS = {
  managedBy: "nself.managed-by",
  processes: "nself.max-processes",
  logSize: "nself.log-size",
  attempt: "nself.attempt",
} as const;

export const MANAGED_BY = "pulumi";

/** What things are called on a Docker engine, in the core backend's convention. */
export interface Names {
  readonly network: string;
  container(name: string): string;
  volume(name: string): string;
  /** On everything that the stack makes. */
  readonly labels: Readonly<Record<string, string>>;
  /** With these a later `docker compose up` of the core accepts a network that it did not make. */
  readonly composeLabels: Readonly<Record<string, string>>;
}

/** `nchat` and `meilisearch_data` give `nchat_meilisearch_data`. */
export function namesFor(prefix: string, network = `${prefix}_network`): Names {
  return {
    network,
    container: (name) => `${prefix}_${name}`,
    volume: (name) => `${prefix}_${name}`,
    labels: { [LABELS.managedBy]: MANAGED_BY, "nself.project": prefix },
    // docker/compose#10797: Compose looks a network up by these two and refuses one that lacks them.
    composeLabels: { "com.docker.compose.project": prefix, "com.docker.compose.network": network },
  };
}

/** For the engine's API: what a stack with these names made. */
export function madeWith({ labels }: Names): { label: string[] } {
  return { label: Object.entries(labels).map(([label, value]) => `${label}=${value}`) };
}
