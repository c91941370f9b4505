import * as pulumi from "@pulumi/pulumi";
import { HostError, inspectHost } from "./components/docker-host.ts";
import { namesFor } from "./components/docker-names.ts";
import { connectSources, frontendEnv } from "./components/frontend-env.ts";
import { inventoryOf } from "./components/inventory.ts";
import { ClusterError } from "./components/kubernetes/cluster.ts";
import { ingestHost, platformArgs } from "./components/kubernetes/from-settings.ts";
import { inspectCluster } from "./components/kubernetes/inspect.ts";
import { refuseLostSecrets } from "./components/lost-secrets.ts";
import { type PreviousResource, previousResources } from "./components/previous.ts";
import { RtcService } from "./components/rtc.ts";
import { searchArgs } from "./components/search/from-settings.ts";
import { refuseStepsBack } from "./components/search/steps-back.ts";
import { SearchService } from "./components/search.ts";
import { readSettings, type Settings, SettingsError } from "./components/settings.ts";
import { publishedPorts } from "./components/settings-rules.ts";
import { StreamingService } from "./components/streaming.ts";
import type { Limits, Platform } from "./components/workload.ts";

/**
 * Settings, platform, three services, outputs. What it returns becomes the stack's outputs.
 * @param askCluster whether the stack fits into the cluster; whoever only wants to see it asks nobody
 */
export default async function program({ askCluster = inspectCluster } = {}) {
  try {
    const settings = readSettings({ values: pulumi.runtime.allConfig(), isSecret: isEncrypted });
    const previous = await previousResources();
    refuseStepsBack(settings, previous);
    refuseLostSecrets(settings, previous);
    const platform =
      settings.platform.kind === "docker"
        ? dockerPlatform(settings, previous)
        : kubernetesPlatform(settings, previous, askCluster);
    return deploy(settings, await platform);
  } catch (error) {
    // A user's mistake: the sentence, and no stack trace.
    if (isMistake(error)) throw new pulumi.RunError(error.message);
    throw error;
  }
}

const isMistake = (error: unknown): error is Error =>
  error instanceof SettingsError || error instanceof HostError || error instanceof ClusterError;

/** Pulumi hands the names of encrypted keys to a program in this variable; its SDK does not offer them. */
function isEncrypted(key: string): boolean {
  return (JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[]).includes(key);
}

async function dockerPlatform(settings: Settings, previous: readonly PreviousResource[]): Promise<Platform> {
  const { platform, rtc } = settings;
  const names = namesFor(platform.prefix, platform.network);
  const inventory = inventoryOf(settings);
  const host = await inspectHost(
    {
      names,
      containers: [...inventory.servers, ...inventory.tasks],
      volumes: inventory.volumes,
      ports: publishedPorts(settings),
      bindAddress: platform.bindAddress,
    },
    previous,
  );
  const { DockerPlatform } = await import("./components/docker.ts");
  return new DockerPlatform("docker", {
    names,
    bindAddress: platform.bindAddress,
    hostname: platform.hostname,
    mediaAddress: rtc.nodeAddress ?? platform.bindAddress,
    logSize: platform.logSize,
    host,
  });
}

/** Each platform loads its own SDK: a run pays for one of them. */
async function kubernetesPlatform(
  settings: Settings,
  previous: readonly PreviousResource[],
  askCluster: typeof inspectCluster,
): Promise<Platform> {
  const inspection = await askCluster(settings, previous);
  if ("unreachable" in inspection) unasked(inspection.unreachable);
  else for (const warning of inspection.warnings) pulumi.log.warn(warning);
  warnOfBackups(settings);
  const args = platformArgs(settings);
  const { host } = args.namespaces;
  if (host) {
    pulumi.log.warn(
      `rtc:media = hostNetwork: pods in the namespace ${host} are on their node's network. Pod Security and NetworkPolicies do not hold for them, and their ports are open to whoever reaches a node.`,
    );
  }
  const { KubernetesPlatform } = await import("./components/kubernetes/platform.ts");
  return new KubernetesPlatform("kubernetes", args);
}

/** Who loses the volume loses its backups too, where they are nowhere else. */
function warnOfBackups({ search }: Settings): void {
  if (!search.enabled || search.backupEndpoint) return;
  const what =
    search.backupEvery === "off"
      ? "No backups of search are made: set search:backupEvery,"
      : "Backups of search stay on its volume: set";
  pulumi.log.warn(
    `${what} search:backupEndpoint, search:backupBucket, search:backupAccessKeyId and search:backupSecretAccessKey.`,
  );
}

