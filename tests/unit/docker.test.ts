import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DockerPlatform } from "../../components/docker.ts";
import { EVERY, ONCE } from "../../components/docker-container.ts";
import { namesFor } from "../../components/docker-names.ts";
import { goDecimal, goDuration } from "../../components/docker-text.ts";
import type { Workload } from "../../components/workload.ts";
import { failure, type Registered, recordResources, resolved, settled } from "./helpers/recorder.ts";

const limitProcesses = vi.fn(async () => {});
let registered: Registered[];
beforeEach(async () => {
  limitProcesses.mockClear();
  registered = await recordResources();
});

const WEB = { kind: "web", host: "search" } as const;

const WORKLOAD: Workload = {
  name: "server",
  role: "search",
  image: "example/server:v1",
  user: 65_532,
  ports: [{ name: "http", protocol: "tcp", listen: 80, publish: 8081, audience: WEB }],
  probe: { port: 80, path: "/health", startupBudget: 90 },
  limits: { memory: 128, cpus: "0.5", maxProcesses: 64 },
  stopGrace: 7,
};

function platform(
  host: Partial<{ joinsNetwork: boolean; probesOftenAtStart: boolean; attempts: Record<string, string> }> = {},
) {
  return new DockerPlatform("docker", {
    names: namesFor("nchat"),
    bindAddress: "127.0.0.1",
    hostname: "localhost",
    mediaAddress: "127.0.0.1",
    logSize: 10,
    host: {
      address: "unix:///var/run/docker.sock",
      joinsNetwork: false,
      probesOftenAtStart: true,
      attempts: {},
      limitProcesses,
      ...host,
    },
  });
}

async function container(change: Partial<Workload> = {}, host = {}) {
  const running = platform(host).run({ ...WORKLOAD, ...change }, {});
  await settled();
  return { running, inputs: registered.find(({ type }) => type === "docker:index/container:Container")?.inputs };
}

/** Every field of a workload, and what Docker makes of it: the contract that each platform keeps. */
describe("a workload's field", () => {
  it.each<[string, Partial<Workload>, Record<string, unknown>]>([
    ["name", { name: "other" }, { name: "nchat_other" }],
    ["image", {}, { image: "sha256:server-image" }],
    ["user", { user: 65_532 }, { user: "65532:65532", capabilities: { drops: ["ALL"] } }],
    [
      "user, where a new volume is root's",
      { volumes: [{ name: "data", path: "/data" }] },
      { capabilities: { drops: ["ALL"], adds: ["CAP_SETGID"] } },
    ],
    ["args", { args: ["--config", "/x"] }, { command: ["--config", "/x"] }],
    ["env, in a fixed order", { env: { B: "2", A: "1" } }, { envs: ["A=1", "B=2"] }],
    [
      "credentials, as variables",
      { credentials: [{ variable: "KEY", value: "s", file: { path: "/key", content: "s" } }], env: { A: "1" } },
      { envs: ["A=1", "KEY=s"], uploads: [] },
    ],
    [
      "files",
      { files: [{ path: "/etc/a", content: "x" }] },
      { uploads: [{ file: "/etc/a", content: "x", permissions: "0644" }] },
    ],
    [
      "files, secret",
      { volumes: [{ name: "data", path: "/data" }], files: [{ path: "/etc/a", content: "x", secret: true }] },
      { uploads: [{ file: "/etc/a", content: "x", permissions: "0600" }] },
    ],
    [
      "files, secret, of a user who is not root",
      { user: 1, files: [{ path: "/etc/a", content: "x", secret: true }] },
      { uploads: [{ file: "/etc/a", content: "x", permissions: "0644" }] },
    ],
    ["ports", {}, { ports: [{ internal: 80, external: 8081, protocol: "tcp", ip: "127.0.0.1" }] }],
    [
      "ports, a range of them, sorted",
      {
        ports: [
          { name: "media", protocol: "udp", first: 90, last: 91 },
          { name: "http", protocol: "tcp", listen: 80, publish: 80, audience: WEB },
          { name: "metrics", protocol: "tcp", listen: 81, from: "monitoring" },
        ],
      },
      {
        ports: [
          { internal: 80, external: 80, protocol: "tcp", ip: "127.0.0.1" },
          { internal: 90, external: 90, protocol: "udp", ip: "127.0.0.1" },
          { internal: 91, external: 91, protocol: "udp", ip: "127.0.0.1" },
        ],
      },
    ],
    [
      "volumes",
      { volumes: [{ name: "data", path: "/data" }] },
      { volumes: [{ volumeName: "nchat_data", containerPath: "/data" }] },
    ],
    [
      "probe",
      {},
      {
        wait: true,
        waitTimeout: 90,
        healthcheck: {
          tests: [
            "CMD-SHELL",
            "curl -fsS -o /dev/null http://127.0.0.1:80/health || wget -q -O /dev/null http://127.0.0.1:80/health",
          ],
          timeout: "3s",
          retries: 5,
          startPeriod: "1m30s",
          interval: "10s",
          startInterval: "500ms",
        },
      },
    ],
    ["limits", {}, { memory: 128, memorySwap: 128, cpus: "0.5" }],
    ["stopGrace", {}, { stopTimeout: 7, destroyGraceSeconds: 7 }],
  ])("%s", async (_, change, expected) => {
    expect((await container(change)).inputs).toMatchObject(expected);
  });

  it.each<[string, Partial<Workload>, string]>([
    ["replicas", { replicas: { min: 1, max: 2 } }, "server asks for 2 replicas: Docker runs one container of a name."],
    [
      "certificates",
      { certificates: [{ folder: "/tls", host: "a.example.com", renewal: "restart" }] },
      "server needs certificates that are renewed: Docker has nobody who does that.",
    ],
  ])("%s is refused", async (_, change, message) => {
    await expect(container(change)).rejects.toThrow(message);
  });

  it("limits.maxProcesses, through the engine and as a label that makes a change visible", async () => {
    const { inputs } = await container();
    expect(limitProcesses).toHaveBeenCalledWith("server-id", 64);
    expect(inputs.labels).toContainEqual({ label: "nself.max-processes", value: "64" });
  });
});

