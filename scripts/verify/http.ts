import { setTimeout as sleep } from "node:timers/promises";
import type { Advice } from "./advice.ts";
import { Failure } from "./check.ts";

/** Milliseconds for one request, with its answer's body. */
const REQUEST_LIMIT = 5_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly text: string;
}

export type Request = (url: string, init?: RequestInit) => Promise<Answer>;

/** Requests to one server. What keeps an answer from coming is a Failure that says what to do. */
export function requester(advice: Advice, signal?: AbortSignal): Request {
  return async (url, init = {}) => {
    const limit = AbortSignal.timeout(REQUEST_LIMIT);
    try {
      const response = await fetch(url, {
        redirect: "manual",
        ...init,
        signal: signal ? AbortSignal.any([limit, signal]) : limit,
      });
      const body = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, body, text: new TextDecoder().decode(body) };
    } catch (error) {
      throw unreachable(error, new URL(url), advice);
    }
  };
}

/** @returns the first answer of `probe` that is not undefined, or undefined when the milliseconds are over. */
export async function until<T>(
  limit: number,
  probe: () => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const end = performance.now() + limit;
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 500)) {
    const found = await probe();
    if (found !== undefined || performance.now() + pause > end) return found;
    await sleep(pause, undefined, { signal });
  }
}

function unreachable(error: unknown, url: URL, { notRunning }: Advice): Failure {
  const code = codeOf(error);
  const at = `${url.protocol}//${url.host}`;
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: `nothing listens at ${at} (connection refused)`,
    ECONNRESET: `${at} broke off the connection`,
    UND_ERR_SOCKET: `${at} broke off the connection`,
    ENOTFOUND: `the host name ${url.hostname} does not resolve`,
    EAI_AGAIN: `the host name ${url.hostname} does not resolve`,
    TimeoutError: `no answer from ${at} within ${REQUEST_LIMIT / 1_000} s`,
    AbortError: `stopped while waiting for ${at}`,
  };
  const reason = known[code] ?? `no answer from ${at}: ${code}`;
  return new Failure(reason, notRunning);
}

/** The system's code hides in the cause; where several addresses were tried, in the first of several causes. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof AggregateError ? error.cause.errors[0] : error.cause;
  return (
    (cause as NodeJS.ErrnoException | undefined)?.code ?? (error.name === "TypeError" ? error.message : error.name)
  );
}
