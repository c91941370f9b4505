// One file each: the package as a whole would load every resource that Docker has.
import { Container } from "@pulumi/docker/container.js";
import { Network } from "@pulumi/docker/network.js";
import { Provider } from "@pulumi/docker/provider.js";
import { RemoteImage } from "@pulumi/docker/remoteImage.js";
import { Volume } from "@pulumi/docker/volume.js";
import * as pulumi from "@pulumi/pulumi";
import {
  asUser,
  EVERY,
  environment,
  healthcheck,
  LATE,
  labels,
  ONCE,
  published,
  REPLACEMENT,
  uploads,
} from "./docker-container.ts";
import type { DockerHost } from "./docker-host.ts";
import { LABELS, type Names } from "./docker-names.ts";
import { goDecimal } from "./docker-text.ts";
import {
  type Endpoint,
  type Hours,
  isPublished,
  type Limits,
  type Platform,
  portNamed,
  type Running,
  type Task,
  type Workload,
} from "./workload.ts";

export interface DockerPlatformArgs {
  /** Names of containers, volumes and the network. */
  readonly names: Names;
  /** Address of the host on which ports are published. */
  readonly bindAddress: string;
  /** Host name that clients put into URLs. */
  readonly hostname: string;
  /** Address that media servers tell their clients. */
  readonly mediaAddress: string;
  /** MiB at which a container's log is rotated; three files are kept. */
  readonly logSize: number;
  /** What `inspectHost` found on the engine. */
  readonly host: DockerHost;
}

/**
 * How Docker runs a workload: an image that is kept, data volumes that outlive the stack, and one container on a
 * network shared with the core backend, published on one address of the host.
 *
 * @example
 * const platform = new DockerPlatform("docker", { names: namesFor("nchat"), host: await inspectHost(…), … });
 * new SearchService("search", { platform, image: "getmeili/meilisearch:v1.50.0", … });
 */
export class DockerPlatform extends pulumi.ComponentResource implements Platform {
  /** The engine's own name server, the same in every network that is made by a user. */
  readonly resolver = "127.0.0.11";
  readonly #args: DockerPlatformArgs;
  readonly #provider: Provider;
  readonly #network: pulumi.Input<string>;
  readonly #images = new Map<string, RemoteImage>();
  readonly #volumes = new Map<string, pulumi.Input<string>>();

  constructor(name: string, args: DockerPlatformArgs, options?: pulumi.ComponentResourceOptions) {
    super("nself:platform:Docker", name, {}, options);
    this.#args = args;
    this.#provider = new Provider(name, { host: args.host.address }, { parent: this });
    this.#network = args.host.joinsNetwork ? args.names.network : this.#createNetwork();
    this.registerOutputs();
  }

