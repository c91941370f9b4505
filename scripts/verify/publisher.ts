import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

export interface Publisher {
  /** How it ended: `code` is not 0 where the server refused it or broke off. */
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>;
  readonly stop: () => Promise<void>;
}

export interface PublisherArgs {
  /** `rtmp://host:1935`, without an application. */
  readonly ingestUrl: string;
  readonly name: string;
  readonly key?: string | undefined;
  readonly encoder: string;
  /** Longest time that it publishes. */
  readonly seconds: number;
}

/** Best first. The last one is always there, but makes a stream that HLS carries as sound only. */
const ENCODERS = ["libx264", "libopenh264", "h264_videotoolbox", "flv"];

/** @returns the best encoder that ffmpeg has here, or undefined where there is no ffmpeg. */
export async function findEncoder(): Promise<string | undefined> {
  const { failed, stdout } = await execa("ffmpeg", ["-hide_banner", "-encoders"], { reject: false, timeout: 30_000 });
  if (failed) return undefined;
  const has = new Set(stdout.split("\n").map((line) => line.trim().split(/\s+/)[1]));
  return ENCODERS.find((encoder) => has.has(encoder));
}

/** Publishes a test picture and a tone in real time, with a key frame each second. */
export async function publish({ ingestUrl, name, key, encoder, seconds }: PublisherArgs): Promise<Publisher> {
  const picture = ["-re", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=15"];
  const sound = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
  const video = ["-c:v", encoder, "-pix_fmt", "yuv420p", "-g", "15"];
  const fast = encoder === "libx264" ? ["-preset", "ultrafast", "-tune", "zerolatency"] : [];

  // Everybody on this machine sees a command's arguments, and ffmpeg repeats its address in errors. So the name and the
  // key come in a preset file that nobody else can read. (ffmpeg cannot open Node's pipes by a path.)
  const folder = await mkdtemp(join(tmpdir(), "nself-verify-"));
  const preset = join(folder, "publish.ffpreset");
  const playpath = key === undefined ? name : `${name}?key=${key}`;
  await writeFile(preset, `rtmp_app=live\nrtmp_playpath=${playpath}\n`, { mode: 0o600 });

  const common = ["-hide_banner", "-loglevel", "error", "-nostdin"];
  const output = ["-t", String(seconds), "-c:a", "aac", "-f", "flv", "-fpre", preset, `${ingestUrl}/live`];
  const process = execa("ffmpeg", [...common, ...picture, ...sound, ...video, ...fast, ...output], {
    stdin: "ignore",
    stdout: "ignore",
    reject: false,
    timeout: (seconds + 10) * 1_000,
    forceKillAfterDelay: 2_000,
  });
  const ended = process
    .then(({ exitCode, stderr, shortMessage }) => ({
      code: exitCode ?? -1,
      reason: stderr.trim().split("\n").at(-1) || shortMessage || "it ended",
    }))
    .finally(() => rm(folder, { recursive: true, force: true }));
  return {
    ended,
    stop: async () => {
      process.kill("SIGTERM");
      await ended;
    },
  };
}
