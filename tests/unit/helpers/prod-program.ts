import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";
import { plainSettings, readStackFile } from "../../../scripts/lib/stack-file.ts";
import { inputs, record } from "./recorded.ts";
import { resolved, settled } from "./recorder.ts";
import { type Change, changed } from "./settings.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

export const SEED = "01234567-89ab-4cde-8f01-23456789abcd";
export const EXISTING = {
  MEILISEARCH_MASTER_KEY: "kept-master-key",
  LIVEKIT_API_KEY: "kept-api-key",
  LIVEKIT_API_SECRET: "kept-api-secret",
  RTMP_PUBLISH_KEY: "kept-publish-key",
};

/** What the run says on its way. */
export const warn = vi.spyOn(pulumi.log, "warn");

type Ask = Parameters<typeof import("../../../index.ts")["default"]>[0];

/** A cluster that takes every stack. */
export const askCluster = vi.fn<NonNullable<NonNullable<Ask>["askCluster"]>>();

let balancer: Readonly<Record<string, string>>;
/** What load balancers are reached at. */
export const balanceAt = (address: typeof balancer) => {
  balancer = address;
};

/** Before each test. What the stack was before is the test's own to say: it mocks components/previous.ts. */
export async function begin() {
  balanceAt({ ip: "192.0.2.7" });
  warn.mockReset().mockResolvedValue();
  askCluster.mockReset().mockResolvedValue({ title: "the cluster", warnings: [] });
  await record({
    "kubernetes:core/v1:Service": () => ({ status: { loadBalancer: { ingress: [balancer] } } }),
    "kubernetes:core/v1:Secret": (name) =>
      name === "existing-keys"
        ? { data: Object.fromEntries(Object.entries(EXISTING).map(([key, text]) => [key, base64(text)])) }
        : {},
  });
  return () => {
    delete process.env.PULUMI_CONFIG_SECRET_KEYS;
  };
}

const PROD = plainSettings(readStackFile(readFileSync("Pulumi.prod.yaml", "utf8")));

/** Encrypted settings of the run, as Pulumi tells of them. */
export const encrypted = (keys: readonly string[]) => {
  process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(keys);
};

/** Of the settings with the change on top; a key that is undefined is left out. */
export async function start(change: Change) {
  pulumi.runtime.setAllConfig(changed(PROD, change));
  const { default: program } = await import("../../../index.ts");
  return program({ askCluster });
}

export async function run(change: Change = {}) {
  const outputs = await start(change);
  await settled();
  return outputs;
}

/** All of the outputs, in clear. */
export const plain = async (outputs: object) => resolved(pulumi.output(outputs as Record<string, unknown>));
export const livekitConfig = () => JSON.stringify(inputs("ConfigMap", "livekit-config").data);

export const SEARCH = [
  "ConfigMap meilisearch-config",
  "ConfigMap meilisearch-setup-config",
  "CronJob meilisearch-backup",
  "Ingress meilisearch",
  "Job meilisearch-setup",
  "Job meilisearch-upgrade",
  "NetworkPolicy meilisearch",
  "NetworkPolicy meilisearch-backup",
  "NetworkPolicy meilisearch-setup",
  "NetworkPolicy meilisearch-upgrade",
  "NetworkPolicy nself-frontend-meilisearch",
  "PersistentVolumeClaim meilisearch-data",
  "PodDisruptionBudget meilisearch",
  "Secret meilisearch-backup-secrets",
  "Secret meilisearch-secrets",
  "Secret meilisearch-setup-secrets",
  "Secret meilisearch-upgrade-secrets",
  "Service meilisearch",
  "Service meilisearch-headless",
  "ServiceAccount meilisearch",
  "ServiceAccount meilisearch-backup",
  "ServiceAccount meilisearch-setup",
  "ServiceAccount meilisearch-upgrade",
  "StatefulSet meilisearch",
];

export const RTC = [
  "ConfigMap livekit-config",
  "Ingress livekit",
  "NetworkPolicy livekit",
  "NetworkPolicy nself-frontend-livekit",
  "PodDisruptionBudget livekit",
  "Secret livekit-secrets",
  "Service livekit",
  "Service livekit-headless",
  "Service livekit-public",
  "ServiceAccount livekit",
  "StatefulSet livekit",
];
export const STREAMING = [
  "ConfigMap rtmp-config",
  "ConfigMap rtmp-edge-config",
  "Deployment rtmp-edge",
  "HorizontalPodAutoscaler rtmp-edge",
  "Ingress rtmp-edge",
  "NetworkPolicy nself-frontend-rtmp-edge",
  "NetworkPolicy rtmp",
  "NetworkPolicy rtmp-edge",
  "PersistentVolumeClaim rtmp-recordings",
  "PodDisruptionBudget rtmp",
  "PodDisruptionBudget rtmp-edge",
  "Secret rtmp-secrets",
  "Service rtmp",
  "Service rtmp-edge",
  "Service rtmp-headless",
  "Service rtmp-public",
  "ServiceAccount rtmp",
  "ServiceAccount rtmp-edge",
  "StatefulSet rtmp",
];

export const STACK = ["Namespace nself-chat", "NetworkPolicy nself-default-deny", "NetworkPolicy nself-frontend"];
export const ALL = [...STACK, ...SEARCH, ...RTC, ...STREAMING].sort();

export const SET_A_BUCKET =
  " search:backupEndpoint, search:backupBucket, search:backupAccessKeyId and search:backupSecretAccessKey.";
