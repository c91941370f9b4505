import { isIPv4 } from "node:net";

/** A Service of the cluster, as a host names it. */
export interface NameInCluster {
  readonly service: string;
  /** Absent where the name means the namespace of whoever asks. */
  readonly namespace?: string;
  /** False where the name may as well be a domain outside. */
  readonly certain: boolean;
}

/** What a host means to a pod's resolver: `redis`, `redis.data`, `redis.data.svc…`, or undefined for a name outside. */
export function nameInCluster(host: string, clusterDomain: string): NameInCluster | undefined {
  if (isIPv4(host)) return undefined;
  const suffix = `.${clusterDomain}`;
  const labels = (host.endsWith(suffix) ? host.slice(0, -suffix.length) : host).split(".");
  const [service = "", namespace] = labels;
  if (namespace === undefined) return { service, certain: true };
  // `example.com` has the form of `redis.data`, and only DNS knows which it is.
  if (labels.length === 2) return { service, namespace, certain: false };
  // From its end: a pod has a name before its Service's, `redis-0.redis.data.svc`.
  const [inside = "", at = "", svc] = labels.slice(-3);
  return svc === "svc" ? { service: inside, namespace: at, certain: true } : undefined;
}
