/** Set off by the engine when the user interrupts an update: whatever waits ends its wait. */
import { setTimeout as sleep } from "node:timers/promises";

const controller = new AbortController();

export const cancelled = (): boolean => controller.signal.aborted;
export const cancel = (): void => controller.abort();

/** Returns early when cancelled: the caller looks at `cancelled()`. */
export async function pause(milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: controller.signal }).catch(() => {});
}
