/** How waiting for an object ends when it does not end well, in the official provider's words. */
import type { KubernetesObject } from "../kinds.ts";
import { nameOf } from "../kinds.ts";

/** `subErrors` are shown below the message. */
export class AwaitError extends Error {
  readonly subErrors: readonly string[];

  constructor(message: string, subErrors: readonly string[]) {
    super(message);
    this.subErrors = subErrors;
  }
}

export const subErrorsOf = (error: Error): readonly string[] => (error instanceof AwaitError ? error.subErrors : []);

export function timedOut(object: KubernetesObject, reasons: readonly string[]): AwaitError {
  return new AwaitError(`'${nameOf(object)}' timed out waiting to be Ready`, reasons);
}

export function wasCancelled(object: KubernetesObject, reasons: readonly string[]): AwaitError {
  return new AwaitError(`Resource operation was cancelled for "${nameOf(object)}"`, reasons);
}

export function notInitialized(object: KubernetesObject, reasons: readonly string[]): AwaitError {
  return new AwaitError(`Resource '${nameOf(object)}' was created but failed to initialize`, reasons);
}
