import { Readable } from "node:stream";
import type Docker from "dockerode";
import { describe, expect, it } from "vitest";
import { pullImage, RegistryUnreachable } from "../../scripts/lib/engine.ts";
import { Failure } from "../../scripts/lib/failure.ts";

/** An engine whose pull reports these events, or fails with this message. */
function engine(events: readonly object[], failure?: string): Docker {
  const followProgress = (_: unknown, done: (error: Error | null) => void, event: (value: object) => void) => {
    for (const value of events) event(value);
    done(failure === undefined ? null : new Error(failure));
  };
  return { pull: async () => Readable.from([]), modem: { followProgress } } as unknown as Docker;
}

const failing = (message: string) => pullImage(engine([], message), "a/b:v1", () => {});

describe("pulling an image", () => {
  it("tells the share that has arrived, over all layers", async () => {
    const shares: number[] = [];
    const layer = (id: string, current: number) => ({ id, progressDetail: { current, total: 100 } });
    await pullImage(engine([layer("a", 50), layer("b", 50), layer("a", 100)]), "a/b:v1", (share) => shares.push(share));
    expect(shares).toEqual([50, 50, 75]);
  });

  it.each([
    [
      "write /var/lib/docker/tmp/x: no space left on device",
      /^The disk is full: a\/b:v1 could not be unpacked .*docker system prune$/s,
    ],
    [
      "manifest for a/b:v1 not found: manifest unknown",
      /^The registry has no image a\/b:v1 that you may pull: .*docker login$/s,
    ],
    ["pull access denied for a/b", /^The registry has no image a\/b:v1 that you may pull: .*docker login$/s],
  ])("%s is a mistake that the user can mend", async (message, sentence) => {
    await expect(failing(message)).rejects.toThrow(sentence);
    await expect(failing(message)).rejects.toBeInstanceOf(Failure);
  });

  it("anything else is a registry that does not answer: the lab may help", async () => {
    await expect(failing("dial tcp: lookup registry: no such host")).rejects.toBeInstanceOf(RegistryUnreachable);
  });
});
