import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";

/**
 * What a service is, in words that fit every platform. A field is here because a service needs it, and every
 * platform honours it or refuses the workload when it is constructed.
 */
export interface Workload {
  /** Name of the server, a DNS label: `meilisearch`. Platforms derive their own object names from it. */
  readonly name: string;
  readonly image: string;
  /** Numeric user and group to run as; the image's own where absent. */
  readonly user?: number;
  /** Arguments for the image's entry point; the image's own command where absent. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, Input<string>>>;
  /** Environment variables that hold secrets: never printed, and only in the platform's place for secrets. */
  readonly secretEnv?: Readonly<Record<string, Input<string>>>;
  readonly files?: readonly ConfigFile[];
  readonly ports: readonly (Port | PortRange)[];
  readonly volumes?: readonly DataVolume[];
  readonly probe: Probe;
  readonly limits: Limits;
  /** Seconds that the server may take to stop by itself. */
  readonly stopGrace: number;
}

/** A file that the server reads at start; a change of content replaces the server. */
export interface ConfigFile {
  /** Absolute path inside the container. */
  readonly path: string;
  readonly content: Input<string>;
  /** The content is a secret. */
  readonly secret?: boolean;
}

/** A port that clients reach from outside. */
export interface Port {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  /** Port on which the server listens. */
  readonly listen: number;
  /** Port at which clients reach it; for media it must equal `listen`. */
  readonly publish: number;
}

/** UDP ports that carry the same number inside and outside, because the server tells it to its clients. */
export interface PortRange {
  readonly name: string;
  readonly protocol: "udp";
  readonly first: number;
  readonly last: number;
}

/** Data that outlives the server, and the stack that made it. */
export interface DataVolume {
  readonly name: string;
  readonly path: string;
}

/** `GET path` on a port of the container answers 2xx when the server is ready to work. */
export interface Probe {
  readonly port: number;
  readonly path: string;
  /** Seconds that a start may take, an import or an upgrade of the data included. */
  readonly startupBudget: number;
}

export interface Limits {
  /** MiB. */
  readonly memory: number;
  /** Processors, as `0.5` or `2`. */
  readonly cpus: string;
  /** Processes and threads. */
  readonly maxProcesses: number;
}

/**
 * Work beside a server that runs to its end, and again when anything about it changes. It starts together with the
 * server, and waits for it by itself.
 */
export interface Task {
  /** A DNS label: `meilisearch-keys`. */
  readonly name: string;
  readonly image: string;
  /** POSIX shell, run by the image's `sh`; it must be safe to run again. */
  readonly script: string;
  readonly env?: Readonly<Record<string, Input<string>>>;
  readonly secretEnv?: Readonly<Record<string, Input<string>>>;
  readonly limits: Pick<Limits, "memory" | "cpus">;
}

/** Where clients reach a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The connection is encrypted: https, wss, rtmps. */
  readonly secure: boolean;
}

/** A way to run workloads: Docker on one machine, Kubernetes in production. */
export interface Platform {
  /** Runs the workload and waits until its probe answers. */
  run(workload: Workload, options: ComponentResourceOptions): Running;
  /** Address that a media server advertises to its clients. */
  readonly mediaAddress: Input<string>;
}

/** A workload that runs. */
export interface Running {
  /** Depend on it to come after the server is ready. */
  readonly ready: Resource;
  /** Where clients reach the port with this name. @throws Error for a name that the workload has not. */
  endpoint(port: string): Endpoint;
  /** Host and port at which the platform's other containers reach this listening port. */
  internalAddress(port: string): string;
  /** Runs a task beside this server; the output settles when the task has ended well, and fails with its log. */
  runTask(task: Task, options: ComponentResourceOptions): Output<void>;
}

export function isRange(port: Port | PortRange): port is PortRange {
  return "first" in port;
}

/** `scheme://host:port` without a trailing slash; the encrypted form of the scheme where the endpoint is secure. */
export function urlOf(scheme: "http" | "ws" | "rtmp", { host, port, secure }: Endpoint): string {
  return `${scheme}${secure ? "s" : ""}://${host}:${port}`;
}
