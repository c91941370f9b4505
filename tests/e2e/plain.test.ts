import { afterAll, beforeAll, expect, it } from "vitest";
import { Checkout, ok } from "./helpers/checkout.ts";
import { containerNames, docker, resetEngine } from "./helpers/engine.ts";
import { PlainPulumi } from "./helpers/plain.ts";

let checkout: Checkout;
let pulumi: PlainPulumi;
beforeAll(async () => {
  await resetEngine();
  checkout = await Checkout.create({ "rtc:mediaPorts": "50000-50100" });
  // The Node of the machine, not the one that the project brings: the oldest that is supported runs this in CI.
  const machine = (process.env.PATH ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
  pulumi = new PlainPulumi(checkout, { PATH: [`${checkout.path}/.local/lab/bin`, ...machine].join(":") });
  ok(await checkout.npm("lab", "up"));
});
afterAll(async () => {
  // `pulumi destroy` keeps the data and the network.
  await resetEngine();
  checkout.remove();
});

it("pulumi up --stack dev works without our scripts, with the spec's range of media ports", async () => {
  ok(await pulumi.run("stack", "init", "dev"));
  ok(await pulumi.run("up", "--stack", "dev", "--yes"));
  expect(await containerNames()).toEqual([
    "nchat_livekit",
    "nchat_meilisearch",
    "nchat_meilisearch-setup",
    "nchat_meilisearch-upgrade",
    "nchat_rtmp",
  ]);
  const { HostConfig } = await docker.getContainer("nchat_livekit").inspect();
  expect(Object.keys(HostConfig.PortBindings as object)).toHaveLength(101 + 2);
});

it("a preview and a refresh find nothing to change", async () => {
  ok(await pulumi.run("preview", "--stack", "dev", "--expect-no-changes"));
  ok(await pulumi.run("refresh", "--stack", "dev", "--yes"));
  ok(await pulumi.run("preview", "--stack", "dev", "--expect-no-changes"));
});

it("pulumi destroy keeps the data, and the network for whoever uses it", async () => {
  ok(await pulumi.run("destroy", "--stack", "dev", "--yes"));
  expect(await containerNames()).toEqual([]);
  expect(((await docker.listVolumes()).Volumes ?? []).map(({ Name }) => Name).sort()).toEqual([
    "nchat_meilisearch_data",
    "nchat_rtmp_hls_data",
    "nchat_rtmp_recordings",
  ]);
  expect((await docker.listNetworks()).map(({ Name }) => Name)).toContain("nchat_network");
});

it("the next pulumi up joins that network and finds that data", async () => {
  ok(await pulumi.run("up", "--stack", "dev", "--yes"));
  ok(await pulumi.run("preview", "--stack", "dev", "--expect-no-changes"));
  ok(await pulumi.run("destroy", "--stack", "dev", "--yes"));
});
