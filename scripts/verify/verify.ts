import type { AdviceOnAll } from "./advice.ts";
import type { Check, Progress, Service } from "./check.ts";
import { InOrder } from "./in-order.ts";
import { checkRtc, type RtcTarget } from "./rtc.ts";
import { checkSearch, type SearchTarget } from "./search.ts";
import { checkStreaming, type StreamingTarget } from "./streaming.ts";
import { Suite } from "./suite.ts";

export type { Check, Progress, Service } from "./check.ts";

/** What to check, from the stack's outputs; a service that is switched off is undefined. */
export interface Target {
  readonly search?: SearchTarget | undefined;
  readonly rtc?: RtcTarget | undefined;
  readonly streaming?: StreamingTarget | undefined;
}

export interface VerifyOptions {
  /** Milliseconds for everything, 60,000 by default; what still runs then has failed. */
  readonly limit?: number | undefined;
  /** Ends the checks early. What they have made is removed all the same. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Uses each service as the app would. The services are checked at the same time and reported one after the other.
 * Nothing stays behind but, where `streaming:record` is on, a recording called `verify-…`. A service that does not work
 * is a failed check, never an exception.
 */
export async function verify(
  target: Target,
  advice: AdviceOnAll,
  progress: (event: Progress) => void = () => {},
  { limit = 60_000, signal }: VerifyOptions = {},
): Promise<Check[]> {
  const deadline = AbortSignal.timeout(limit);
  const end = signal ? AbortSignal.any([deadline, signal]) : deadline;
  const secrets = secretsOf(target);
  const checks: Check[] = [];
  const inOrder = new InOrder<Progress>((event) => {
    if (event.kind === "check") checks.push(event.check);
    progress(event);
  });
  await Promise.all(
    partsOf(target).map(async ({ service, url, usualPort, run }) => {
      const line = inOrder.line();
      const port = url === undefined ? usualPort : portOf(url);
      const suite = new Suite({ service, port, advice: advice[service], progress: line.push, signal: end, secrets });
      if (run) await run(suite);
      else suite.skip("health", "switched off");
      line.close();
    }),
  );
  return checks;
}

interface Part {
  readonly service: Service;
  readonly url: string | undefined;
  /** Told of a service that is switched off. */
  readonly usualPort: number;
  readonly run: ((suite: Suite) => Promise<void>) | undefined;
}

function partsOf({ search, rtc, streaming }: Target): Part[] {
  return [
    {
      service: "MeiliSearch",
      url: search?.url,
      usualPort: 7700,
      run: search && ((suite) => checkSearch(suite, search)),
    },
    {
      service: "LiveKit",
      url: rtc?.url,
      usualPort: 7880,
      run: rtc && ((suite) => checkRtc(suite, rtc)),
    },
    {
      service: "RTMP Stats",
      url: streaming?.hlsUrl,
      usualPort: 8088,
      run: streaming && ((suite) => checkStreaming(suite, streaming)),
    },
  ];
}

function secretsOf({ search, rtc, streaming }: Target): string[] {
  const all = [search?.masterKey, rtc?.apiSecret, streaming?.publishKey];
  return all.filter((secret) => secret !== undefined).filter((secret) => secret !== "");
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return Number(port || (/^(https|wss):$/.test(protocol) ? 443 : 80));
}
