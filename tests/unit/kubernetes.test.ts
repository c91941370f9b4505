import { beforeEach, describe, expect, it, vi } from "vitest";
import type { KubernetesPlatformArgs } from "../../components/kubernetes/platform.ts";
import type { Workload } from "../../components/workload.ts";
import { ARGS, cluster, labels, objects, selector, WORKLOAD } from "./helpers/cluster.ts";
import { find, inputs, record, registered } from "./helpers/recorded.ts";
import { resolved, settled } from "./helpers/recorder.ts";
import { DATA, HTTP, pod, run } from "./helpers/workload.ts";

beforeEach(() => record());

describe("a workload is refused", () => {
  it.each<[string, Partial<Workload>, string, Partial<KubernetesPlatformArgs>?]>([
    [
      "that limits its processes",
      { limits: { memory: 128, cpus: "1", maxProcesses: 64 } },
      "server limits its processes: on Kubernetes only a node can do that, for all of its pods.",
    ],
    [
      "that asks a load balancer for a range",
      { ports: [HTTP, { name: "media", protocol: "udp", first: 50_000, last: 50_100 }] },
      "server asks for a range of ports, which a load balancer does not have.",
    ],
    [
      "with two ports for browsers",
      { ports: [HTTP, { ...HTTP, name: "admin", listen: 8082 }] },
      "server has more than one port for browsers: a host leads to one.",
    ],
    [
      "that shares its data",
      { volumes: [DATA], replicas: { min: 1, max: 2 } },
      "server asks for 2 replicas: its data is on one volume, for one server.",
    ],
  ])("%s", async (_, change, message) => {
    const platform = cluster();
    expect(() => platform.run({ ...WORKLOAD, ...change }, {})).toThrow(new Error(message));
    await settled();
    expect(objects(registered)).toEqual(["Namespace chat", "NetworkPolicy nself-default-deny"]);
  });

  it("not where what it shares is disposable", async () => {
    await run({ volumes: [{ ...DATA, disposable: true }], replicas: { min: 1, max: 2 } });
    expect(objects(registered)).toContain("Deployment server");
  });
});

describe("every server", () => {
  it("is exactly this", async () => {
    await run();
    expect(inputs("StatefulSet", "server")).toEqual({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: {
        name: "server",
        namespace: "chat",
        labels: labels("server"),
        annotations: {
          // 90 to start, 7 to stop, 180 to be scheduled and to pull.
          "pulumi.com/timeoutSeconds": "277",
          "checkov.io/skip1": "CKV_K8S_43=Pinned by version; a digest is set by the setting of this image",
        },
      },
      spec: {
        replicas: 1,
        serviceName: "server-headless",
        selector: { matchLabels: selector("server") },
        template: {
          metadata: { labels: labels("server") },
          spec: {
            serviceAccountName: "server",
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 7,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65_532,
              runAsGroup: 65_532,
              fsGroup: 65_532,
              fsGroupChangePolicy: "OnRootMismatch",
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
              {
                name: "server",
                image: "example/server:v1.0.0",
                imagePullPolicy: "Always",
                terminationMessagePolicy: "FallbackToLogsOnError",
                env: [],
                ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
                resources: {
                  requests: { cpu: "250m", memory: "128Mi", "ephemeral-storage": "384Mi" },
                  limits: { cpu: "500m", memory: "128Mi", "ephemeral-storage": "384Mi" },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  privileged: false,
                  readOnlyRootFilesystem: true,
                  runAsNonRoot: true,
                  runAsUser: 65_532,
                  runAsGroup: 65_532,
                  capabilities: { drop: ["ALL"] },
                  seccompProfile: { type: "RuntimeDefault" },
                },
                startupProbe: {
                  httpGet: { path: "/health", port: 8080 },
                  periodSeconds: 2,
                  timeoutSeconds: 2,
                  failureThreshold: 45,
                },
                readinessProbe: {
                  httpGet: { path: "/health", port: 8080 },
                  periodSeconds: 5,
                  timeoutSeconds: 3,
                  failureThreshold: 3,
                },
                livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 },
                volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
              },
            ],
            volumes: [{ name: "tmp", emptyDir: { sizeLimit: "128Mi" } }],
          },
        },
      },
    });
  });

  it("has an account without a token, and leaves one at a time", async () => {
    await run();
    expect(inputs("ServiceAccount", "server")).toEqual({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "server", namespace: "chat", labels: labels("server") },
      automountServiceAccountToken: false,
    });
    expect(inputs("PodDisruptionBudget", "server")).toEqual({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "server", namespace: "chat", labels: labels("server") },
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: selector("server") },
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    });
  });

  it("starts when its account, its firewall and its data are there, and is reached when it is ready", async () => {
    await run({ volumes: [DATA] });
    expect(find("StatefulSet", "server").options.dependsOn).toEqual([
      "Namespace chat",
      "NetworkPolicy server",
      "PersistentVolumeClaim search-data",
      "ServiceAccount server",
    ]);
    expect(find("Ingress", "server").options.dependsOn).toEqual([
      "Namespace chat",
      "Service server",
      "StatefulSet server",
    ]);
  });

  it("comes after what it is told to come after", async () => {
    const platform = cluster();
    const first = platform.run({ ...WORKLOAD, name: "first" }, {});
    platform.run(WORKLOAD, { dependsOn: first.ready });
    await settled();
    expect(find("StatefulSet", "server").options.dependsOn).toContain("Ingress first");
  });

  it("takes what the platform says of all pods", async () => {
    const pods = { ...ARGS.pods, priorityClass: "high", pullSecret: "registry" };
    await run({}, { pods });
    expect(pod()).toMatchObject({ priorityClassName: "high", imagePullSecrets: [{ name: "registry" }] });
  });
});