  run(workload: Workload, options: pulumi.ComponentResourceOptions): Running {
    refuseUnknown(workload);
    const child = { ...options, provider: this.#provider };
    for (const { name } of workload.volumes ?? []) this.#volumes.set(name, this.#createVolume(name, child).name);
    // Named after the server, whoever of its tasks comes first.
    this.#pull(workload.name, workload.image, child);
    const before = workload.before ? this.#done(workload.before, options) : [];
    const container = new Container(
      workload.name,
      {
        ...this.#sandbox(workload, child),
        ...(workload.args ? { command: [...workload.args] } : {}),
        ...asUser(workload),
        envs: environment(workload),
        uploads: uploads(workload),
        volumes: this.#mounts(workload),
        ports: published(workload.ports, this.#args.bindAddress),
        restart: "unless-stopped",
        stopTimeout: workload.stopGrace,
        destroyGraceSeconds: workload.stopGrace,
        healthcheck: healthcheck(workload.probe, this.#args.host.probesOftenAtStart),
        wait: true,
        waitTimeout: workload.probe.startupBudget,
      },
      { ...child, ...REPLACEMENT, dependsOn: before },
    );
    this.#limitProcesses(container, workload.limits);
    return {
      ready: container,
      endpoint: (port) => this.#endpoint(workload, port),
      internalAddress: (port) => `${workload.name}:${portNamed(workload, port).listen}`,
      runTask: (task, taskOptions) => this.#done(task, { ...taskOptions, dependsOn: container }).apply(() => undefined),
      schedule: (task, every, taskOptions) => this.#schedule(task, every, taskOptions),
    };
  }

  /** One host, one address, which is known: the ports are opened by the container itself. */
  openMedia(): string {
    return this.#args.mediaAddress;
  }

  existingSecret(name: string): never {
    throw new Error(`Docker keeps no secrets: ${name} cannot be read from it.`);
  }

  /** A container that exits: the provider records its exit code, and whoever waits for it sees it checked. */
  #done(task: Task, options: pulumi.ComponentResourceOptions): pulumi.Output<Container> {
    const container = new Container(
      task.name,
      {
        ...this.#task(task, options),
        entrypoints: ["sh", "-c", ONCE],
        command: ["once", String(task.deadline), task.script],
        attach: true,
        logs: true,
        mustRun: false,
        restart: "no",
      },
      { ...options, provider: this.#provider, ...REPLACEMENT, additionalSecretOutputs: ["containerLogs"] },
    );
    return pulumi.all([container.exitCode, container.containerLogs]).apply(([code, logs]) => {
      const isLate = code !== undefined && LATE.includes(code);
      const what = isLate ? `was not done within ${task.deadline} s` : `failed with exit code ${code}`;
      if (code) throw new pulumi.RunError(`${task.name} ${what}:\n${logs}`);
      return container;
    });
  }

  /** The engine has no schedules: the container sleeps between two runs. */
  #schedule(task: Task, every: Hours, options: pulumi.ComponentResourceOptions): void {
    new Container(
      task.name,
      {
        ...this.#task(task, options),
        entrypoints: ["sh", "-c", EVERY],
        command: ["every", String(every * 3600), String(task.deadline), task.script],
        restart: "unless-stopped",
        stopTimeout: 10,
        destroyGraceSeconds: 10,
      },
      { ...options, provider: this.#provider, ...REPLACEMENT },
    );
  }

  #task(task: Task, options: pulumi.ComponentResourceOptions) {
    return {
      ...this.#sandbox(task, { ...options, provider: this.#provider }),
      ...asUser(task),
      envs: environment(task),
      uploads: uploads(task),
      volumes: this.#mounts(task),
    };
  }

  #mounts({ name, volumes = [] }: Pick<Workload | Task, "name" | "volumes">) {
    return volumes.map((volume) => {
      const volumeName = this.#volumes.get(volume.name);
      if (volumeName === undefined) throw new Error(`${name} works on ${volume.name}, which no server has.`);
      return { volumeName, containerPath: volume.path };
    });
  }

  /** What every container of ours has: bounded, on the shared network, labelled, and with no privileges to gain. */
  #sandbox({ name, role, image, limits }: Workload | Task, options: pulumi.CustomResourceOptions) {
    const { names, logSize, host } = this.#args;
    return {
      name: names.container(name),
      image: this.#pull(name, image, options).imageId,
      labels: labels({
        "nself.type": "service",
        "nself.service": name,
        "nself.role": role,
        [LABELS.logSize]: String(logSize),
        ...("maxProcesses" in limits && limits.maxProcesses ? { [LABELS.processes]: String(limits.maxProcesses) } : {}),
        ...(host.attempts[name] ? { [LABELS.attempt]: host.attempts[name] } : {}),
        ...names.labels,
      }),
      networksAdvanced: [{ name: this.#network, aliases: [name] }],
      memory: limits.memory,
      // Equal to memory: no swap. Left out, the engine fills it in, and every preview would show that as a change.
      memorySwap: limits.memory,
      cpus: goDecimal(limits.cpus),
      securityOpts: ["no-new-privileges:true"],
      logDriver: "json-file",
      logOpts: { "max-size": `${logSize}m`, "max-file": "3" },
    } satisfies Partial<ConstructorParameters<typeof Container>[1]>;
  }

  #pull(name: string, image: string, options: pulumi.CustomResourceOptions): RemoteImage {
    const pulled =
      this.#images.get(image) ?? new RemoteImage(`${name}-image`, { name: image, keepLocally: true }, options);
    this.#images.set(image, pulled);
    return pulled;
  }

  /** Kept on delete: data survives `pulumi destroy`, and replacing the resource can never drop the volume. */
  #createVolume(name: string, options: pulumi.CustomResourceOptions): Volume {
    const { names } = this.#args;
    return new Volume(
      names.volume(name),
      { name: names.volume(name), labels: labels({ "nself.type": "volume", ...names.labels }) },
      { ...options, retainOnDelete: true, ignoreChanges: ["labels"] },
    );
  }

  /** Kept on delete: the core backend may have joined it. Compose refuses a network of its name without its labels. */
  #createNetwork(): pulumi.Output<string> {
    const { names } = this.#args;
    return new Network(
      names.network,
      { name: names.network, driver: "bridge", labels: labels({ ...names.composeLabels, ...names.labels }) },
      { parent: this, provider: this.#provider, retainOnDelete: true, ignoreChanges: ["labels"] },
    ).name;
  }

  /** The provider has no property for it, the engine has: set on each update, and a label makes a change visible. */
  #limitProcesses(container: Container, { maxProcesses }: Limits): void {
    if (pulumi.runtime.isDryRun() || maxProcesses === undefined) return;
    container.id.apply((id) =>
      this.#args.host.limitProcesses(id, maxProcesses).catch((error: Error) => {
        throw new pulumi.RunError(
          `The processes of ${id.slice(0, 12)} cannot be limited: ${error.message}. If the container was removed by hand, bring it back: pulumi up --refresh`,
        );
      }),
    );
  }

  #endpoint(workload: Workload, name: string): Endpoint {
    return { host: this.#args.hostname, port: portNamed(workload, name, isPublished).publish, secure: false };
  }
}

/** What one engine on one host cannot do. */
function refuseUnknown({ name, replicas, certificates }: Workload): void {
  if (replicas && replicas.max > 1) {
    throw new Error(`${name} asks for ${replicas.max} replicas: Docker runs one container of a name.`);
  }
  if (certificates?.length) {
    throw new Error(`${name} needs certificates that are renewed: Docker has nobody who does that.`);
  }
}
