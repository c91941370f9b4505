import type { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import {
  type AnyPort,
  type Endpoint,
  type Hours,
  isPublished,
  isRange,
  type MediaAddress,
  type Platform,
  type Port,
  portNamed,
  type Running,
  type Task,
  type Workload,
} from "../workload.ts";
import { type Access, clusterProvider } from "./access.ts";
import { autoscaler, disruptionBudget } from "./availability.ts";
import { certificateParts } from "./certificates.ts";
import { configure } from "./configuration.ts";
import { runJob, scheduleJob } from "./job.ts";
import { mediaAddress } from "./media.ts";
import { metadata, type Owner } from "./metadata.ts";
import { HOST_NETWORK, type NamespacesArgs, namespace, RESTRICTED } from "./namespaces.ts";
import type { PodDefaults } from "./pod.ts";
import { denyAll, frontendBase, frontendPolicy, type Neighbours, networkPolicy } from "./policies.ts";
import { isStateful, server } from "./server.ts";
import {
  type ExternalTraffic,
  headlessService,
  internalService,
  isPublic,
  type LoadBalancerArgs,
  loadBalancer,
} from "./services.ts";
import { dataVolumes, kept, type StorageArgs } from "./storage.ts";
import { gateway, route, type TrafficArgs } from "./traffic.ts";

export interface KubernetesPlatformArgs {
  readonly access: Access;
  readonly namespaces: NamespacesArgs;
  /** The services are at hosts of this domain. */
  readonly domain: string;
  /** Hosts of the services that are switched on. */
  readonly webHosts: readonly string[];
  /** Where publishers and TURN clients connect, and how their load balancers are set up. */
  readonly direct: Readonly<Record<"ingest" | "turn", LoadBalancerArgs & { readonly host: string }>>;
  readonly media: MediaArgs;
  readonly externalTraffic: ExternalTraffic;
  readonly traffic: TrafficArgs;
  readonly neighbours: Neighbours;
  /** Add what the app's pods need towards ours to their closed list of destinations. */
  readonly frontendEgress: boolean;
  readonly storage: StorageArgs;
  readonly pods: PodDefaults;
  /** Host name of the cluster's name service. */
  readonly resolver: string;
}

export interface MediaArgs {
  /** One server behind an address of its own, or each server on its node's network. */
  readonly by: "loadBalancer" | "hostNetwork";
  readonly annotations: Readonly<Record<string, string>>;
  /** Address to tell clients instead of the load balancer's. */
  readonly address?: string | undefined;
}

/**
 * How Kubernetes runs a workload: pods that pass the Pod Security Standard *restricted* in a namespace of their own,
 * closed but for what each needs, reached over HTTPS through the cluster's ingress controller and by load balancers.
 *
 * @example
 * const platform = new KubernetesPlatform("kubernetes", { domain: "chat.example.com", … });
 * new SearchService("search", { platform, image: "getmeili/meilisearch:v1.50.0", … });
 */
export class KubernetesPlatform extends pulumi.ComponentResource implements Platform {
  readonly resolver: string;
  readonly #args: KubernetesPlatformArgs;
  readonly #provider: Provider;
  readonly #namespace: pulumi.Input<string>;
  readonly #hostNamespace: pulumi.Input<string> | undefined;
  readonly #opened = new Set<string>();

  constructor(name: string, args: KubernetesPlatformArgs, options?: pulumi.ComponentResourceOptions) {
    super("nself:platform:Kubernetes", name, {}, options);
    this.#args = args;
    this.resolver = args.resolver;
    const { create, host, protection } = args.namespaces;
    this.#provider = clusterProvider(name, args.access, args.namespaces.name, { parent: this });
    const own = { parent: this, provider: this.#provider };
    this.#namespace = create ? namespace(args.namespaces.name, RESTRICTED, protection, own) : args.namespaces.name;
    this.#hostNamespace = host === undefined ? undefined : namespace(host, HOST_NETWORK, protection, own);

    denyAll("nself-default-deny", this.#namespace, own);
    if (this.#hostNamespace) denyAll("nself-default-deny-host", this.#hostNamespace, own);
    if (args.frontendEgress) frontendBase(this.#namespace, args.neighbours, own);
    if (args.traffic.by === "gateway") {
      const hosts = args.webHosts.map((part) => `${part}.${args.domain}`);
      const from = [this.#namespace, ...(this.#hostNamespace ? [this.#hostNamespace] : [])];
      gateway(args.traffic, this.#namespace, hosts, from, own);
    }
    this.registerOutputs();
  }

  run(workload: Workload, options: pulumi.ComponentResourceOptions): Running {
    refuseUnknown(workload, this.#args.media.by);
    const { pods, storage, traffic, neighbours } = this.#args;
    const child = { ...options, provider: this.#provider };
    const place = this.#namespaceOf(workload.ports);

    const account = this.#account(workload, place, child);
    const policy = networkPolicy(workload, place, { from: this.#allowed(workload.ports), neighbours }, child);
    const volumes = dataVolumes(workload, place, workload.volumes ?? [], storage, child);
    const certificate = certificateParts(workload, place, traffic.certificates, child);
    const service = internalService(workload, place, workload.ports, child);
    const onHost = place === this.#hostNamespace;
    if (isStateful(workload, onHost)) headlessService(workload, place, workload.ports, child);
    this.#openDirect(workload, place, child);

    const before = workload.before
      ? [this.#job(workload.before, workload, place, { ...child, dependsOn: volumes })]
      : [];
    const ready = server(
      workload,
      {
        namespace: place,
        configuration: configure(workload, place, child),
        pods,
        storage,
        onHost,
        extra: certificate ?? {},
      },
      { ...child, dependsOn: [account, policy, ...before, ...volumes, ...dependencies(options)] },
    );
    disruptionBudget(workload, place, child);
    const { replicas } = workload;
    if (replicas && replicas.max > replicas.min) {
      autoscaler(workload, place, replicas, { ...child, dependsOn: ready });
    }
    const reached = this.#expose(workload, place, { ...child, dependsOn: [ready, service] });
    return {
      ready: reached ?? ready,
      endpoint: (port) => this.#endpoint(portNamed(workload, port, isPublished)),
      internalAddress: (port) => this.#internalAddress(workload, port),
      runTask: (task, taskOptions) =>
        this.#job(task, workload, place, { ...taskOptions, dependsOn: ready }).urn.apply(() => undefined),
      schedule: (task, every, taskOptions) => this.#schedule(task, every, workload, place, taskOptions),
    };
  }

  openMedia(owner: Owner, ports: readonly AnyPort[], options: pulumi.ComponentResourceOptions): MediaAddress {
    const { by, annotations, address } = this.#args.media;
    if (by === "hostNetwork") return address;
    this.#opened.add(owner.name);
    const child = { ...options, provider: this.#provider };
    const args = { annotations, from: ["0.0.0.0/0"], nodes: this.#args.externalTraffic };
    const service = loadBalancer(owner, this.#namespace, ports.filter(isPublic), args, child);
    return address ?? mediaAddress(service);
  }

  existingSecret(name: string, options: pulumi.ComponentResourceOptions): (key: string) => pulumi.Output<string> {
    const id = pulumi.interpolate`${this.#namespace}/${name}`;
    const data = Secret.get(`existing-${name}`, id, { ...options, provider: this.#provider }).data;
    return (key) =>
      pulumi.secret(data).apply((values) => {
        const value = values?.[key];
        if (!value) throw new pulumi.RunError(`The Secret ${name} has no key ${key}.`);
        // `kubectl create secret` from a file or a pipe takes the newline at its end along.
        return Buffer.from(value, "base64").toString("utf8").replace(/\n$/, "");
      });
  }

  #job(task: Task, server: Workload, place: pulumi.Input<string>, options: pulumi.CustomResourceOptions): Job {
    return runJob(task, server.name, place, this.#args.pods, this.#prepared(task, place, options));
  }

  #schedule(
    task: Task,
    every: Hours,
    server: Workload,
    place: pulumi.Input<string>,
    options: pulumi.CustomResourceOptions,
  ): void {
    scheduleJob(task, every, server.name, place, this.#args.pods, this.#prepared(task, place, options));
  }

  /** What a task's pods need before they run. */
  #prepared(task: Task, place: pulumi.Input<string>, options: pulumi.CustomResourceOptions) {
    const child = { ...options, provider: this.#provider };
    const account = this.#account(task, place, child);
    const network = { ...task, ports: [] };
    const policy = networkPolicy(network, place, { from: [], neighbours: this.#args.neighbours }, child);
    return { ...child, dependsOn: [account, policy, ...dependencies(options)] };
  }

  /** Without a token: no server talks to the API of the cluster. */
  #account(owner: Owner, place: pulumi.Input<string>, options: pulumi.CustomResourceOptions): ServiceAccount {
    const args = { metadata: metadata(owner, place), automountServiceAccountToken: false };
    return new ServiceAccount(owner.name, args, options);
  }

  #openDirect(workload: Workload, place: pulumi.Input<string>, options: pulumi.CustomResourceOptions): void {
    const ports = workload.ports.filter(isPublic);
    const [port] = ports;
    if (!port || this.#opened.has(workload.name) || place === this.#hostNamespace) return;
    if (port.audience.kind === "direct") {
      const { direct, externalTraffic } = this.#args;
      loadBalancer(workload, place, ports, { ...direct[port.audience.host], nodes: externalTraffic }, options);
    }
  }

  #expose(workload: Workload, place: pulumi.Input<string>, options: pulumi.CustomResourceOptions) {
    const port = workload.ports.filter(isPublished).find(({ audience }) => audience.kind === "web");
    if (!port) return undefined;
    const { traffic, frontendEgress, neighbours } = this.#args;
    if (frontendEgress) frontendPolicy(workload, place, this.#namespace, port.listen, neighbours, options);
    const target = { owner: workload, namespace: place, host: this.#endpoint(port).host, port: port.listen };
    return route(traffic, target, this.#namespace, options);
  }

  /** Servers on their node's network are kept apart from all others. */
  #namespaceOf(ports: readonly AnyPort[]): pulumi.Input<string> {
    return (isMedia(ports) ? this.#hostNamespace : undefined) ?? this.#namespace;
  }

  /** Networks from which a workload's direct ports are reached. */
  #allowed(ports: readonly AnyPort[]): readonly string[] {
    const direct = ports.filter(isPublished).flatMap(({ audience }) => (audience.kind === "direct" ? [audience] : []));
    return direct[0] ? this.#args.direct[direct[0].host].from : [];
  }

  #internalAddress({ name, ports }: Workload, port: string): string {
    const { namespaces, neighbours } = this.#args;
    const place = isMedia(ports) ? (namespaces.host ?? namespaces.name) : namespaces.name;
    return `${name}.${place}.svc.${neighbours.clusterDomain}:${portNamed({ name, ports }, port).listen}`;
  }

  #endpoint({ audience, publish }: Port): Endpoint {
    if (audience.kind === "media") throw new Error("A media server tells its clients where it is by itself.");
    return audience.kind === "web"
      ? { host: `${audience.host}.${this.#args.domain}`, port: 443, secure: true }
      : { host: this.#args.direct[audience.host].host, port: publish, secure: audience.secure ?? false };
  }
}

const isMedia = (ports: readonly AnyPort[]) =>
  ports.some((port) => isRange(port) || (isPublished(port) && port.audience.kind === "media"));

const dependencies = ({ dependsOn }: pulumi.ResourceOptions): pulumi.Resource[] =>
  dependsOn === undefined ? [] : ([dependsOn].flat() as pulumi.Resource[]);

/** What a cluster cannot do with a workload. */
function refuseUnknown({ name, ports, limits, volumes = [], replicas }: Workload, media: MediaArgs["by"]): void {
  if (ports.filter(isPublished).filter(({ audience }) => audience.kind === "web").length > 1) {
    throw new Error(`${name} has more than one port for browsers: a host leads to one.`);
  }
  if (limits.maxProcesses !== undefined) {
    throw new Error(`${name} limits its processes: on Kubernetes only a node can do that, for all of its pods.`);
  }
  if (media === "loadBalancer" && ports.some(isRange)) {
    throw new Error(`${name} asks for a range of ports, which a load balancer does not have.`);
  }
  if (kept(volumes).length > 0 && media === "hostNetwork" && isMedia(ports)) {
    throw new Error(`${name} keeps data: on its node's network nothing says which node that is.`);
  }
  if (kept(volumes).length > 0 && replicas && replicas.max > 1) {
    throw new Error(`${name} asks for ${replicas.max} replicas: its data is on one volume, for one server.`);
  }
}
