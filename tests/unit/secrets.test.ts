import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { refuseLostSecrets } from "../../components/lost-secrets.ts";
import type { NamedResource } from "../../components/previous.ts";
import { readSettings, SettingsError } from "../../components/settings.ts";
import { plainSettings, readStackFile } from "../../scripts/lib/stack-file.ts";
import { recordResources, settled } from "./helpers/recorder.ts";

const PROD = plainSettings(readStackFile(readFileSync("Pulumi.prod.yaml", "utf8")));
const GIVEN = {
  "search:masterKey": "m".repeat(32),
  "rtc:apiKey": "k".repeat(16),
  "rtc:apiSecret": "s".repeat(32),
  "streaming:publishKey": "p".repeat(16),
};
const KEYS = Object.keys(GIVEN);

const settings = (values: Readonly<Record<string, string>>) =>
  readSettings({ values, isSecret: (key) => key in GIVEN });

const resource = (type: string, name: string, outputs: Readonly<Record<string, unknown>> = {}): NamedResource => ({
  type,
  name,
  outputs,
});
const OUTPUTS = { searchMasterKey: "…", rtcApiKey: "…", rtcApiSecret: "…", publishKey: "…" };
const stack = (outputs: Readonly<Record<string, unknown>> = OUTPUTS) =>
  resource("pulumi:pulumi:Stack", "nself-chat-services-prod", outputs);
const SERVERS = ["meilisearch", "livekit", "rtmp"].map((name) => resource("kubernetes:apps/v1:StatefulSet", name));
const generated = (name: string) => resource("random:index/randomPassword:RandomPassword", name);
const GENERATED = ["meilisearch-master-key", "livekit-api-key", "livekit-api-secret", "rtmp-publish-key"].map(
  generated,
);

/** Keys that are refused. */
function refused(change: Readonly<Record<string, string>>, previous: readonly NamedResource[], base = PROD): string[] {
  try {
    refuseLostSecrets(settings({ ...base, ...change }), previous);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map((problem) => problem.split(" ")[0] ?? "");
  }
}

describe("a secret that was given and is not any more", () => {
  it("is refused, with the ways out", () => {
    expect(refused({}, [stack(), ...SERVERS])).toEqual(KEYS);
    const only = { ...GIVEN, "rtc:apiSecret": "" };
    const { "rtc:apiSecret": _, ...rest } = only;
    expect(() => refuseLostSecrets(settings({ ...PROD, ...rest }), [stack(), ...SERVERS])).toThrow(
      new SettingsError([
        "rtc:apiSecret is not set, nor is rtc:existingSecret, and this stack runs with one that was: a generated one would take its place. Set it again, or set a new one: pulumi config set --secret rtc:apiSecret",
      ]),
    );
  });

  it("is refused on Docker too, where no Secret could hold it", () => {
    const containers = SERVERS.map(({ name }) => resource("docker:index/container:Container", name));
    expect(() => refuseLostSecrets(settings({ "rtc:enabled": "false" }), [stack(), ...containers])).toThrow(
      new SettingsError([
        "search:masterKey is not set, and this stack runs with one that was: a generated one would take its place. Set it again, or set a new one: pulumi config set --secret search:masterKey",
      ]),
    );
  });

  it.each<[string, Readonly<Record<string, string>>, readonly NamedResource[]]>([
    ["it is set again", GIVEN, [stack(), ...SERVERS]],
    [
      "a Secret has it now",
      { "search:existingSecret": "a", "rtc:existingSecret": "b", "streaming:existingSecret": "c" },
      [stack(), ...SERVERS],
    ],
    ["it was generated all along", {}, [stack(), ...SERVERS, ...GENERATED]],
    ["nothing is deployed yet", {}, []],
    ["the first update did not go well", {}, [stack({}), ...SERVERS]],
    ["the server is gone", {}, [stack()]],
    [
      "there was none",
      {},
      [stack({ searchMasterKey: "…", rtcApiKey: "…", rtcApiSecret: "…" }), ...SERVERS, ...GENERATED.slice(0, 3)],
    ],
    [
      "the service is switched off",
      { "search:enabled": "false", "rtc:enabled": "false", "streaming:enabled": "false" },
      [stack(), ...SERVERS],
    ],
  ])("goes through where %s", (_, change, previous) => {
    expect(refused(change, previous)).toEqual([]);
  });

  it("goes through where a generated master key is asked for by its rotation", () => {
    const change = { "search:rotation": '{"masterKey":2}' };
    expect(refused(change, [stack(), ...SERVERS])).toEqual(KEYS.filter((key) => key !== "search:masterKey"));
    expect(refused({ "search:rotation": '{"frontend":2}' }, [stack(), ...SERVERS])).toEqual(KEYS);
  });
});

describe("what the refusal goes by", () => {
  beforeEach(() => {
    vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  });

  it("are the resources and outputs of the program", async () => {
    const registered = await recordResources({
      "kubernetes:core/v1:Service": () => ({ status: { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } } }),
    });
    pulumi.runtime.setAllConfig(PROD);
    const { default: program } = await import("../../index.ts");
    const outputs = await program({ askCluster: async () => ({ title: "the cluster", warnings: [] }) });
    await settled();
    const made = registered.map(({ type, name }) => resource(type, name));
    expect(refused({}, [stack(outputs), ...made])).toEqual([]);
    const withoutGenerated = made.filter(({ type }) => !type.includes("RandomPassword"));
    expect(refused({}, [stack(outputs), ...withoutGenerated])).toEqual(KEYS);
    for (const name of registered.filter(({ type }) => /RandomPassword/.test(type)).map((each) => each.name)) {
      const others = made.filter((each) => each.name !== name || !/RandomPassword/.test(each.type));
      expect(refused({}, [stack(outputs), ...others])).toHaveLength(1);
    }
  });
});
