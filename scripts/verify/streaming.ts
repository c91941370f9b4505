import { Failure } from "./check.ts";
import { type Request, requester } from "./http.ts";
import { findEncoder } from "./publisher.ts";
import { readStatistics } from "./statistics.ts";
import { checkRefusal, checkStream } from "./streaming-live.ts";
import type { Suite } from "./suite.ts";

export interface StreamingTarget {
  /** `rtmp://host:1935`, without an application. */
  readonly ingestUrl: string;
  readonly hlsUrl: string;
  readonly dashUrl: string;
  /** Absent where statistics stay inside the cluster. */
  readonly statsUrl?: string;
  /** Absent where anybody may publish. */
  readonly publishKey?: string;
  /** One of the origins from which browsers may play. */
  readonly origin?: string;
}

/** Publishes a test stream and plays it, where there is an ffmpeg. */
export async function checkStreaming(suite: Suite, target: StreamingTarget): Promise<void> {
  const { advice } = suite;
  const request = requester(advice, suite.signal);
  const healthy = await suite.check("health", async () => {
    const { status } = await request(new URL("/health", target.hlsUrl).href);
    if (status === 200) return undefined;
    throw new Failure(`GET /health answers ${status}`, `Another server may hold the port. ${advice.otherStack}`);
  });
  if (!healthy) return;

  await checkStatistics(suite, request, target);

  const encoder = await findEncoder();
  if (encoder === undefined) {
    suite.skip(
      "plays a test stream",
      "ffmpeg is not installed",
      `Install it (\`sudo apt-get install ffmpeg\`, \`brew install ffmpeg\`), then ${advice.npm("verify")} plays a whole stream.`,
    );
    return;
  }
  const plays = await checkStream(suite, request, target, encoder);
  // Where the right key does not work either, a refusal proves nothing.
  if (plays && target.publishKey !== undefined) {
    await checkRefusal(suite, request, target, encoder, "with a wrong key", "not-the-key");
    await checkRefusal(suite, request, target, encoder, "without a key", undefined);
  }
}

/** Who watches and from where is nobody's business but the operator's: on a laptop that is who sits before it. */
async function checkStatistics(suite: Suite, request: Request, { statsUrl, hlsUrl }: StreamingTarget): Promise<void> {
  if (statsUrl !== undefined) {
    await suite.check("publishes statistics", async () => {
      const { streams } = await readStatistics(request, statsUrl, suite.advice);
      if (streams.live) return undefined;
      throw new Failure('they lack the application "live"', suite.advice.otherStack);
    });
    return;
  }
  await suite.check("keeps statistics and control inside", async () => {
    for (const path of ["/stat", "/stat.html", "/control"]) {
      const { status } = await request(new URL(path, hlsUrl).href);
      if (status !== 404) throw new Failure(`${path} answers ${status}`, "Take it off the internet: see the Ingress.");
    }
    return undefined;
  });
}
