import type { Advice } from "./advice.ts";
import { type Check, Failure, type Progress, type Service, Skipped } from "./check.ts";

export interface SuiteArgs {
  readonly service: Service;
  readonly port: number;
  readonly advice: Advice;
  readonly progress: (event: Progress) => void;
  /** Ends what still runs. */
  readonly signal: AbortSignal;
  /** Never printed: servers and tools like to repeat in their errors what they were sent. */
  readonly secrets: readonly string[];
}

/** The checks of one service, one after the other. */
export class Suite {
  readonly signal: AbortSignal;
  readonly advice: Advice;
  readonly #args: SuiteArgs;
  readonly #stopped: Promise<never>;

  constructor(args: SuiteArgs) {
    this.#args = args;
    this.signal = args.signal;
    this.advice = args.advice;
    this.#stopped = rejectOnAbort(args.signal, args.advice);
    this.#stopped.catch(() => {});
    args.progress({ kind: "service", service: args.service, port: args.port });
  }

  /** Makes one check; `work` answers what it saw, or throws. Never throws itself: answers whether it passed. */
  async check(name: string, work: () => Promise<string | undefined>): Promise<boolean> {
    return this.#record(name, () => Promise.race([work(), this.#stopped]));
  }

  /** As `check`, for what must also be done when the time is up; `work` has bounds of its own. */
  async cleanUp(name: string, work: () => Promise<string | undefined>): Promise<boolean> {
    return this.#record(name, work);
  }

  skip(name: string, detail: string, advice?: string): void {
    this.#tell(name, 0, { status: "skipped", detail, advice });
  }

  async #record(name: string, work: () => Promise<string | undefined>): Promise<boolean> {
    const began = performance.now();
    const outcome = await work().then(
      (detail): Outcome => ({ status: "passed", detail }),
      (error: unknown): Outcome => outcomeOf(error, this.advice),
    );
    this.#tell(name, Math.round(performance.now() - began), outcome);
    return outcome.status === "passed";
  }

  #tell(name: string, milliseconds: number, { status, detail, advice }: Outcome): void {
    const { service, port, progress } = this.#args;
    const told = { ...(detail && { detail: this.#redact(detail) }), ...(advice && { advice }) };
    progress({ kind: "check", check: { service, port, name, status, ...told, milliseconds } });
  }

  #redact(text: string): string {
    return this.#args.secrets.reduce((safe, secret) => safe.replaceAll(secret, "[secret]"), text);
  }
}

interface Outcome {
  readonly status: Check["status"];
  readonly detail?: string | undefined;
  readonly advice?: string | undefined;
}

function outcomeOf(error: unknown, { seeLogs }: Advice): Outcome {
  if (error instanceof Skipped) return { status: "skipped", detail: error.message, advice: error.advice };
  if (error instanceof Failure) return { status: "failed", detail: error.message, advice: error.advice };
  const detail = error instanceof Error ? error.message : String(error);
  return { status: "failed", detail, advice: seeLogs };
}

/** Also ends libraries that take no signal. */
function rejectOnAbort(signal: AbortSignal, advice: Advice): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () =>
      reject(
        new Failure(
          "stopped before it was done",
          `See whether the machine is overloaded, and run ${advice.npm("verify")} again.`,
        ),
      );
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
