/** Waiting for the engine to let go of something. */
import { cancelled, pause } from "../shared/cancel.ts";
import { daemonText, statusCodeOf } from "./client.ts";

const RELEASE_SECONDS = 30;

/** Tries again while the engine says `busy`, as the official provider does when a container is still going down. */
export async function removeWhenFree(remove: () => Promise<unknown>, busy: string): Promise<void> {
  const until = Date.now() + RELEASE_SECONDS * 1000;
  for (;;) {
    try {
      await remove();
      return;
    } catch (error) {
      if (statusCodeOf(error) === 404) return;
      const text = daemonText(error);
      if (!text.toLowerCase().includes(busy)) throw new Error(text);
      if (Date.now() >= until || cancelled()) {
        const reason = `timeout while waiting for state to become 'removed' (timeout: ${RELEASE_SECONDS}s)`;
        throw new Error(`${reason}: ${text}`);
      }
    }
    await pause(1000);
  }
}
