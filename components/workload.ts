import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";

/**
 * What a service is, in words that fit every platform. A field is here because a service needs it, and every
 * platform honours it or refuses the workload when it is constructed.
 */
export interface Workload {
  /** Name of the server, a DNS label: `meilisearch`. Platforms derive their own object names from it. */
  readonly name: string;
  /** What it does for the product: platforms label what they make with it. */
  readonly role: Role;
  readonly image: string;
  /**
   * Numeric user and group to run as. Where a platform cannot give a volume to a user, the server runs as the image's
   * own without any capability that could matter.
   */
  readonly user: number;
  /** Arguments for the image's entry point; the image's own command where absent. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, Input<string>>>;
  readonly credentials?: readonly Credential[];
  readonly files?: readonly ConfigFile[];
  /** Certificates that somebody else renews. */
  readonly certificates?: readonly CertificateFiles[];
  readonly ports: readonly AnyPort[];
  readonly volumes?: readonly DataVolume[];
  readonly probe: Probe;
  readonly limits: Limits;
  /** Seconds that the server may take to stop by itself. */
  readonly stopGrace: number;
  /** How many of it run; one where absent. */
  readonly replicas?: Replicas;
  /** What it connects to by itself; a platform with a firewall opens these and nothing else. */
  readonly reaches?: readonly Destination[];
  /** Must have ended well before the server is started or replaced; it sees the server that runs until then, if any. */
  readonly before?: Task;
  /** Environment variable for the address at which the server's own host is reached, where it has one to itself. */
  readonly hostAddressVariable?: string;
}

export type Role = "search" | "rtc" | "streaming";

/** `nonroot` of common base images: none of the servers needs any rights. */
export const NONROOT = 65_532;

/** A secret that a server takes as a variable or from a file; a platform uses the one that it can keep closer. */
export interface Credential {
  readonly variable: string;
  readonly value: Input<string>;
  readonly file: {
    readonly path: string;
    readonly content: Input<string>;
    /** What makes the server read the file. */
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
}

/** A file that the server reads at start; a change of content replaces the server. */
export interface ConfigFile {
  /** Absolute path inside the container. */
  readonly path: string;
  readonly content: Input<string>;
  /** The content is a secret. */
  readonly secret?: boolean;
}

/** `tls.crt` and `tls.key` in a folder. */
export interface CertificateFiles {
  readonly folder: string;
  /** Host name that the certificate is for. */
  readonly host: string;
  readonly renewal: Renewal;
}

/**
 * How a server takes a renewed certificate. `reload`: upon HUP, and its connections stay. `restart`: by starting again;
 * TERM has it stop when its clients have left, and a second one, after `stopGrace`, at once.
 */
export type Renewal = "reload" | "restart";

/** A port that clients reach from outside. */
export interface Port {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  /** Port on which the server listens. */
  readonly listen: number;
  /** Port at which clients reach it, where a platform publishes it by itself; for media it must equal `listen`. */
  readonly publish: number;
  readonly audience: Audience;
}

/**
 * Who reaches a port: browsers over HTTP at a host of the product's domain, other clients directly at a host, or those
 * who were told the address by the server itself.
 */
export type Audience =
  | {
      readonly kind: "web";
      readonly host: "search" | "livekit" | "stream";
      /** A monitoring system reads metrics at the same port. */
      readonly monitored?: boolean;
    }
  | { readonly kind: "direct"; readonly host: "ingest" | "turn"; readonly secure?: boolean }
  | { readonly kind: "media" };

/** A port that nobody outside reaches. */
export interface InternalPort {
  readonly name: string;
  readonly protocol: "tcp";
  readonly listen: number;
  /** Names of the workloads that connect to it, or a monitoring system. */
  readonly from: readonly string[] | "monitoring";
}

export type AnyPort = Port | InternalPort | PortRange;

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
  /** The server makes its content anew: a platform need not keep it. */
  readonly disposable?: boolean;
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
  /** Processes and threads; for platforms that bound them for each container. */
  readonly maxProcesses?: number | undefined;
}

