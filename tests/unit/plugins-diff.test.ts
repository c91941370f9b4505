import { describe, expect, it } from "vitest";
import { containerFields } from "../../lab/plugins/docker/container-schema.ts";
import { checkProperties } from "../../lab/plugins/shared/check.ts";
import { diffProperties, planUpdate } from "../../lab/plugins/shared/diff.ts";
import { type Properties, UNKNOWN, withoutDefaults } from "../../lab/plugins/shared/properties.ts";

const base = { name: "web", image: "sha256:1" };
const filled = (given: Properties) => withoutDefaults(checkProperties(containerFields, { ...base, ...given }).inputs);
const diff = (state: Properties, given: Properties) =>
  diffProperties(containerFields, { ...filled(given), ...state }, filled(given)).map(
    ({ path, kind, replace }) => `${kind}${replace ? " and replace" : ""} ${path}`,
  );

describe("what shows as a change of a container", () => {
  it.each<[string, Properties, Properties, string[]]>([
    ["swap that Docker derived from the memory limit", { memorySwap: 128 }, { memory: 64 }, ["delete memorySwap"]],
    ["swap that was given", { memorySwap: -1 }, { memory: 64, memorySwap: -1 }, []],
    [
      "a duration that Go writes otherwise",
      { healthcheck: { interval: "1m0s", timeout: "0s", startPeriod: "0s", startInterval: "0s" } },
      { healthcheck: { interval: "60s" } },
      ["update healthcheck.interval"],
    ],
    ["an image's own working directory and user", { workingDir: "/data", user: "app" }, {}, []],
    ["an image's own command and health check", { command: ["a"], healthcheck: { tests: ["x"] } }, {}, []],
    [
      "a command in another order",
      { command: ["a", "b"] },
      { command: ["b", "a"] },
      ["update and replace command[0]", "update and replace command[1]"],
    ],
    ["variables in another order", { envs: ["A=1", "B=2"] }, { envs: ["B=2", "A=1"] }, []],
    ["another variable", { envs: ["A=1"] }, { envs: ["A=2"] }, ["update and replace envs"]],
    ["a variable that only the update will know", { envs: ["A=1"] }, { envs: [UNKNOWN] }, ["update and replace envs"]],
    [
      "a capability without its prefix",
      { capabilities: { adds: ["CAP_KILL"], drops: [] } },
      { capabilities: { adds: ["KILL"] } },
      ["update and replace capabilities.adds"],
    ],
    ["CPUs as the official provider writes them", { cpus: "1.0" }, { cpus: "1" }, ["update and replace cpus"]],
    ["a stopped container", { mustRun: false }, {}, ["update mustRun"]],
    ["the image's user where none is asked for", { user: "1000" }, { user: "" }, []],
    ["a network mode that was not asked for", { networkMode: "host" }, {}, ["update and replace networkMode"]],
    [
      "an upload with its defaults written out",
      { uploads: [{ file: "/a", content: "x", executable: false, permissions: "" }] },
      { uploads: [{ file: "/a", content: "x" }] },
      [],
    ],
  ])("%s", (_what, state, given, expected) => {
    expect(diff(state, given)).toEqual(expected);
  });
});

describe("what an update in place leaves in the state", () => {
  it("keeps what is computed and drops what is not", () => {
    const state = { ...filled({}), memorySwap: 128, hostname: "abc", bridge: "" };
    const planned = planUpdate(containerFields, state, filled({ memory: 64 }));
    expect(planned).toMatchObject({ memory: 64, hostname: "abc", bridge: "" });
    expect(planned).not.toHaveProperty("memorySwap");
  });
});

describe("what Check refuses", () => {
  it.each<[string, Properties, string, string]>([
    [
      "a property that is not implemented",
      { gpus: "all" },
      "gpus",
      '"gpus" is not implemented by this stand-in: leave it out, or use the official plugin',
    ],
    [
      "one inside another",
      { ports: [{ internal: 1, foo: 2 }] },
      "ports[0].foo",
      '"ports[0].foo" is not implemented by this stand-in: leave it out, or use the official plugin',
    ],
    [
      "a missing one",
      { ports: [{ external: 1 }] },
      "ports[0].internal",
      'Missing required argument "ports[0].internal"',
    ],
    ["another type", { memory: "64" }, "memory", '"memory" must be a number'],
    [
      "a duration that Go does not know",
      { healthcheck: { interval: "1 minute" } },
      "healthcheck.interval",
      "'1 minute' is not a valid duration",
    ],
    [
      "a restart policy that Docker does not know",
      { restart: "never" },
      "restart",
      '"never" does not match ^(no|on-failure|always|unless-stopped)$',
    ],
  ])("%s", (_what, given, property, reason) => {
    expect(checkProperties(containerFields, { ...base, ...given }).failures).toEqual([{ property, reason }]);
  });

  it("takes what only the update will know", () => {
    expect(checkProperties(containerFields, { ...base, memory: UNKNOWN, ports: [UNKNOWN] }).failures).toEqual([]);
  });
});
