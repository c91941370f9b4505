import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { execa } from "execa";
import { caFile } from "../../../lab/lab.ts";

/**
 * Node's fetch and LiveKit's native client trust the lab's authority from here on, as a machine does whose operator has
 * added it; the second reads the variable by itself.
 */
export function trustLab(): void {
  setDefaultCACertificates([...getCACertificates("default"), readFileSync(caFile, "utf8")]);
  process.env.SSL_CERT_FILE = caFile;
}

const PICTURE = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=15", "-f", "lavfi", "-i", "sine=frequency=440"];

/**
 * Sends `seconds` of a test picture.
 * @returns whether the server took them
 * @throws Error where it was not the server that refused them: it was not reached, or ffmpeg does not work here
 */
export async function publish(url: string, seconds: number): Promise<boolean> {
  const encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "15", "-c:a", "aac"];
  const { failed, timedOut, stderr, shortMessage } = await execa(
    "ffmpeg",
    ["-loglevel", "error", "-re", ...PICTURE, ...encode, "-t", String(seconds), "-f", "flv", url],
    { reject: false, timeout: 60_000 },
  );
  if (!failed) return true;
  if (timedOut || !isRefusal(stderr ?? "")) throw new Error(`${shortMessage}\n${stderr}`);
  return false;
}

/** A server that refuses a stream shakes hands, hears its name, and breaks off without a word. */
const isRefusal = (errors: string) =>
  /: (Input\/output error|Connection reset by peer)$/m.test(errors) &&
  !/Cannot open connection|Cannot read RTMP handshake/.test(errors);

/** Decodes `seconds` of a stream, as a player does. @returns its pictures */
export async function play(url: string, seconds: number): Promise<number> {
  const trust = ["-tls_verify", "1", "-ca_file", caFile];
  const args = ["-loglevel", "error", "-progress", "-", ...trust, "-i", url, "-t", String(seconds), "-f", "null", "-"];
  const { stdout, stderr } = await execa("ffmpeg", args, { reject: false, timeout: 60_000 });
  const pictures = [...stdout.matchAll(/^frame=(\d+)$/gm)].at(-1)?.[1];
  if (pictures === undefined) throw new Error(`${url} does not play: ${stderr}`);
  return Number(pictures);
}

/** Asks again and again, ten times a second, while `what` goes on. @returns answers and errors other than 200, in order */
export async function complaints(url: string, what: () => Promise<unknown>): Promise<string[]> {
  const done = what().then(() => "done");
  const found: string[] = [];
  for (let ended: unknown; ended !== "done"; ended = await Promise.race([done, pause(100)])) {
    const answer = await fetch(url, { headers: { Connection: "close" } }).catch((error: Error) => error);
    if (answer instanceof Error || answer.status !== 200) {
      found.push(answer instanceof Error ? String(answer.cause ?? answer) : String(answer.status));
    }
  }
  return found;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
