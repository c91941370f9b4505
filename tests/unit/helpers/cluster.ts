import { KubernetesPlatform, type KubernetesPlatformArgs } from "../../../components/kubernetes/platform.ts";
import type { Task, Workload } from "../../../components/workload.ts";
import type { Registered } from "./recorder.ts";

/** A server that needs as little as one can. */
export const WORKLOAD: Workload = {
  name: "server",
  role: "search",
  image: "example/server:v1.0.0",
  user: 65_532,
  ports: [{ name: "http", protocol: "tcp", listen: 8080, publish: 8081, audience: { kind: "web", host: "search" } }],
  probe: { port: 8080, path: "/health", startupBudget: 90 },
  limits: { memory: 128, cpus: "0.5" },
  stopGrace: 7,
};

export const TASK: Task = {
  name: "job",
  role: "search",
  image: "example/server:v1.0.0",
  user: 65_532,
  script: "true",
  limits: { memory: 64, cpus: "0.25" },
  deadline: 300,
};

export const ARGS: KubernetesPlatformArgs = {
  access: {},
  namespaces: { name: "chat", create: true, protection: { protect: false, retain: true } },
  domain: "example.com",
  webHosts: ["search"],
  direct: {
    ingest: { host: "ingest.example.com", annotations: {}, from: ["203.0.113.0/24"] },
    turn: { host: "turn.example.com", annotations: {}, from: ["0.0.0.0/0"] },
  },
  media: { by: "loadBalancer", annotations: {} },
  externalTraffic: "local",
  traffic: { by: "ingress", annotations: {}, certificates: { issuer: "letsencrypt" } },
  neighbours: {
    traffic: { namespace: "traefik", networks: [] },
    monitoring: "monitoring",
    dns: { namespace: "kube-system", addresses: ["169.254.20.10"] },
    frontend: { app: "frontend" },
    clusterDomain: "cluster.local",
  },
  frontendEgress: false,
  storage: { size: () => 20, protection: { protect: false, retain: true } },
  pods: { scratch: () => 512 },
  resolver: "kube-dns.kube-system.svc.cluster.local",
};

export function cluster(change: Partial<KubernetesPlatformArgs> = {}): KubernetesPlatform {
  return new KubernetesPlatform("kubernetes", { ...ARGS, ...change });
}

/** `Deployment` of `kubernetes:apps/v1:Deployment`. */
export const kindOf = ({ type }: Registered) => type.split(":").at(-1) ?? "";

/** The one object of a kind with this name in the program. */
export function registration(registered: readonly Registered[], kind: string, name: string): Registered {
  const found = registered.filter((resource) => kindOf(resource) === kind && resource.name === name);
  if (!found[0] || found.length > 1) {
    throw new Error(
      `There are ${found.length} of ${kind} ${name} among ${registered.map(({ name }) => name).join(", ")}.`,
    );
  }
  return found[0];
}

/** `Kind name` of everything that is made in the cluster, sorted. */
export function objects(registered: readonly Registered[]): string[] {
  return registered
    .filter(({ type, read }) => type.startsWith("kubernetes:") && !read)
    .map((resource) => `${kindOf(resource)} ${resource.name}`)
    .sort();
}

/** Labels of an object of `server`, by its name in the cluster. */
export const labels = (instance: string, name = "server", role = "search") => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/instance": instance,
  "app.kubernetes.io/component": role,
  "app.kubernetes.io/part-of": "nself",
  "app.kubernetes.io/managed-by": "pulumi",
});

/** What selects the pods of a workload. */
export const selector = (name: string) => ({ "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name });
