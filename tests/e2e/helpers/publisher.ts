import { execa } from "execa";

/** ffmpeg sends a test picture and a tone until it is stopped, with a keyframe each second. */
export class Publisher {
  readonly #ffmpeg;

  constructor(url: string) {
    const input = ["-f", "lavfi", "-i", "testsrc=size=640x360:rate=30", "-f", "lavfi", "-i", "sine=frequency=440"];
    const video = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30"];
    const output = ["-c:a", "aac", "-f", "flv", url];
    this.#ffmpeg = execa("ffmpeg", ["-loglevel", "error", "-re", ...input, ...video, ...output], { reject: false });
  }

  async stop(): Promise<void> {
    this.#ffmpeg.kill("SIGTERM");
    await this.#ffmpeg;
  }
}