export interface Replicas {
  readonly min: number;
  readonly max: number;
}

/** What a workload connects to. */
export type Destination =
  /** A port of another workload of ours. */
  | { readonly kind: "workload"; readonly name: string; readonly port: number }
  /** A TCP port of a host outside, which may be a name: a firewall of addresses can hold the port alone. */
  | { readonly kind: "host"; readonly host: string; readonly port: number }
  /** Clients anywhere, over UDP: media servers try every address that a client offers. */
  | { readonly kind: "media-clients" };

/**
 * Work beside a server that runs to its end, and again when anything about it changes. It finds its server under the
 * server's name: `http://meilisearch:7700`.
 */
export interface Task {
  /** A DNS label: `meilisearch-setup`. */
  readonly name: string;
  readonly role: Role;
  readonly image: string;
  readonly user: number;
  /** POSIX shell, run by the image's `sh`; it must be safe to run again. */
  readonly script: string;
  readonly env?: Readonly<Record<string, Input<string>>>;
  readonly credentials?: readonly Credential[];
  readonly files?: readonly ConfigFile[];
  /** Volumes of its server that it works on, wherever that server is. */
  readonly volumes?: readonly DataVolume[];
  readonly limits: Pick<Limits, "memory" | "cpus">;
  /** Seconds that it may take, the wait for its server included. */
  readonly deadline: number;
  readonly reaches?: readonly Destination[];
}

/** Hours between two runs, counted from midnight UTC: a day is a whole number of them. */
export type Hours = 1 | 2 | 3 | 4 | 6 | 8 | 12 | 24;

/** Where clients reach a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The connection is encrypted: https, wss, rtmps. */
  readonly secure: boolean;
}

/** A way to run workloads: Docker on one machine, Kubernetes in production. */
export interface Platform {
  /** Name server that knows the names of `internalAddress`, for servers that look names up by themselves. */
  readonly resolver: string;
  /** Runs the workload and waits until its probe answers. */
  run(workload: Workload, options: ComponentResourceOptions): Running;
  /**
   * Opens a media server's ports before it runs, since its configuration needs their address. `run` the workload of
   * this name with the same ports.
   * @returns the address that the server tells its clients; undefined where each host has its own
   */
  openMedia(
    owner: Pick<Workload, "name" | "role">,
    ports: readonly AnyPort[],
    options: ComponentResourceOptions,
  ): MediaAddress;
  /** Values of a secret that somebody else keeps on the platform. @throws Error where the platform keeps none */
  existingSecret(name: string, options: ComponentResourceOptions): (key: string) => Output<string>;
}

export type MediaAddress = Input<string> | undefined;

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
  /** Runs a task again and again beside this server; a run that fails is in its log, and the next one comes. */
  schedule(task: Task, every: Hours, options: ComponentResourceOptions): void;
}

export function isRange(port: AnyPort): port is PortRange {
  return "first" in port;
}

/** Clients outside reach it at a number of its own. */
export function isPublished(port: AnyPort): port is Port {
  return "publish" in port;
}

/** @throws Error for a name that the workload has not. */
export function portNamed<P extends AnyPort = Port | InternalPort>(
  { name, ports }: Pick<Workload, "name" | "ports">,
  wanted: string,
  isKind: (port: AnyPort) => port is P = (port): port is P => !isRange(port),
): P {
  const port = ports.filter(isKind).find((candidate) => candidate.name === wanted);
  if (!port) throw new Error(`${name} has no port named ${wanted}.`);
  return port;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };

/** `scheme://host[:port]` without a trailing slash; the encrypted form of the scheme where the endpoint is secure. */
export function urlOf(scheme: "http" | "ws" | "rtmp", { host, port, secure }: Endpoint): string {
  const full = `${scheme}${secure ? "s" : ""}`;
  return `${full}://${host}${DEFAULT_PORTS[full] === port ? "" : `:${port}`}`;
}