/** A preview goes on: what would be made where nothing exists yet needs no cluster. */
function unasked(reason: string): void {
  if (!pulumi.runtime.isDryRun()) {
    throw new ClusterError([
      `${reason}. Check the kubeconfig (kubectl cluster-info), platform:kubeconfig and platform:context`,
    ]);
  }
  pulumi.log.warn(
    `Not checked against the cluster: ${reason}. Classes, certificates and the namespace are taken as they are set.`,
  );
}

function deploy(settings: Settings, platform: Platform) {
  const { protect } = settings.platform;
  const common = <T extends Limits>(service: T) => ({
    ...service,
    platform,
    protect,
    limits: limitsOf(settings, service),
  });
  const search = settings.search.enabled
    ? new SearchService("search", {
        ...{ platform, protect, limits: limitsOf(settings, settings.search) },
        ...searchArgs(settings),
        appKey: settings.search.appKey ?? (settings.platform.kind === "docker" ? "master" : "scoped"),
      })
    : undefined;
  const rtc = settings.rtc.enabled
    ? new RtcService("rtc", { ...common(settings.rtc), turn: turnOf(settings), redis: redisOf(settings) })
    : undefined;
  const streaming = settings.streaming.enabled
    ? new StreamingService("streaming", {
        ...common(settings.streaming),
        origins: settings.frontend.origins,
        ...(settings.platform.kind === "kubernetes" ? edgeOf(settings) : { rtmps: undefined }),
      })
    : undefined;

  const turnHost = settings.rtc.turnServer ?? settings.rtc.turnDomain;
  const services = {
    search: search && searchOutputsOf(search),
    streaming,
    rtc: rtc && { ...outputsOf(rtc), turnHost },
  };
  const env = frontendEnv(services);
  return withoutUndefined({
    searchUrl: search?.url,
    rtcUrl: rtc?.url,
    ingestUrl: streaming?.ingestUrl,
    hlsUrl: streaming?.hlsUrl,
    dashUrl: streaming?.dashUrl,
    statsUrl: streaming?.statsUrl,
    searchMasterKey: search?.masterKey,
    searchKey: search?.searchKey,
    searchKeys: search && pulumi.secret(search.keys),
    searchKeyUids: search && pulumi.output(search.keyUids),
    rtcApiKey: rtc?.apiKey,
    rtcApiSecret: rtc?.apiSecret,
    publishKey: streaming?.publishKey,
    frontendEnv: { public: env.public, secret: pulumi.secret(env.secret) },
    connectSrc: connectSources(services),
  });
}

/** Pulumi warns of each output that is undefined: what is switched off has none. */
function withoutUndefined<T extends object>(outputs: T): T {
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined)) as T;
}

/** Processes are bounded for each container on Docker, and for each pod by the node on Kubernetes. */
function limitsOf({ platform }: Settings, { memory, cpus, maxProcesses }: Limits): Limits {
  return { memory, cpus, ...(platform.kind === "docker" ? { maxProcesses } : {}) };
}

function redisOf({ rtc: { redisUrl, redisPassword } }: Settings) {
  return redisUrl && { ...redisUrl, password: redisPassword };
}

/** Where there may be more than one of a server, viewers get servers of their own. */
function edgeOf(settings: Settings) {
  const { streaming } = settings;
  return {
    edge: {
      image: streaming.proxyImage,
      replicas: { min: streaming.edgeReplicas, max: streaming.edgeMaxReplicas },
      limits: { memory: streaming.edgeMemory, cpus: streaming.edgeCpus },
    },
    rtmps: streaming.rtmps
      ? { image: streaming.proxyImage, port: streaming.rtmpsPort, host: ingestHost(settings) }
      : undefined,
  };
}

const searchOutputsOf = ({ url, appKey, searchKey, tenant }: SearchService) => ({ url, appKey, searchKey, tenant });
const outputsOf = ({ url, httpUrl, apiKey, apiSecret }: RtcService) => ({ url, httpUrl, apiKey, apiSecret });

function turnOf({ platform, rtc }: Settings) {
  const { turnDomain, turnUdpPort, turnTlsPort, turnServer, turnServerPort, turnSecret } = rtc;
  return {
    domain: turnDomain,
    udpPort: turnUdpPort,
    tlsPort: turnTlsPort,
    // Clients are always told 443.
    ownTls: turnTlsPort && platform.kind === "kubernetes" ? { publish: 443 } : undefined,
    relayTo: rtc.turnRelayTo,
    external:
      turnServer && turnServerPort && turnSecret
        ? { host: turnServer, port: turnServerPort, secret: turnSecret }
        : undefined,
  };
}