describe("an endpoint", () => {
  const PORTS: Workload["ports"] = [
    HTTP,
    {
      name: "ingest",
      protocol: "tcp",
      listen: 1936,
      publish: 444,
      audience: { kind: "direct", host: "ingest", secure: true },
    },
    { name: "turn", protocol: "udp", listen: 3478, publish: 3479, audience: { kind: "direct", host: "turn" } },
    { name: "media", protocol: "udp", listen: 7882, publish: 7882, audience: { kind: "media" } },
    { name: "metrics", protocol: "tcp", listen: 81, from: "monitoring" },
  ];

  it.each([
    ["http", { host: "search.example.com", port: 443, secure: true }],
    ["ingest", { host: "ingest.example.com", port: 444, secure: true }],
    ["turn", { host: "turn.example.com", port: 3479, secure: false }],
  ])("of %s is where clients reach it", async (port, expected) => {
    expect((await run({ ports: PORTS })).endpoint(port)).toEqual(expected);
  });

  it.each([
    ["media", "A media server tells its clients where it is by itself."],
    ["metrics", "server has no port named metrics."],
    ["other", "server has no port named other."],
  ])("of %s there is none", async (port, message) => {
    const running = await run({ ports: PORTS });
    expect(() => running.endpoint(port)).toThrow(new Error(message));
  });

  it("inside the cluster has the number on which the server listens", async () => {
    const running = await run({ ports: PORTS });
    expect(running.internalAddress("http")).toBe("server.chat.svc.cluster.local:8080");
    expect(running.internalAddress("metrics")).toBe("server.chat.svc.cluster.local:81");
    expect(() => running.internalAddress("other")).toThrow(new Error("server has no port named other."));
  });

  it("is known when the server is reached there", async () => {
    const { ready } = await run();
    expect(await resolved(ready.urn)).toContain("Ingress::server");
    const inside = cluster().run(
      { ...WORKLOAD, name: "inside", ports: [{ name: "http", protocol: "tcp", listen: 1, from: ["server"] }] },
      {},
    );
    expect(await resolved(inside.ready.urn)).toContain("StatefulSet::inside");
    await settled();
  });
});

describe("the cluster", () => {
  it("is reached through a provider of the stack's own", async () => {
    cluster({ access: { kubeconfig: "/home/me/.kube/prod", context: "prod" } });
    await settled();
    expect(inputs("kubernetes", "kubernetes")).toEqual({
      namespace: "chat",
      kubeconfig: "/home/me/.kube/prod",
      context: "prod",
      enableServerSideApply: "true",
      upsertExistingObjects: "true",
      enablePatchForce: "true",
    });
  });

  it("is found as kubectl finds it where nothing is said", async () => {
    vi.stubEnv("KUBECONFIG", undefined);
    cluster();
    await settled();
    expect(inputs("kubernetes", "kubernetes")).toEqual({
      namespace: "chat",
      enableServerSideApply: "true",
      upsertExistingObjects: "true",
      enablePatchForce: "true",
    });
  });

  it("gets a namespace where every pod is restricted", async () => {
    cluster();
    await settled();
    expect(inputs("Namespace", "chat")).toEqual({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "chat",
        labels: {
          "app.kubernetes.io/name": "chat",
          "app.kubernetes.io/instance": "chat",
          "app.kubernetes.io/part-of": "nself",
          "app.kubernetes.io/managed-by": "pulumi",
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
      },
    });
  });

  it("or one that is there is joined", async () => {
    await run({}, { namespaces: { ...ARGS.namespaces, create: false } });
    expect(objects(registered).filter((name) => name.startsWith("Namespace"))).toEqual([]);
    expect(inputs("StatefulSet", "server").metadata.namespace).toBe("chat");
  });
});