describe("every container", () => {
  it("is hardened, labelled, bounded in its log and back after a crash", async () => {
    const { inputs } = await container();
    expect(inputs).toMatchObject({
      securityOpts: ["no-new-privileges:true"],
      restart: "unless-stopped",
      logDriver: "json-file",
      logOpts: { "max-file": "3", "max-size": "10m" },
      networksAdvanced: [{ name: "nchat_network", aliases: ["server"] }],
      labels: [
        { label: "nself.log-size", value: "10" },
        { label: "nself.managed-by", value: "pulumi" },
        { label: "nself.max-processes", value: "64" },
        { label: "nself.project", value: "nchat" },
        { label: "nself.role", value: "search" },
        { label: "nself.service", value: "server" },
        { label: "nself.type", value: "service" },
      ],
    });
  });

  it("has no start interval on an engine that knows none", async () => {
    const { inputs } = await container({}, { probesOftenAtStart: false });
    expect(inputs.healthcheck).toMatchObject({ interval: "2s" });
    expect(inputs.healthcheck).not.toHaveProperty("startInterval");
  });
});

describe("the network", () => {
  it("is made with the labels that Compose looks for", async () => {
    await container();
    expect(registered.find(({ type }) => type.endsWith(":Network"))?.inputs).toEqual({
      name: "nchat_network",
      driver: "bridge",
      labels: [
        { label: "com.docker.compose.network", value: "nchat_network" },
        { label: "com.docker.compose.project", value: "nchat" },
        { label: "nself.managed-by", value: "pulumi" },
        { label: "nself.project", value: "nchat" },
      ],
    });
  });
});

