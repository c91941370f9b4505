/** The versions that the lab provides. A changed pin rebuilds what depends on it, and nothing else. */
export const pins = {
  /** Same version as `@pulumi/pulumi` in package.json: the engine and the SDK talk the same protocol. */
  pulumi: "v3.259.0",
  livekit: "v1.13.5",
  /** Nothing of the stack needs it: the benchmark and a test compare with it. */
  compose: "v2.40.3",
  /** Versions whose API the stand-in announces: the program's own, and the one that the chat app's documents name. */
  meilisearch: ["v1.50.0", "v1.6"],
  debianSuite: "bookworm",
} as const;

/** The oldest Go that can build LiveKit and the Pulumi CLI: what their `go.mod` files ask for. */
export const minimumGo = { major: 1, minor: 26 } as const;

/** Free space in GiB for the first build: Go's own caches take 3, the lab's cache 1, the rest is headroom. */
export const minimumFreeGiB = 6;

/** The mirror listens on 127.0.0.1 only. Not 5000 or 5001: other parts of the product use them. */
export const mirrorPort = 47_700;
