/** docker.Container's inputs as the engine's request to create a container. */
import type { ContainerCreateOptions } from "dockerode";
import type { ContainerInputs, Healthcheck } from "./container-inputs.ts";
import { parseCpus } from "./cpus.ts";
import { parseDuration } from "./durations.ts";
import { fromLabels, given } from "./labels.ts";
import { toPortBindings } from "./ports.ts";

const MIB = 1024 * 1024;
const UNCONFINED = "systempaths=unconfined";

export function toCreateRequest(inputs: ContainerInputs): ContainerCreateOptions {
  if (inputs.command?.includes("")) throw new Error("values for command may not be empty");
  const { exposed } = toPortBindings(inputs.ports ?? []);
  const volumes = (inputs.volumes ?? []).map(({ containerPath }) => [containerPath, {}]);
  const request: ContainerCreateOptions & { [key: string]: unknown } = {
    name: inputs.name,
    Image: inputs.image,
    Hostname: inputs.hostname,
    Domainname: inputs.domainname,
    Tty: inputs.tty,
    OpenStdin: inputs.stdinOpen,
    StopSignal: given(inputs.stopSignal),
    StopTimeout: given(inputs.stopTimeout),
    Env: inputs.envs,
    Cmd: given(inputs.command),
    Entrypoint: given(inputs.entrypoints),
    User: given(inputs.user),
    WorkingDir: given(inputs.workingDir),
    ExposedPorts: given(exposed),
    Volumes: given(Object.fromEntries(volumes)),
    Labels: given(fromLabels(inputs.labels)),
    Healthcheck: inputs.healthcheck && toHealthcheck(inputs.healthcheck),
    HostConfig: toHostConfig(inputs),
  };
  return request;
}

function toHostConfig(inputs: ContainerInputs): ContainerCreateOptions["HostConfig"] {
  const { bindings } = toPortBindings(inputs.ports ?? []);
  const options = inputs.securityOpts ?? [];
  const unconfined = options.includes(UNCONFINED) ? { MaskedPaths: [], ReadonlyPaths: [] } : {};
  return {
    ...unconfined,
    SecurityOpt: options.filter((option) => option !== UNCONFINED),
    Privileged: inputs.privileged ?? false,
    PublishAllPorts: inputs.publishAllPorts ?? false,
    RestartPolicy: { Name: inputs.restart, MaximumRetryCount: inputs.maxRetryCount ?? 0 },
    AutoRemove: inputs.rm,
    ReadonlyRootfs: inputs.readOnly,
    Init: inputs.init ?? false,
    LogConfig: { Type: inputs.logDriver ?? "", Config: inputs.logOpts ?? {} },
    Binds: toBinds(inputs.volumes ?? []),
    Mounts: (inputs.mounts ?? []).map(({ target, source, type, readOnly }) => ({
      Type: type,
      Target: target,
      Source: source ?? "",
      ReadOnly: readOnly ?? false,
    })),
    Tmpfs: inputs.tmpfs,
    PortBindings: bindings,
    NetworkMode: inputs.networkMode,
    ExtraHosts: (inputs.hosts ?? []).map(({ host, ip }) => `${host}:${ip}`),
    Dns: inputs.dns,
    DnsOptions: inputs.dnsOpts,
    DnsSearch: inputs.dnsSearches,
    // The Docker client under the official provider writes them so, and they are read back so.
    CapAdd: normalizeCapabilities(inputs.capabilities?.adds),
    CapDrop: normalizeCapabilities(inputs.capabilities?.drops),
    GroupAdd: inputs.groupAdds,
    IpcMode: given(inputs.ipcMode),
    PidMode: given(inputs.pidMode),
    Sysctls: inputs.sysctls,
    Ulimits: (inputs.ulimits ?? []).map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    NanoCpus: given(inputs.cpus) ? parseCpus(inputs.cpus as string) : 0,
    ShmSize: (inputs.shmSize ?? 0) * MIB,
    ...toResources(inputs),
  };
}

/** The limits that may change under a running container. */
export function toResources(inputs: ContainerInputs) {
  const swap = inputs.memorySwap ?? 0;
  return {
    Memory: (inputs.memory ?? 0) * MIB,
    MemoryReservation: inputs.memoryReservation * MIB,
    MemorySwap: swap > 0 ? swap * MIB : swap,
    CpuShares: inputs.cpuShares ?? 0,
    CpusetCpus: inputs.cpuSet ?? "",
  };
}

function toBinds(volumes: NonNullable<ContainerInputs["volumes"]>): string[] {
  const named = volumes.filter(({ hostPath, volumeName }) => given(hostPath) ?? given(volumeName));
  return named.map(({ hostPath, volumeName, containerPath, readOnly }) => {
    return `${given(hostPath) ?? volumeName}:${containerPath}:${readOnly ? "ro" : "rw"}`;
  });
}

function toHealthcheck({ tests, retries, ...durations }: Healthcheck) {
  const nanoseconds = (text: string) => parseDuration(text) ?? 0;
  return {
    Test: tests ?? [],
    Interval: nanoseconds(durations.interval),
    Timeout: nanoseconds(durations.timeout),
    StartPeriod: nanoseconds(durations.startPeriod),
    StartInterval: nanoseconds(durations.startInterval),
    Retries: retries,
  };
}

export function normalizeCapabilities(names: readonly string[] = []): string[] {
  const full = names
    .map((name) => name.toUpperCase())
    .map((name) => (/^(ALL$|CAP_)/.test(name) ? name : `CAP_${name}`));
  return [...new Set(full)].sort();
}
