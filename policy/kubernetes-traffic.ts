import {
  kindOf,
  list,
  missing,
  object,
  type Properties,
  type Resource,
  type ResourceRule,
  text,
  UNKNOWN,
} from "./rule.ts";

/** Ports of servers that trust whoever reaches them, or all but. */
const DATABASES: Readonly<Record<number, string>> = {
  1433: "SQL Server",
  2379: "etcd",
  3306: "MySQL",
  5432: "PostgreSQL",
  5984: "CouchDB",
  6379: "Redis",
  9042: "Cassandra",
  9200: "Elasticsearch",
  11211: "memcached",
  27017: "MongoDB",
};

const RTMP = new Set([1935, 1936]);

const isOpen = (range: unknown) => range === "0.0.0.0/0" || range === "::/0";

/** Reached from outside of the cluster. */
function publicPorts({ props }: Resource): number[] {
  const { type, externalIPs, ports } = object(props.spec);
  const isPublic = type === "LoadBalancer" || type === "NodePort" || list(externalIPs).length > 0;
  return isPublic ? list(ports).flatMap((port) => ofPort(object(port))) : [];
}

const ofPort = ({ port, targetPort }: Properties) => [port, targetPort].filter((each) => typeof each === "number");

export const trafficRules: readonly ResourceRule[] = [
  {
    name: "kubernetes-database-private",
    description: "Databases are reached inside of the cluster only.",
    level: "mandatory",
    check(resource) {
      if (kindOf(resource) !== "Service") return [];
      const found = publicPorts(resource).flatMap((port) => DATABASES[port] ?? []);
      return [...new Set(found)].map((name) => `${name} would be public. Give the Service the type ClusterIP`);
    },
  },
  {
    name: "kubernetes-rtmp-sources",
    description: "Whoever may publish over RTMP comes from networks that are named.",
    level: "advisory",
    check(resource) {
      if (kindOf(resource) !== "Service" || !publicPorts(resource).some((port) => RTMP.has(port))) return [];
      const ranges = object(resource.props.spec).loadBalancerSourceRanges;
      if (ranges === UNKNOWN || (list(ranges).length > 0 && !list(ranges).some(isOpen))) return [];
      return ["RTMP ingest is open to the whole internet. Name the publishers' networks in loadBalancerSourceRanges"];
    },
  },
  {
    name: "kubernetes-tls",
    description: "What comes from outside over HTTP is encrypted: each host of an Ingress, each listener of a Gateway.",
    level: "mandatory",
    check(resource) {
      const spec = object(resource.props.spec);
      if (kindOf(resource) === "Ingress") return ingressProblems(spec);
      if (kindOf(resource) !== "Gateway") return [];
      return list(spec.listeners).flatMap((listener) => {
        const { name, protocol } = object(listener);
        return protocol === "HTTP"
          ? [`the listener ${name} is not encrypted. Give it the protocol HTTPS, and tls`]
          : [];
      });
    },
  },
];

function ingressProblems({ tls, rules }: Properties): string[] {
  if (tls === UNKNOWN) return [];
  const secured = list(tls).flatMap((entry) => list(object(entry).hosts));
  if (list(rules).length === 0) return list(tls).length > 0 ? [] : ["it has no tls. Name its certificate in spec.tls"];
  return list(rules).flatMap((rule) => {
    const { host } = object(rule);
    if (missing(host)) return ["a rule has no host, so that no certificate can be for it. Name the host"];
    if (host === UNKNOWN || secured.some((other) => other === UNKNOWN || covers(text(other), String(host)))) return [];
    return [`${String(host)} is not in spec.tls. Name it there, with the Secret of its certificate`];
  });
}

/** `*.example.com` is for one more name in front. */
function covers(certificate: string | undefined, host: string): boolean {
  if (certificate === host) return true;
  return certificate?.startsWith("*.") === true && host.split(".").slice(1).join(".") === certificate.slice(2);
}
