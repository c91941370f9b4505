import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import { execa } from "execa";
import { renderLivekit } from "../components/rtc-config.ts";
import { readSettings } from "../components/settings.ts";
import { renderNginx } from "../components/streaming-config.ts";
import { dockerCompose } from "../lab/build/compose.ts";
import { cached } from "../lab/cache.ts";
import { withLock } from "../lab/lock.ts";
import { terminalProgress } from "../lab/progress.ts";
import { type Contestant, inTurns, table } from "./rounds.ts";
import { Workspace } from "./workspace.ts";

/** From nothing to healthy with the images present, against Compose with the same services. */
export async function up(env: NodeJS.ProcessEnv, rounds: number): Promise<string> {
  const progress = terminalProgress();
  const compose = join(await withLock(progress, () => cached(dockerCompose, progress)), "docker-compose");
  const files = configuration();
  const workspace = new Workspace(env);
  const cwd = await workspace.project();
  try {
    await workspace.pulumi(cwd, "stack", "init", "dev");
    return table(
      await inTurns(
        [
          composeWith("Compose, probes every 2 s as ours", compose, files, "2s"),
          composeWith("Compose, probes every 10 s", compose, files, "10s"),
          {
            name: "this project (pulumi up)",
            run: () => workspace.pulumi(cwd, "up", "--yes", "--skip-preview", "--stack", "dev"),
            reset: async () => {
              await workspace.pulumi(cwd, "destroy", "--yes", "--skip-preview", "--stack", "dev");
              await removeKept();
            },
          },
        ],
        rounds,
      ),
    );
  } finally {
    workspace.remove();
    rmSync(files, { recursive: true });
  }
}

function composeWith(name: string, compose: string, files: string, interval: string): Contestant {
  const file = join(files, `compose-${interval}.yaml`);
  const template = readFileSync(fileURLToPath(new URL("compose.yaml", import.meta.url)), "utf8");
  writeFileSync(file, template.replace("interval: 2s", `interval: ${interval}`));
  const env = { BENCH_FILES: files, BENCH_SECRET: randomBytes(24).toString("hex") };
  const run = async (...args: string[]) => {
    await execa(compose, ["--file", file, ...args], { env });
  };
  return { name, run: () => run("up", "--detach", "--wait"), reset: () => run("down", "--volumes") };
}

/** The same files that our stack gives its servers. */
function configuration(): string {
  const { rtc, streaming } = readSettings({ values: {}, isSecret: () => false });
  const folder = mkdtempSync(join(tmpdir(), "nchat-bench-files-"));
  const livekit = renderLivekit({ ...rtc, port: rtc.port, nodeAddress: "127.0.0.1", turn: {} });
  writeFileSync(join(folder, "livekit.yaml"), livekit);
  writeFileSync(join(folder, "nginx.conf"), renderNginx({ ...streaming, keyNeeded: false }));
  return folder;
}

/** A destroy keeps volumes and the network; Compose's `down --volumes` does not. */
async function removeKept(): Promise<void> {
  const docker = new Docker();
  for (const name of ["nchat_meilisearch_data", "nchat_rtmp_hls_data", "nchat_rtmp_recordings"]) {
    await docker.getVolume(name).remove();
  }
  await docker.getNetwork("nchat_network").remove();
}
