/**
 * What the stand-in implements of docker.Container, with the official provider's defaults and rules. Not there, hence
 * refused: cgroupParent, cgroupnsMode, cpuPeriod, cpuQuota, device*, gpus, platform, runtime, storageOpts, usernsMode,
 * `fromContainer` and `selinuxRelabel` of volumes, `source`, `owner` and `group` of uploads, options of mounts.
 */
import { bool, type Field, type Fields, int, list, map, object, type Scalar, set, str } from "../shared/schema.ts";
import { refuseDuration } from "./durations.ts";
import { samePorts } from "./ports.ts";

const forceNew = { forceNew: true } as const;
const computed = { forceNew: true, computed: true } as const;
const strings = (options: object): Field => set(str(), options);
const atLeast = (least: number) => ({
  refuse: (value: number) => (value < least ? `${value} must be at least ${least}` : undefined),
});
const matching = (pattern: RegExp) => ({
  refuse: (value: string) => (pattern.test(value) ? undefined : `"${value}" does not match ${pattern.source}`),
});
const duration = (): Scalar => str({ default: "0s", refuse: refuseDuration });
/** Docker's own default comes back where the program says nothing. */
const emptyIsNothing = { ...forceNew, suppress: (_old: string, now: string) => now === "" };
const label = object({ label: str({ required: true }), value: str({ required: true }) });

const port = object({
  internal: int({ required: true }),
  external: int({ computed: true }),
  ip: str({ default: "0.0.0.0", suppress: (old: string, now: string) => now === "" && old === "0.0.0.0" }),
  protocol: str({ default: "tcp" }),
});
const volume = object({
  containerPath: str({ required: true }),
  hostPath: str(matching(/^[a-zA-Z]:[\\/]|^\//)),
  volumeName: str(),
  readOnly: bool(),
});
const mount = object({
  target: str({ required: true }),
  source: str(),
  type: str({ required: true, ...matching(/^(bind|volume|tmpfs)$/) }),
  readOnly: bool(),
});
const network = object({ name: str({ required: true }), aliases: strings({}), ipv4Address: str() });
const upload = object({
  file: str({ required: true }),
  content: str(),
  contentBase64: str(matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)),
  executable: bool({ default: false }),
  permissions: str(matching(/^0[0-7]{3}$/)),
});
const healthcheck = {
  tests: list(str()),
  interval: duration(),
  timeout: duration(),
  startPeriod: duration(),
  startInterval: duration(),
  retries: int({ default: 0, ...atLeast(0) }),
};

export const containerFields: Fields = {
  name: str({ required: true, ...forceNew }),
  image: str({ required: true, ...forceNew }),
  command: list(str(), computed),
  entrypoints: list(str(), computed),
  envs: strings(computed),
  user: str(emptyIsNothing),
  workingDir: str(emptyIsNothing),
  hostname: str(computed),
  domainname: str(forceNew),
  labels: set(label, computed),

  ports: list(port, { ...forceNew, suppress: samePorts }),
  publishAllPorts: bool(forceNew),
  networkMode: str({ default: "bridge", ...forceNew }),
  networksAdvanced: set(network, forceNew),
  hosts: set(object({ host: str({ required: true }), ip: str({ required: true }) }), forceNew),
  dns: strings(forceNew),
  dnsOpts: strings(forceNew),
  dnsSearches: strings(forceNew),

  volumes: set(volume, forceNew),
  mounts: set(mount, forceNew),
  tmpfs: map(),
  uploads: set(upload, forceNew),
  removeVolumes: bool({ default: true }),

  // A change of the health check is recorded and does nothing to a running container: upstream has it so.
  healthcheck: object(healthcheck, { computed: true }),
  wait: bool({ default: false }),
  waitTimeout: int({ default: 60 }),
  attach: bool({ default: false }),
  logs: bool({ default: false }),
  start: bool({ default: true }),
  mustRun: bool({ default: true }),
  rm: bool({ default: false }),
  restart: str({ default: "no", ...matching(/^(no|on-failure|always|unless-stopped)$/) }),
  maxRetryCount: int(),
  stopSignal: str(computed),
  stopTimeout: int(computed),
  destroyGraceSeconds: int(),
  containerReadRefreshTimeoutMilliseconds: int({ default: 15000 }),
  init: bool({ computed: true }),
  tty: bool({ default: false, ...forceNew }),
  stdinOpen: bool({ default: false, ...forceNew }),

  memory: int(atLeast(0)),
  memoryReservation: int({ default: 0, ...atLeast(0) }),
  memorySwap: int(atLeast(-1)),
  shmSize: int({ ...computed, ...atLeast(0) }),
  cpus: str(forceNew),
  cpuShares: int(atLeast(0)),
  cpuSet: str(matching(/^\d+([,-]\d+)*$/)),
  ulimits: set(
    object({ name: str({ required: true }), soft: int({ required: true }), hard: int({ required: true }) }),
    forceNew,
  ),

  readOnly: bool({ default: false, ...forceNew }),
  privileged: bool(forceNew),
  capabilities: object({ adds: strings({}), drops: strings({}) }, forceNew),
  securityOpts: strings(computed),
  groupAdds: strings(forceNew),
  ipcMode: str(computed),
  pidMode: str(forceNew),
  sysctls: map(forceNew),
  logDriver: str(computed),
  logOpts: map(forceNew),
};

export const containerOutputs = ["bridge", "containerLogs", "exitCode", "networkDatas", "runtime"];
