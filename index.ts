import * as pulumi from "@pulumi/pulumi";
import { DockerPlatform } from "./components/docker.ts";
import { HostError, inspectHost } from "./components/docker-host.ts";
import { namesFor } from "./components/docker-names.ts";
import { connectSources, frontendEnv } from "./components/frontend-env.ts";
import { inventoryOf } from "./components/inventory.ts";
import { previousResources } from "./components/previous.ts";
import { RtcService } from "./components/rtc.ts";
import { SearchService } from "./components/search.ts";
import { readSettings, type Settings, SettingsError } from "./components/settings.ts";
import { publishedPorts } from "./components/settings-rules.ts";
import { StreamingService } from "./components/streaming.ts";
import type { Limits, Platform } from "./components/workload.ts";

/** Settings, platform, three services, outputs. What it returns becomes the stack's outputs. */
export default async function program() {
  try {
    const settings = readSettings({ values: pulumi.runtime.allConfig(), isSecret: isEncrypted });
    return deploy(settings, await dockerPlatform(settings));
  } catch (error) {
    // A user's mistake: the sentence, and no stack trace.
    if (error instanceof SettingsError || error instanceof HostError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/** Pulumi hands the names of encrypted keys to a program in this variable; its SDK does not offer them. */
function isEncrypted(key: string): boolean {
  return (JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[]).includes(key);
}

async function dockerPlatform(settings: Settings): Promise<Platform> {
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
    await previousResources(),
  );
  return new DockerPlatform("docker", {
    names,
    bindAddress: platform.bindAddress,
    hostname: platform.hostname,
    mediaAddress: rtc.nodeAddress ?? platform.bindAddress,
    logSize: platform.logSize,
    host,
  });
}

function deploy(settings: Settings, platform: Platform) {
  const search = settings.search.enabled
    ? new SearchService("search", { ...settings.search, platform, limits: limitsOf(settings.search) })
    : undefined;
  const rtc = settings.rtc.enabled
    ? new RtcService("rtc", { ...settings.rtc, platform, turn: turnOf(settings), limits: limitsOf(settings.rtc) })
    : undefined;
  const streaming = settings.streaming.enabled
    ? new StreamingService("streaming", {
        ...settings.streaming,
        platform,
        origins: settings.frontend.origins,
        limits: limitsOf(settings.streaming),
      })
    : undefined;

  const turnHost = settings.rtc.turnServer ?? settings.rtc.turnDomain;
  const services = { search, streaming, rtc: rtc && { ...outputsOf(rtc), turnHost } };
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

const limitsOf = ({ memory, cpus, maxProcesses }: Limits): Limits => ({ memory, cpus, maxProcesses });

const outputsOf = ({ url, httpUrl, apiKey, apiSecret }: RtcService) => ({ url, httpUrl, apiKey, apiSecret });

function turnOf({ rtc }: Settings) {
  const { turnDomain, turnUdpPort, turnTlsPort, turnServer, turnServerPort, turnSecret } = rtc;
  return {
    domain: turnDomain,
    udpPort: turnUdpPort,
    tlsPort: turnTlsPort,
    external:
      turnServer && turnServerPort && turnSecret
        ? { host: turnServer, port: turnServerPort, secret: turnSecret }
        : undefined,
  };
}
