/** docker.Container's inputs after Check, as the stand-in's code names them. */
import type { Port } from "./ports.ts";

export interface Healthcheck {
  tests?: string[];
  interval: string;
  timeout: string;
  startPeriod: string;
  startInterval: string;
  retries: number;
}
export interface Upload {
  file: string;
  content?: string;
  contentBase64?: string;
  executable: boolean;
  permissions?: string;
}
export interface NetworkAttachment {
  name: string;
  aliases?: string[];
  ipv4Address?: string;
}
type Texts = { [key: string]: string };

export interface ContainerInputs {
  name: string;
  image: string;
  command?: string[];
  entrypoints?: string[];
  envs?: string[];
  user?: string;
  workingDir?: string;
  hostname?: string;
  domainname?: string;
  labels?: { label: string; value: string }[];
  ports?: Port[];
  publishAllPorts?: boolean;
  networkMode: string;
  networksAdvanced?: NetworkAttachment[];
  hosts?: { host: string; ip: string }[];
  dns?: string[];
  dnsOpts?: string[];
  dnsSearches?: string[];
  volumes?: { containerPath: string; hostPath?: string; volumeName?: string; readOnly?: boolean }[];
  mounts?: { target: string; source?: string; type: "bind" | "volume" | "tmpfs"; readOnly?: boolean }[];
  tmpfs?: Texts;
  uploads?: Upload[];
  removeVolumes: boolean;
  healthcheck?: Healthcheck;
  wait: boolean;
  waitTimeout: number;
  attach: boolean;
  logs: boolean;
  start: boolean;
  mustRun: boolean;
  rm: boolean;
  restart: string;
  maxRetryCount?: number;
  stopSignal?: string;
  stopTimeout?: number;
  destroyGraceSeconds?: number;
  init?: boolean;
  tty: boolean;
  stdinOpen: boolean;
  memory?: number;
  memoryReservation: number;
  memorySwap?: number;
  shmSize?: number;
  cpus?: string;
  cpuShares?: number;
  cpuSet?: string;
  ulimits?: { name: string; soft: number; hard: number }[];
  readOnly: boolean;
  privileged?: boolean;
  capabilities?: { adds?: string[]; drops?: string[] };
  securityOpts?: string[];
  groupAdds?: string[];
  ipcMode?: string;
  pidMode?: string;
  sysctls?: Texts;
  logDriver?: string;
  logOpts?: Texts;
}
