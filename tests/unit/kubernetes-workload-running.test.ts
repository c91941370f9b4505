import { beforeEach, describe, expect, it } from "vitest";
import type { Workload } from "../../components/workload.ts";
import { labels, objects, selector, TASK } from "./helpers/cluster.ts";
import { find, inputs, record, registered } from "./helpers/recorded.ts";
import { container, DATA, HTTP, type Made, NAMES, pod, type Rows, run, set } from "./helpers/workload.ts";

beforeEach(() => record());

/** The fields of a workload that say how it is run. What it is made of: kubernetes-workload.test.ts. */
const FIELDS: Rows<Workload, Exclude<keyof Workload, Made>> = {
  ports: [
    [
      "of the container",
      {
        ports: [
          HTTP,
          { name: "ingest", protocol: "tcp", listen: 1936, publish: 443, audience: { kind: "direct", host: "ingest" } },
          { name: "media", protocol: "udp", listen: 7882, publish: 7882, audience: { kind: "media" } },
          { name: "metrics", protocol: "tcp", listen: 81, from: "monitoring" },
        ],
      },
      () => container().ports,
      [
        { name: "http", containerPort: 8080, protocol: "TCP" },
        { name: "ingest", containerPort: 1936, protocol: "TCP" },
        { name: "media", containerPort: 7882, protocol: "UDP" },
        { name: "metrics", containerPort: 81, protocol: "TCP" },
      ],
    ],
    [
      "of TCP, inside the cluster",
      {
        ports: [
          HTTP,
          { name: "media", protocol: "udp", listen: 7882, publish: 7882, audience: { kind: "media" } },
          { name: "metrics", protocol: "tcp", listen: 81, from: "monitoring" },
        ],
      },
      () => inputs("Service", "server"),
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
          name: "server",
          namespace: "chat",
          labels: labels("server"),
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          type: "ClusterIP",
          selector: selector("server"),
          ports: [
            { name: "http", port: 8080, targetPort: "http", protocol: "TCP" },
            { name: "metrics", port: 81, targetPort: "metrics", protocol: "TCP" },
          ],
        },
      },
    ],
    [
      "direct ones, at the number that clients use",
      {
        ports: [
          { name: "http", protocol: "tcp", listen: 8080, from: ["edge"] },
          { name: "ingest", protocol: "tcp", listen: 1936, publish: 443, audience: { kind: "direct", host: "ingest" } },
        ],
      },
      () => inputs("Service", "server-public"),
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "server-public", namespace: "chat", labels: labels("server-public") },
        spec: {
          type: "LoadBalancer",
          externalTrafficPolicy: "Local",
          loadBalancerSourceRanges: ["203.0.113.0/24"],
          selector: selector("server"),
          ports: [{ name: "ingest", port: 443, targetPort: "ingest", protocol: "TCP" }],
        },
      },
    ],
  ],
  volumes: [
    [
      "a claim of its own",
      { volumes: [DATA] },
      () => inputs("PersistentVolumeClaim", "search-data"),
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: {
          name: "search-data-server-0",
          namespace: "chat",
          labels: labels("search-data-server-0"),
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "20Gi" } } },
      },
    ],
    [
      "which is the one that the set looks for",
      { volumes: [DATA] },
      () => [set().volumeClaimTemplates, set().persistentVolumeClaimRetentionPolicy, container().volumeMounts.at(-1)],
      [
        [
          {
            metadata: { name: "search-data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "20Gi" } } },
          },
        ],
        { whenDeleted: "Retain", whenScaled: "Retain" },
        { name: "search-data", mountPath: "/data" },
      ],
    ],
    [
      "disposable ones are the node's, counted among its disk",
      { volumes: [{ name: "cache_data", path: "/cache", disposable: true }] },
      () => [pod().volumes.at(-1), container().volumeMounts.at(-1), container().resources.limits["ephemeral-storage"]],
      [
        { name: "cache-data", emptyDir: { sizeLimit: "512Mi" } },
        { name: "cache-data", mountPath: "/cache" },
        // 128 of /tmp, 512 of the volume, 256 of logs.
        "896Mi",
      ],
    ],
    [
      "disposable ones are no claims",
      { volumes: [{ name: "cache_data", path: "/cache", disposable: true }] },
      () => [objects(registered).filter((name) => name.startsWith("Persistent")), Object.keys(set()).sort()],
      [[], ["replicas", "selector", "serviceName", "template"]],
    ],
  ],
  probe: [
    [
      "of start, readiness and life",
      { probe: { port: 81, path: "/ready", startupBudget: 61 } },
      () => [container().startupProbe, container().readinessProbe, container().livenessProbe],
      [
        { httpGet: { path: "/ready", port: 81 }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 31 },
        { httpGet: { path: "/ready", port: 81 }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
        { tcpSocket: { port: 81 }, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 },
      ],
    ],
    [
      "an update waits as long as a start may take",
      { probe: { port: 81, path: "/ready", startupBudget: 600 } },
      () => inputs("StatefulSet", "server").metadata.annotations["pulumi.com/timeoutSeconds"],
      "787",
    ],
  ],
  limits: [
    [
      "memory in full, processors by half",
      { limits: { memory: 2048, cpus: "2" } },
      () => container().resources,
      {
        requests: { cpu: "1", memory: "2Gi", "ephemeral-storage": "384Mi" },
        limits: { cpu: "2", memory: "2Gi", "ephemeral-storage": "384Mi" },
      },
    ],
    [
      "as the API writes them back",
      { limits: { memory: 1536, cpus: "0.25" } },
      () => container().resources,
      {
        requests: { cpu: "125m", memory: "1536Mi", "ephemeral-storage": "384Mi" },
        limits: { cpu: "250m", memory: "1536Mi", "ephemeral-storage": "384Mi" },
      },
    ],
    [
      "parts of a processor, rounded up",
      { limits: { memory: 128, cpus: "0.01" } },
      () => [container().resources.requests.cpu, container().resources.limits.cpu],
      ["5m", "10m"],
    ],
  ],
  stopGrace: [["of the pod", { stopGrace: 1800 }, () => pod().terminationGracePeriodSeconds, 1800]],
  replicas: [
    [
      "one is a set, so that there are never two",
      { replicas: { min: 1, max: 1 } },
      () => [set().replicas, set().serviceName, inputs("Service", "server-headless").spec],
      [
        1,
        "server-headless",
        {
          clusterIP: "None",
          selector: selector("server"),
          ports: [{ name: "http", port: 8080, targetPort: "http", protocol: "TCP" }],
        },
      ],
    ],
    [
      "a number of them is a Deployment that never has fewer",
      { replicas: { min: 3, max: 3 } },
      () => {
        const { replicas, strategy, revisionHistoryLimit } = inputs("Deployment", "server").spec;
        return { replicas, strategy, revisionHistoryLimit };
      },
      {
        replicas: 3,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        revisionHistoryLimit: 3,
      },
    ],
    [
      "a number of them is not counted by load",
      { replicas: { min: 3, max: 3 } },
      () => objects(registered).filter((name) => /Autoscaler|headless|StatefulSet/.test(name)),
      [],
    ],
    [
      "they keep apart where they can",
      { replicas: { min: 3, max: 3 } },
      () => {
        const { affinity, topologySpreadConstraints, containers, ...spec } = inputs("Deployment", "server").spec
          .template.spec;
        const grace = spec.terminationGracePeriodSeconds;
        return { affinity, topologySpreadConstraints, lifecycle: containers[0].lifecycle, grace };
      },
      {
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                podAffinityTerm: {
                  labelSelector: { matchLabels: selector("server") },
                  topologyKey: "kubernetes.io/hostname",
                },
              },
            ],
          },
        },
        lifecycle: { preStop: { exec: { command: ["sleep", "5"] } } },
        // The sleep comes on top of what the server may take.
        grace: 12,
        topologySpreadConstraints: [
          {
            labelSelector: { matchLabels: selector("server") },
            maxSkew: 1,
            topologyKey: "topology.kubernetes.io/zone",
            whenUnsatisfiable: "ScheduleAnyway",
          },
        ],
      },
    ],
    [
      "between two numbers it is the load that counts",
      { replicas: { min: 2, max: 5 } },
      () => ["replicas" in inputs("Deployment", "server").spec, inputs("HorizontalPodAutoscaler", "server")],
      [
        false,
        {
          apiVersion: "autoscaling/v2",
          kind: "HorizontalPodAutoscaler",
          metadata: { name: "server", namespace: "chat", labels: labels("server") },
          spec: {
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "server" },
            minReplicas: 2,
            maxReplicas: 5,
            metrics: [
              { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
            ],
            behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
          },
        },
      ],
    ],
  ],
  // Each kind of destination and of port: kubernetes-network.test.ts.
  reaches: [
    [
      "opened, and nothing else",
      { reaches: [{ kind: "workload", name: "other", port: 81 }] },
      () => inputs("NetworkPolicy", "server").spec.egress.slice(NAMES),
      [{ to: [{ podSelector: { matchLabels: selector("other") } }], ports: [{ protocol: "TCP", port: 81 }] }],
    ],
  ],
  // On the network of its node: kubernetes-media.test.ts.
  before: [
    [
      "has ended before the server is touched",
      { before: TASK, volumes: [DATA] },
      () => [find("StatefulSet", "server").options.dependsOn, find("Job", "job").options.dependsOn],
      [
        expect.arrayContaining(["Job job"]),
        ["Namespace chat", "NetworkPolicy job", "PersistentVolumeClaim search-data", "ServiceAccount job"],
      ],
    ],
  ],
  hostAddressVariable: [["none, and there is none", {}, () => container().env, []]],
};

describe.each(Object.entries(FIELDS))("a workload's %s", (_field, rows) => {
  it.each(rows)("%s", async (_what, change, look, expected) => {
    await run(change);
    expect(look()).toEqual(expected);
  });
});