describe("a task", () => {
  const TASK = {
    name: "job",
    role: "search" as const,
    image: "example/server:v1",
    user: 65_532,
    script: "true",
    limits: { memory: 64, cpus: "0.5" },
    deadline: 300,
  };
  const DATA = { name: "data", path: "/data" };
  const jobs = () => registered.find(({ name }) => name === "job")?.inputs;

  it("is a container that ends, without the right to anything", async () => {
    platform().run(WORKLOAD, {}).runTask(TASK, {});
    await settled();
    expect(jobs()).toMatchObject({
      name: "nchat_job",
      entrypoints: ["sh", "-c", ONCE],
      command: ["once", "300", "true"],
      attach: true,
      mustRun: false,
      restart: "no",
      capabilities: { drops: ["ALL"] },
      user: "65532:65532",
    });
    expect(registered.filter(({ type }) => type.endsWith(":RemoteImage"))).toHaveLength(1);
  });

  it("gets its files, and the volumes of its server", async () => {
    platform()
      .run({ ...WORKLOAD, volumes: [DATA] }, {})
      .runTask({ ...TASK, files: [{ path: "/etc/plan", content: "plan" }], volumes: [DATA] }, {});
    await settled();
    expect(jobs()).toMatchObject({
      uploads: [{ file: "/etc/plan", content: "plan", permissions: "0644" }],
      volumes: [{ volumeName: "nchat_data", containerPath: "/data" }],
      capabilities: { drops: ["ALL"], adds: ["CAP_SETGID"] },
    });
  });

  it("works on no volume that its server does not have", async () => {
    const running = platform().run(WORKLOAD, {});
    expect(() => running.runTask({ ...TASK, volumes: [DATA] }, {})).toThrow("job works on data, which no server has.");
    await settled();
  });

  it("comes after its server, or before it", async () => {
    platform()
      .run({ ...WORKLOAD, before: { ...TASK, name: "first" } }, {})
      .runTask(TASK, {});
    await settled();
    const dependsOn = (name: string) => registered.find((resource) => resource.name === name)?.options.dependsOn;
    expect(dependsOn("server")).toContain("Container first");
    expect(dependsOn("first")).not.toContain("Container server");
    expect(dependsOn("job")).toContain("Container server");
  });

  it.each([
    [3, "failed with exit code 3"],
    [124, "was not done within 300 s"],
    [143, "was not done within 300 s"],
  ])("that ends with %i stops the server that waits for it, with its log", async (exitCode, what) => {
    const failed = () => ({ exitCode, containerLogs: "no dump" });
    registered = await recordResources({ "docker:index/container:Container": failed });
    const error = await failure(() => platform().run({ ...WORKLOAD, before: TASK }, {}));
    expect((error as Error).message).toContain(`job ${what}:\nno dump`);
    expect(registered.map(({ name }) => name)).not.toContain("server");
  });

  it("that is scheduled sleeps between its runs", async () => {
    platform().run(WORKLOAD, {}).schedule(TASK, 6, {});
    await settled();
    expect(jobs()).toMatchObject({
      entrypoints: ["sh", "-c", EVERY],
      command: ["every", "21600", "300", "true"],
      restart: "unless-stopped",
      capabilities: { drops: ["ALL"] },
    });
    expect(jobs()).not.toHaveProperty("mustRun");
  });

  it("that failed before is told apart from the attempt that failed", async () => {
    platform({ attempts: { job: "0a1b2c" } })
      .run(WORKLOAD, {})
      .runTask(TASK, {});
    await settled();
    expect(jobs().labels).toContainEqual({ label: "nself.attempt", value: "0a1b2c" });
  });
});

it("a secret that a platform keeps is refused: Docker keeps none", async () => {
  expect(() => platform().existingSecret("keys")).toThrow("Docker keeps no secrets: keys cannot be read from it.");
  await settled();
});

it("processes that cannot be limited stop the run, with what to do", async () => {
  limitProcesses.mockRejectedValueOnce(new Error("no such container"));
  const error = await failure(() => platform().run(WORKLOAD, {}));
  expect((error as Error).message).toContain(
    "The processes of server-id cannot be limited: no such container. If the container was removed by hand, bring it back: pulumi up --refresh",
  );
});

describe("an endpoint", () => {
  it("is where clients reach the port", async () => {
    const { running } = await container();
    expect(running.endpoint("http")).toEqual({ host: "localhost", port: 8081, secure: false });
    expect(running.internalAddress("http")).toBe("server:80");
    expect(() => running.endpoint("metrics")).toThrow("server has no port named metrics.");
    expect(await resolved(pulumi.output(running.ready.urn))).toContain("Container::server");
  });
});

describe("text as Go prints it", () => {
  it.each([
    [3, "3s"],
    [60, "1m0s"],
    [90, "1m30s"],
    [180, "3m0s"],
    [3600, "1h0m0s"],
    [3661, "1h1m1s"],
  ])("%i seconds are %s", (seconds, text) => expect(goDuration(seconds)).toBe(text));

  it.each([
    ["1", "1.0"],
    ["2", "2.0"],
    ["0.5", "0.5"],
    ["0.25", "0.25"],
    ["1.5", "1.5"],
    ["10", "10."],
    ["11", "11.0"],
  ])("%s processors are %s", (cpus, text) => expect(goDecimal(cpus)).toBe(text));

  it.each(["0.01", "0.05", "10.05"])("%s processors are refused: they would become another number", (cpus) => {
    expect(() => goDecimal(cpus)).toThrow(`${cpus} processors cannot be written for Docker's provider`);
  });
});
