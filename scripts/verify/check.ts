/** The names under which the chat app's own documentation lists the services. */
export type Service = "MeiliSearch" | "LiveKit" | "RTMP Stats";

/** One thing that was tried. The first of each service is called `health`. */
export interface Check {
  readonly service: Service;
  readonly port: number;
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** What was seen; for a failure, what is wrong. */
  readonly detail?: string;
  /** What to do about it. */
  readonly advice?: string;
  readonly milliseconds: number;
}

/** What happens while the checks run: a service comes up, and then its checks end one by one. */
export type Progress =
  | { readonly kind: "service"; readonly service: Service; readonly port: number }
  | { readonly kind: "check"; readonly check: Check };

/** The service is up and does not do what it should. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** The check could not be made here, which says nothing about the service. */
export class Skipped extends Failure {}
