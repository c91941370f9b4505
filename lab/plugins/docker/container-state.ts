/**
 * What the stand-in records about a container: the inputs, overlaid with exactly those properties that the official
 * provider's Read takes from the engine. `envs`, `labels`, `volumes`, `networksAdvanced` and `uploads` are never read
 * back, so drift in them goes unseen.
 */
import type { ContainerInspectInfo } from "dockerode";
import type { State } from "../shared/resource.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { formatCpus } from "./cpus.ts";
import { formatDuration } from "./durations.ts";
import { given } from "./labels.ts";
import { flattenPorts } from "./ports.ts";

const MIB = 1024 * 1024;
/** -1 means unlimited, and stays. */
const toMib = (bytes = 0) => (bytes > 0 ? Math.floor(bytes / MIB) : bytes);

export function stateOf(inputs: ContainerInputs, found: ContainerInspectInfo): State {
  const { Config: config, HostConfig: host, NetworkSettings: net, State: running } = found;
  const newer = config as typeof config & { StopSignal?: string; StopTimeout?: number };
  const readable = running.Running || inputs.mustRun;
  return {
    ...inputs,
    ...(given(inputs.ports) && readable && { ports: flattenPorts(net.Ports) }),
    ...(!running.Running && { exitCode: running.ExitCode, mustRun: false }),
    ...(given(host.NanoCpus) && { cpus: formatCpus(host.NanoCpus ?? 0) }),
    ...(config.Healthcheck && { healthcheck: healthcheckOf(config.Healthcheck) }),
    ...((host.CapAdd?.length > 0 || host.CapDrop?.length > 0) && {
      capabilities: { adds: host.CapAdd ?? [], drops: host.CapDrop ?? [] },
    }),
    ...(given(inputs.ulimits) && {
      ulimits: (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })),
    }),
    ...(given(inputs.pidMode) && { pidMode: host.PidMode }),
    bridge: (net as typeof net & { Bridge?: string }).Bridge,
    networkDatas: networksOf(found),
    name: found.Name.replace(/^\/+/, ""),
    // The image that the program named: by its id if it gave the id.
    image: inputs.image.startsWith("sha256:") ? found.Image : config.Image,
    rm: host.AutoRemove ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    hostname: config.Hostname,
    domainname: config.Domainname,
    command: config.Cmd ?? [],
    entrypoints: [config.Entrypoint ?? []].flat(),
    user: config.User,
    workingDir: config.WorkingDir,
    dns: host.Dns ?? [],
    dnsOpts: host.DnsOptions ?? [],
    dnsSearches: host.DnsSearch ?? [],
    securityOpts: host.SecurityOpt ?? [],
    publishAllPorts: host.PublishAllPorts ?? false,
    restart: host.RestartPolicy?.Name,
    maxRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    init: host.Init ?? false,
    runtime: host.Runtime,
    mounts: mountsOf(found),
    tmpfs: host.Tmpfs ?? {},
    hosts: ((host.ExtraHosts ?? []) as string[]).map((entry) => {
      const [name, ip] = entry.split(":");
      return { host: name, ip };
    }),
    privileged: host.Privileged ?? false,
    memory: toMib(host.Memory),
    memoryReservation: toMib(host.MemoryReservation),
    memorySwap: toMib(host.MemorySwap),
    shmSize: toMib(host.ShmSize),
    cpuShares: host.CpuShares ?? 0,
    cpuSet: host.CpusetCpus,
    logDriver: host.LogConfig?.Type,
    logOpts: given(inputs.logOpts) ? host.LogConfig?.Config : {},
    networkMode: host.NetworkMode,
    sysctls: host.Sysctls ?? {},
    ipcMode: host.IpcMode,
    groupAdds: host.GroupAdd ?? [],
    tty: config.Tty,
    stdinOpen: config.OpenStdin,
    stopSignal: newer.StopSignal,
    stopTimeout: newer.StopTimeout,
  };
}

function healthcheckOf(found: NonNullable<ContainerInspectInfo["Config"]["Healthcheck"]>) {
  return {
    tests: found.Test ?? [],
    interval: formatDuration(found.Interval ?? 0),
    timeout: formatDuration(found.Timeout ?? 0),
    startPeriod: formatDuration(found.StartPeriod ?? 0),
    startInterval: formatDuration(found.StartInterval ?? 0),
    retries: found.Retries ?? 0,
  };
}

function mountsOf(found: ContainerInspectInfo) {
  type Mount = { Target: string; Source?: string; Type: string; ReadOnly?: boolean };
  const mounts = (found.HostConfig.Mounts ?? []) as unknown as Mount[];
  return mounts.map(({ Target, Source = "", Type, ReadOnly = false }) => {
    return { target: Target, source: Source, type: Type, readOnly: ReadOnly };
  });
}

function networksOf(found: ContainerInspectInfo) {
  const networks = Object.entries(found.NetworkSettings.Networks ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return networks.map(([networkName, network]) => ({
    networkName,
    ipAddress: network.IPAddress,
    ipPrefixLength: network.IPPrefixLen,
    gateway: network.Gateway,
    globalIpv6Address: network.GlobalIPv6Address,
    globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
    ipv6Gateway: network.IPv6Gateway,
    macAddress: network.MacAddress,
  }));
}
