import type { ClusterObject } from "../../../components/kubernetes/cluster.ts";

export const OWN = "v1 Namespace nself-chat";
const OURS = { "app.kubernetes.io/part-of": "nself", "app.kubernetes.io/managed-by": "pulumi" };

export const ours = (name: string): ClusterObject => ({
  metadata: { name, labels: { ...OURS, "any.example.com/other": "1" } },
});
export const stranger = (name: string): ClusterObject => ({
  metadata: { name, labels: { "app.kubernetes.io/managed-by": "Helm" } },
});
export const namespace = (level?: string): ClusterObject => ({
  metadata: { labels: { ...OURS, ...(level ? { "pod-security.kubernetes.io/enforce": level } : {}) } },
});
export const secret = (...keys: string[]): ClusterObject => ({
  data: Object.fromEntries(keys.map((key) => [key, "dmFsdWU="])),
});
/** A Service's pods, by where they listen. */
export const endpoints = (...ports: number[]): ClusterObject => ({
  subsets: [{ ports: ports.map((port) => ({ port })) }],
});

/** What our servers are, and how each is switched off. */
export const SERVERS = [
  ["meilisearch", "search:enabled"],
  ["livekit", "rtc:enabled"],
  ["rtmp", "streaming:enabled"],
  ["rtmp-edge", "streaming:enabled"],
] as const;
export const SERVED_BY = ["v1 Service", "apps/v1 StatefulSet", "apps/v1 Deployment"] as const;
