import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "./helpers/call.ts";
import { Checkout, ok } from "./helpers/checkout.ts";
import { containerId, containerNames, docker, healthy, resetEngine } from "./helpers/engine.ts";

/** One developer's day, in order: each step finds what the one before left. */
let checkout: Checkout;
beforeAll(async () => {
  await resetEngine();
  checkout = await Checkout.create();
});
afterAll(() => checkout.remove());

const SERVERS = ["nchat_livekit", "nchat_meilisearch", "nchat_rtmp"];

/** Stores a document in an index that outlives the steps below. */
async function search(method: string, path: string, body?: unknown) {
  const { searchUrl, searchMasterKey } = await checkout.outputs();
  const answer = await fetch(`${searchUrl}${path}`, {
    method,
    headers: { Authorization: `Bearer ${searchMasterKey}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const documentIsThere = async () => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { status, body } = await search("GET", "/indexes/kept/documents/1").catch(() => ({ status: 0, body: {} }));
    if (status === 200) return body;
    if (Date.now() > deadline) return { status };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

describe("npm run up", () => {
  it("brings the three services up, in the lab where nothing else can be reached", async () => {
    const ran = await checkout.npm("up", "--yes");
    const { all } = ran;
    expect(all).toContain("http://localhost:7700");
    expect(all).toContain("ws://localhost:7880");
    expect(all).toContain("Next: npm run verify");
    ok(ran);
    expect(await containerNames()).toEqual([
      "nchat_livekit",
      "nchat_meilisearch",
      "nchat_meilisearch-setup",
      "nchat_meilisearch-upgrade",
      "nchat_rtmp",
    ]);
  });

  it("leaves git clean", async () => {
    const { stdout } = await checkout.run("git", ["status", "--porcelain", "--", ":!node_modules"]);
    expect(stdout.split("\n").filter((line) => !line.startsWith("A  "))).toEqual([]);
  });

  it("shows no secret, neither in its text nor in the state's file", async () => {
    const { searchMasterKey = "", rtcApiSecret = "" } = await checkout.outputs();
    expect(searchMasterKey).toHaveLength(48);
    expect(rtcApiSecret).toHaveLength(48);
    const { all } = await checkout.npm("up", "--yes");
    const { stdout } = await checkout.run("grep", ["-rlE", `${searchMasterKey}|${rtcApiSecret}`, ".local"]);
    expect(all).not.toContain(searchMasterKey);
    expect(all).not.toContain(rtcApiSecret);
    expect(stdout).toBe("");
  });

  it("bounds every server: loopback ports, memory, processes, no privileges", async () => {
    for (const name of SERVERS) {
      const { HostConfig } = await docker.getContainer(name).inspect();
      expect(HostConfig).toMatchObject({
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges:true"],
        RestartPolicy: { Name: "unless-stopped" },
        LogConfig: { Type: "json-file", Config: { "max-file": "3", "max-size": "10m" } },
      });
      expect(HostConfig.PidsLimit).toBeGreaterThan(0);
      expect(HostConfig.Memory).toBeGreaterThan(0);
      const bindings = Object.values(HostConfig.PortBindings as Record<string, { HostIp: string }[]>).flat();
      expect(new Set(bindings.map(({ HostIp }) => HostIp))).toEqual(new Set(["127.0.0.1"]));
    }
  });
});

describe("what runs", () => {
  it("passes verify", async () => {
    const ran = await checkout.npm("verify");
    const { all } = ran;
    expect(all).toContain("Checking MeiliSearch (port 7700)... ✓ OK");
    expect(all).toContain("Checking LiveKit (port 7880)... ✓ OK");
    expect(all).toContain("Checking RTMP Stats (port 8088)... ✓ OK");
    expect(all).toContain("✓ plays a test stream");
    expect(all).toContain("✓ All services are running and healthy!");
    ok(ran);
  });

  it("carries a call with sound and pictures over one UDP port", async () => {
    const { rtcUrl = "", rtcApiKey = "", rtcApiSecret = "" } = await checkout.outputs();
    const received = await call({ url: rtcUrl, apiKey: rtcApiKey, apiSecret: rtcApiSecret }, 20);
    expect(received.audio).toBeGreaterThanOrEqual(20);
    expect(received.video).toBeGreaterThanOrEqual(20);
  });

  it("is what the second preview expects", async () => {
    const ran = await checkout.npm("preview", "--expect-no-changes");
    expect(ran.all).toMatch(/\d+ unchanged/);
    ok(ran);
  });
});

describe("npm run env", () => {
  it("writes its block, keeps other lines, and changes nothing the second time", async () => {
    const file = join(checkout.path, "app.env");
    writeFileSync(file, "MINE=1\n# a comment\n");
    ok(await checkout.npm("env", "--out", "app.env"));
    const first = readFileSync(file, "utf8");
    expect(first).toMatch(/^MINE=1\n# a comment\n\n# >>> nself-chat services/);
    expect(first).toContain("\nNEXT_PUBLIC_HLS_BASE_URL=http://localhost:8088/hls\n");
    expect(first).toMatch(/^MEILISEARCH_MASTER_KEY=\w{48}$/m);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    await checkout.npm("env", "--out", "app.env");
    expect(readFileSync(file, "utf8")).toBe(first);

    await checkout.npm("env", "--out", "app.env", "--public-only");
    expect(readFileSync(file, "utf8")).not.toMatch(/MASTER_KEY|API_SECRET/);
  });
});

describe("a change of configuration", () => {
  it("replaces one container and keeps the data", async () => {
    expect((await search("POST", "/indexes/kept/documents", [{ id: 1, text: "kept" }])).status).toBe(202);
    expect(await documentIsThere()).toEqual({ id: 1, text: "kept" });

    const before = await Promise.all(SERVERS.map(containerId));
    checkout.configure({ "search:memory": 1024, "streaming:memory": 320 });
    ok(await checkout.npm("up", "--yes"));
    const after = await Promise.all(SERVERS.map(containerId));
    expect(SERVERS.filter((_, index) => before[index] !== after[index])).toEqual(["nchat_rtmp"]);

    checkout.configure({ "search:image": "getmeili/meilisearch:v1.50.0", "search:cpus": "0.5" });
    ok(await checkout.npm("up", "--yes"));
    expect(await containerId("nchat_meilisearch")).not.toBe(before[1]);
    expect(await documentIsThere()).toEqual({ id: 1, text: "kept" });
  });
});

describe("accidents", () => {
  it.each(SERVERS)("kill -9 of %s heals", async (name) => {
    const { State } = await docker.getContainer(name).inspect();
    const now = Date.now();
    await execa("kill", ["-9", String(State.Pid)]);
    await healthy(name, now);
  });

  it("a restart of the Docker daemon heals", async () => {
    const now = Date.now();
    ok(await checkout.npm("lab", "down"));
    await expect(docker.ping()).rejects.toThrow();
    ok(await checkout.npm("lab", "up"));
    for (const name of SERVERS) await healthy(name, now);
    expect(await documentIsThere()).toEqual({ id: 1, text: "kept" });
    ok(await checkout.npm("verify"));
  });

  it("a container that somebody removed comes back", async () => {
    await docker.getContainer("nchat_livekit").remove({ force: true });
    ok(await checkout.npm("up", "--yes"));
    await healthy("nchat_livekit");
  });
});

describe("publishing with a key", () => {
  it("is refused without it, and the key shows nowhere", async () => {
    checkout.configure({ "streaming:publish": "key" });
    ok(await checkout.npm("up", "--yes"));
    const ran = await checkout.npm("verify");
    const { all } = ran;
    const { publishKey = "" } = await checkout.outputs();
    expect(all).toContain("✓ plays a test stream");
    expect(all).toMatch(/✓ .*wrong key/);
    ok(ran);

    const logs = (await docker.getContainer("nchat_rtmp").logs({ stdout: true, stderr: true })).toString();
    const stat = await (await fetch("http://localhost:8088/stat")).text();
    expect(publishKey).toHaveLength(32);
    expect(logs + stat + all).not.toContain(publishKey);
  });
});

describe("npm run down", () => {
  it("asks first", async () => {
    const { exitCode, all } = await checkout.npm("down");
    expect(all).toContain("There is no terminal to ask on. Add --yes to go ahead without a question.");
    expect(exitCode).toBe(1);
    expect(await containerNames()).toContain("nchat_rtmp");
  });

  it("removes containers and the network, and keeps the data", async () => {
    const ran = await checkout.npm("down", "--yes");
    ok(ran);
    expect(ran.all).toContain("Data stays in nchat_meilisearch_data, nchat_rtmp_hls_data, nchat_rtmp_recordings.");
    expect(await containerNames()).toEqual([]);
    expect((await docker.listNetworks()).map(({ Name }) => Name)).not.toContain("nchat_network");
  });

  it("finds the data again", async () => {
    ok(await checkout.npm("up", "--yes"));
    expect(await documentIsThere()).toEqual({ id: 1, text: "kept" });
  });

  it("removes the data when it is told to, and nothing is left", async () => {
    ok(await checkout.npm("down", "--yes", "--volumes"));
    expect(await containerNames()).toEqual([]);
    expect(((await docker.listVolumes()).Volumes ?? []).map(({ Name }) => Name)).toEqual([]);
  });
});
