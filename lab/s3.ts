import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { builtAlone } from "./build/judges-cache.ts";
import { rclone } from "./build/rclone.ts";
import { LabError } from "./errors.ts";
import { runDirectory } from "./paths.ts";
import { terminalProgress } from "./progress.ts";
import { lastLines } from "./run.ts";

const readyWithinMs = 30_000;
const stopWithinMs = 10_000;

export interface S3Options {
  /** Of this machine, such as a bridge's, so that containers reach it. */
  readonly address: string;
  readonly port: number;
  /** Neither this nor the secret may have a comma: rclone takes no quoting. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The one bucket that there is. */
  readonly bucket: string;
  /** Where objects are kept, as files below `folder/bucket`. Changes made there by hand are seen after a second. */
  readonly folder: string;
}

export interface S3Server {
  /** `http://address:port`; the bucket is part of the path. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts rclone's S3 server, built on first use: for tests, which end it. It judges signatures, in any region, but neither
 * `x-amz-content-sha256` nor permissions.
 * @throws LabError when it cannot be built, or ends before it answers: the port may be taken.
 */
export async function startS3(options: S3Options): Promise<S3Server> {
  const { address, port, accessKeyId, secretAccessKey, bucket, folder } = options;
  const endpoint = `http://${address}:${port}`;
  if (await answers(endpoint)) {
    throw new LabError(`Another server answers at ${endpoint}.`, "Stop it, or choose another port.");
  }
  const command = join(await builtAlone(rclone, terminalProgress()), "rclone");
  await mkdir(join(folder, bucket), { recursive: true });
  await mkdir(runDirectory, { recursive: true });
  const logFile = join(runDirectory, `s3-${port}.log`);
  const log = openSync(logFile, "w");
  const child = spawn(command, ["serve", "s3", "--addr", `${address}:${port}`, "--dir-cache-time", "1s", folder], {
    stdio: ["ignore", log, log],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      // No settings of the user's.
      RCLONE_CONFIG: "/dev/null",
      // A list in CSV.
      RCLONE_AUTH_KEY: `"${`${accessKeyId},${secretAccessKey}`.replaceAll('"', '""')}"`,
    },
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  const ended = once(child, "exit");
  const running = () => child.exitCode === null && child.signalCode === null;
  const atExit = () => child.kill();
  process.once("exit", atExit);

  const stop = async () => {
    process.off("exit", atExit);
    const overdue = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
    if (running()) child.kill();
    await ended;
    clearTimeout(overdue);
  };

  for (const end = Date.now() + readyWithinMs; !(await answers(endpoint)); await sleep(100)) {
    if (running() && Date.now() < end) continue;
    await stop();
    throw new LabError(
      `The S3 server did not start at ${endpoint}. The end of its log:\n${lastLines((await readFile(logFile, "utf8")) || "(empty)")}`,
      "See that this machine has the address, and that nothing else listens there.",
    );
  }
  return { endpoint, stop };
}

const answers = (endpoint: string) =>
  fetch(endpoint, { signal: AbortSignal.timeout(5000) }).then(
    () => true,
    () => false,
  );
