import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Resource } from "../../policy/rule.ts";
import { allStackRules, resourceRules } from "../../policy/rules.ts";
import { plainSettings, readStackFile } from "../../scripts/lib/stack-file.ts";
import { type Registered, recordResources, settled } from "./helpers/recorder.ts";

vi.mock("../../components/docker-host.ts", async (original) => ({
  ...(await original<object>()),
  inspectHost: async () => ({
    address: "unix:///var/run/docker.sock",
    joinsNetwork: false,
    probesOftenAtStart: true,
    attempts: {},
    limitProcesses: async () => {},
  }),
}));

let registered: Registered[];
beforeEach(async () => {
  vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  registered = await recordResources({
    "kubernetes:core/v1:Service": () => ({ status: { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } } }),
  });
});
afterEach(() => {
  delete process.env.PULUMI_CONFIG_SECRET_KEYS;
});

const PROD = plainSettings(readStackFile(readFileSync("Pulumi.prod.yaml", "utf8")));
/** All that search can be given. */
const SEARCH = {
  "search:backupEvery": "6",
  "search:backupKind": "both",
  "search:backupEndpoint": "https://s3.example.com",
  "search:backupBucket": "backups",
  "search:backupAccessKeyId": "AKIAIOSFODNN7EXAMPLE",
  "search:backupSecretAccessKey": "b892c0665f0ada8a4755dae98baa3b13",
  "search:embedders": JSON.stringify({ default: { source: "openAi", model: "text-embedding-3-small" } }),
  "search:embedderKey": "sk-example-0123456789",
  "search:keys": JSON.stringify({ reports: { actions: ["search"], indexes: ["messages"] } }),
  "search:rotation": JSON.stringify({ masterKey: 2, frontend: 3 }),
};

/** What the rules find in a stack, each with its level. */
async function findings(config: Readonly<Record<string, string>>): Promise<string[]> {
  process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(["search:backupSecretAccessKey", "search:embedderKey"]);
  pulumi.runtime.setAllConfig(config);
  const { default: program } = await import("../../index.ts");
  await program({ askCluster: async () => ({ title: "the cluster", warnings: [] }) });
  await settled();
  const resources = registered.map(({ type, name, inputs }): Resource => ({ type, name, props: inputs }));
  const said = (level: string, name: string) => (finding: string) => `${level} ${name}: ${finding}`;
  return [
    ...resourceRules.flatMap((rule) =>
      resources.flatMap((resource) => rule.check(resource).map(said(rule.level, rule.name))),
    ),
    ...allStackRules.flatMap((rule) => rule.checkStack(resources).map(said(rule.level, rule.name))),
  ];
}

it.each<[string, Readonly<Record<string, string>>, string]>([
  ["a laptop's stack", {}, "docker-image-pinned"],
  ["a laptop's stack with all that search can be given", SEARCH, "docker-image-pinned"],
  ["production", PROD, "kubernetes-rtmp-sources"],
  ["production with all that search can be given", { ...PROD, ...SEARCH }, "kubernetes-rtmp-sources"],
])("%s is what our own rules want", async (_, config, warning) => {
  // One of them is told of what its owner may want, and has not asked for.
  const found = await findings(config);
  expect(found.map((finding) => finding.replace(/:.*/s, ""))).toEqual([`advisory ${warning}`]);
  expect(registered.some(({ name }) => name === "meilisearch-setup")).toBe(true);
});
