/** The versions that the lab provides. A changed pin rebuilds what depends on it, and nothing else. */
export const pins = {
  /** Same version as `@pulumi/pulumi` in package.json: the engine and the SDK talk the same protocol. */
  pulumi: "v3.259.0",
  livekit: "v1.13.5",
  /** Nothing of the stack needs it: the benchmark and a test compare with it. */
  compose: "v2.40.3",
  /**
   * Versions whose API the stand-in announces: the program's own, those before and after it for upgrades, and the one that
   * the chat app's documents name.
   */
  meilisearch: ["v1.50.0", "v1.49.0", "v1.51.0", "v1.6"],
  /** The tag that the program asks for; what is in it is Debian's nginx. */
  nginx: "1.28.0",
  debianSuite: "bookworm",
  /** The last line that works with the containerd of Debian 12. */
  kubernetes: "v1.34.4",
  coredns: "v1.15.0",
  traefik: "v3.7.13",
  /** The version that Traefik is built with. */
  gatewayApi: "v1.6.1",
  localPathProvisioner: "v0.0.30",
  /** What Debian 12 has. */
  busybox: "1.35",
  kubeRouter: "v2.1.0",
  /** Only end-to-end tests of backups need it: an S3 server. */
  rclone: "v1.76.0",
} as const;

/** The oldest Go that can build LiveKit and the Pulumi CLI: what their `go.mod` files ask for. */
export const minimumGo = { major: 1, minor: 26 } as const;

/** Free space in GiB for the first build: Go's own caches take 3, the lab's cache 1, the rest is headroom. */
export const minimumFreeGiB = 6;

/** The same for Kubernetes: another 7 for Go's caches, 2 for the cluster with its images. */
export const minimumClusterFreeGiB = 10;

/** The mirror listens on 127.0.0.1 only. Not 5000 or 5001: other parts of the product use them. */
export const mirrorPort = 47_700;
