import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { renderLivekit } from "../../components/rtc-config.ts";
import { readSettings } from "../../components/settings.ts";
import { renderKey, renderNginx, renderOrigins } from "../../components/streaming-config.ts";
import { readTemplate } from "../../components/templates.ts";
import { commandOf, logsOf, withContainer } from "./helpers/throwaway.ts";

const { rtc, streaming } = readSettings({ values: {}, isSecret: () => false });

/** Puts files into a container that does not run yet; the folder's content keeps its paths. */
async function put(id: string, files: Record<string, string>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nchat-files-"));
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, "file");
    writeFileSync(file, content, { mode: 0o644 });
    await execa("docker", ["cp", file, `${id}:${path}`]);
  }
  rmSync(folder, { recursive: true });
}

const CONFIG = { fragment: 2, playlist: 20, record: false, keyNeeded: false };

describe("nginx-rtmp accepts", () => {
  it.each<[string, Record<string, string>]>([
    ["the template as it stands", { "nginx.conf": readTemplate("nginx-rtmp.conf") }],
    ["the default settings", { "nginx.conf": renderNginx(CONFIG) }],
    [
      "every setting at once",
      {
        "nginx.conf": renderNginx({ fragment: 30, playlist: 600, record: true, keyNeeded: true }),
        "origins.map": renderOrigins(["https://chat.example.com", "http://localhost:3000"]),
        "publish-keys.map": renderKey(`Key-_${"x".repeat(200)}`),
      },
    ],
  ])("%s", async (_, files) => {
    const Cmd = [...(await commandOf(streaming.image)), "-t"];
    const folders = { "/var/lib/nginx-rtmp/live": {}, "/var/lib/nginx-rtmp/recordings": {} };
    const options = {
      Image: streaming.image,
      Cmd,
      Volumes: folders,
      HostConfig: { CapDrop: ["ALL"], CapAdd: ["SETGID"] },
    };
    await withContainer(options, async (container) => {
      await put(
        container.id,
        Object.fromEntries(Object.entries(files).map(([name, text]) => [`/etc/nginx/${name}`, text])),
      );
      await container.start();
      const { StatusCode } = await container.wait();
      const logs = await logsOf(container);
      expect(logs).not.toMatch(/\[(warn|error|crit|alert|emerg)\]/);
      expect(StatusCode, logs).toBe(0);
    });
  });
});

describe("LiveKit starts with", () => {
  const turn = {};
  const plain = { ...rtc, turn, port: 7880, nodeAddress: "127.0.0.1" };
  const external = { host: "turn.example.com", port: 3478, secret: "s".repeat(32) };
  it.each<[string, Partial<typeof plain> & { turn?: object }]>([
    ["one UDP port", {}],
    ["a range", { mediaPorts: { first: 50_000, last: 50_100 } }],
    ["its own TURN server over UDP", { turn: { domain: "turn.example.com", udpPort: 3478 } }],
    ["its own TURN server over TLS", { turn: { domain: "turn.example.com", tlsPort: 5349 } }],
    ["an external TURN server", { turn: { external } }],
    ["every other setting changed", { maxParticipants: 7, emptyTimeout: 1, logLevel: "debug" }],
  ])("%s", async (_, change) => {
    expect(await answers(renderLivekit({ ...plain, ...change }))).toBe("");
  });

  it("nothing that it does not know: this check can fail", async () => {
    expect(await answers(`${renderLivekit(plain)}\nnot_a_key: 1\n`)).toContain("not_a_key");
  });

  /** @returns nothing where the server answers, else its log */
  async function answers(config: string): Promise<string> {
    const Env = [`LIVEKIT_KEYS=${"k".repeat(16)}: ${"s".repeat(48)}`];
    const options = { Image: rtc.image, Env, User: "65532:65532", Cmd: ["--config", "/etc/livekit.yaml"] };
    return withContainer({ ...options, HostConfig: { CapDrop: ["ALL"] } }, async (container) => {
      await put(container.id, { "/etc/livekit.yaml": config });
      await container.start();
      for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
        // The server may end between any two questions, and the engine then refuses the next one.
        if (await serves(container).catch(() => false)) return "";
        if (!(await container.inspect()).State.Running) break;
      }
      return logsOf(container);
    });
  }

  async function serves(container: Docker.Container): Promise<boolean> {
    const Cmd = ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:7880/"];
    const exec = await container.exec({ Cmd, AttachStdout: true });
    // The stream ends when the command does.
    await finished((await exec.start({})).resume(), { signal: AbortSignal.timeout(10_000) });
    return (await exec.inspect()).ExitCode === 0;
  }
});
