import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { KubernetesPlatformArgs } from "../../components/kubernetes/platform.ts";
import type { Task, Workload } from "../../components/workload.ts";
import { ARGS, cluster, labels, objects, registration, selector, TASK, WORKLOAD } from "./helpers/cluster.ts";
import { type Registered, recordResources, resolved, settled } from "./helpers/recorder.ts";

let registered: Registered[];
beforeEach(async () => {
  registered = await recordResources();
});

const find = (kind: string, name: string) => registration(registered, kind, name);
const inputs = (kind: string, name: string) => find(kind, name).inputs;

async function run(change: Partial<Workload> = {}, args: Partial<KubernetesPlatformArgs> = {}) {
  const running = cluster(args).run({ ...WORKLOAD, ...change }, {});
  await settled();
  return running;
}

async function runTask(change: Partial<Task> = {}, args: Partial<KubernetesPlatformArgs> = {}) {
  const done = cluster(args)
    .run(WORKLOAD, {})
    .runTask({ ...TASK, ...change }, {});
  await settled();
  return done;
}

/** What the API is asked for a server, where it is the only one. */
const set = () => inputs("StatefulSet", "server").spec;
const pod = () => set().template.spec;
const container = () => pod().containers[0];
const jobPod = () => inputs("Job", "job").spec.template.spec;
const jobContainer = () => jobPod().containers[0];

/** Rules of a policy for asking for names; those for what a workload reaches come after them. */
const NAMES = 2;
const WEB = { kind: "web", host: "search" } as const;
const HTTP = { name: "http", protocol: "tcp", listen: 8080, publish: 8081, audience: WEB } as const;
const DATA = { name: "search_data", path: "/data" };
const CREDENTIAL = {
  variable: "KEY",
  value: "value",
  file: { path: "/run/key", content: "content", args: ["--key", "/run/key"], env: { KEY_FILE: "/run/key" } },
};
/** Where a hash of the content stands: `kubernetes-names.test.ts` looks into it. */
const named = (name: string) => expect.stringMatching(new RegExp(`^${name}-[0-9a-f]{10}$`));

/** What it is about, a change, where to look, and what has to be there. */
type Row<T> = readonly [string, Partial<T>, () => unknown, unknown];

/** Every field of a workload, and what Kubernetes makes of it: the contract that each platform keeps. */
const WORKLOAD_FIELDS: Readonly<Record<keyof Workload, readonly Row<Workload>[]>> = {
  name: [
    [
      "objects",
      { name: "other" },
      () => objects(registered),
      [
        "Ingress other",
        "Namespace chat",
        "NetworkPolicy nself-default-deny",
        "NetworkPolicy other",
        "PodDisruptionBudget other",
        "Service other",
        "Service other-headless",
        "ServiceAccount other",
        "StatefulSet other",
      ],
    ],
    [
      "the account",
      { name: "other" },
      () => inputs("StatefulSet", "other").spec.template.spec.serviceAccountName,
      "other",
    ],
    [
      "the selector",
      { name: "other" },
      () => inputs("StatefulSet", "other").spec.selector,
      { matchLabels: selector("other") },
    ],
  ],
  role: [
    [
      "a label of the object",
      { role: "rtc" },
      () => inputs("StatefulSet", "server").metadata.labels,
      labels("server", "server", "rtc"),
    ],
    ["a label of its pods", { role: "rtc" }, () => set().template.metadata.labels, labels("server", "server", "rtc")],
  ],
  image: [
    ["of the container", { image: "a/b:v2.0.0" }, () => container().image, "a/b:v2.0.0"],
    [
      "a tag is remarked on for scanners",
      {},
      () => inputs("StatefulSet", "server").metadata.annotations,
      {
        "pulumi.com/timeoutSeconds": "277",
        "checkov.io/skip1": "CKV_K8S_43=Pinned by version; a digest is set by the setting of this image",
      },
    ],
    [
      "a digest is not",
      { image: `a/b@sha256:${"0".repeat(64)}` },
      () => inputs("StatefulSet", "server").metadata.annotations,
      { "pulumi.com/timeoutSeconds": "277" },
    ],
  ],
  user: [
    [
      "of the pod and of its volumes",
      { user: 1234 },
      () => pod().securityContext,
      {
        runAsNonRoot: true,
        runAsUser: 1234,
        runAsGroup: 1234,
        fsGroup: 1234,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
    ],
    [
      "of the container",
      { user: 1234 },
      () => container().securityContext,
      {
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: 1234,
        runAsGroup: 1234,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
      },
    ],
  ],
  args: [
    ["of the container", { args: ["--config", "/x"] }, () => container().args, ["--config", "/x"]],
    // The kubelet expands `$(NAME)`, and takes `$$` for `$`.
    ["as they are", { args: ["$(HOME)", "$$"] }, () => container().args, ["$$(HOME)", "$$$$"]],
    ["none, and the image's own are used", {}, () => "args" in container() || "command" in container(), false],
  ],
  env: [
    [
      "in a fixed order",
      { env: { B: "2", A: "1" } },
      () => container().env,
      [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    ],
    [
      "a value that is known later",
      { env: { A: pulumi.output("later") } },
      () => container().env,
      [{ name: "A", value: "later" }],
    ],
  ],
  credentials: [
    [
      "a file of a Secret",
      { credentials: [CREDENTIAL] },
      () => inputs("Secret", "server-secrets"),
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: named("server-secrets"), namespace: "chat", labels: labels(named("server-secrets")) },
        type: "Opaque",
        stringData: { "run.key": "content" },
        immutable: true,
      },
    ],
    [
      "mounted alone",
      { credentials: [CREDENTIAL] },
      () => container().volumeMounts.at(-1),
      { name: "secrets", mountPath: "/run/key", subPath: "run.key", readOnly: true },
    ],
    [
      "which the pod's group may read, and nobody else",
      { credentials: [CREDENTIAL] },
      () => pod().volumes.at(-1),
      { name: "secrets", secret: { secretName: named("server-secrets"), defaultMode: 0o440 } },
    ],
    [
      "what makes the server read it, behind its own arguments",
      { credentials: [CREDENTIAL], args: ["--config", "/x"] },
      () => container().args,
      ["--config", "/x", "--key", "/run/key"],
    ],
    [
      "no variable but the file's",
      { credentials: [CREDENTIAL], env: { Z: "1" } },
      () => container().env,
      [
        { name: "KEY_FILE", value: "/run/key" },
        { name: "Z", value: "1" },
      ],
    ],
  ],
  files: [
    [
      "plain ones in a ConfigMap",
      { files: [{ path: "/etc/nginx/nginx.conf", content: "x" }] },
      () => inputs("ConfigMap", "server-config"),
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: named("server-config"), namespace: "chat", labels: labels(named("server-config")) },
        data: { "etc.nginx.nginx.conf": "x" },
        immutable: true,
      },
    ],
    [
      "secret ones in a Secret, with the credentials",
      {
        files: [
          { path: "/etc/a", content: "x", secret: true },
          { path: "/etc/b", content: "y" },
        ],
        credentials: [CREDENTIAL],
      },
      () => [inputs("Secret", "server-secrets").stringData, inputs("ConfigMap", "server-config").data],
      [{ "etc.a": "x", "run.key": "content" }, { "etc.b": "y" }],
    ],
    [
      "each at its path",
      {
        files: [
          { path: "/etc/a", content: "x", secret: true },
          { path: "/etc/b", content: "y", secret: false },
        ],
      },
      () => [container().volumeMounts.slice(1), pod().volumes.slice(1)],
      [
        [
          { name: "config", mountPath: "/etc/b", subPath: "etc.b", readOnly: true },
          { name: "secrets", mountPath: "/etc/a", subPath: "etc.a", readOnly: true },
        ],
        [
          { name: "config", configMap: { name: named("server-config") } },
          { name: "secrets", secret: { secretName: named("server-secrets"), defaultMode: 0o440 } },
        ],
      ],
    ],
    ["none, and there is neither", {}, () => pod().volumes, [{ name: "tmp", emptyDir: { sizeLimit: "128Mi" } }]],
  ],
  // The watcher beside the server has a file of tests of its own: kubernetes-certificates.test.ts.
  certificates: [
    [
      "in their folder",
      { certificates: [{ folder: "/tls", host: "a.example.com", renewal: "restart" }] },
      () => [container().volumeMounts.at(-1), pod().volumes.at(-1)],
      [
        { name: "certificate", mountPath: "/tls", readOnly: true },
        { name: "certificate", secret: { secretName: "server-server-tls", defaultMode: 0o440 } },
      ],
    ],
  ],
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

describe.each(Object.entries(WORKLOAD_FIELDS))("a workload's %s", (_field, rows) => {
  it.each(rows)("%s", async (_what, change, look, expected) => {
    await run(change);
    expect(look()).toEqual(expected);
  });
});

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

/** On the server's node. */
const HOLDS = { "nself.org/volume-of": "server" };
const near = (matchLabels: object) => ({ labelSelector: { matchLabels }, topologyKey: "kubernetes.io/hostname" });
const BESIDES = {
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [near(HOLDS)],
    // Of an earlier version, whose pods lack that label.
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: near(selector("server")) }],
  },
};

/** Every field of a task, and what Kubernetes makes of it. */
const TASK_FIELDS: Readonly<Record<keyof Task, readonly Row<Task>[]>> = {
  name: [
    [
      "objects",
      { name: "other" },
      () => objects(registered).filter((name) => name.includes("other")),
      ["Job other", "NetworkPolicy other", "ServiceAccount other"],
    ],
    [
      "and its content",
      { name: "other" },
      () => [inputs("Job", "other").metadata.name, inputs("Job", "other").spec.template.spec.serviceAccountName],
      [named("other"), "other"],
    ],
  ],
  role: [
    [
      "a label, beside the server that it works at",
      { role: "rtc" },
      () => inputs("Job", "job").spec.template.metadata.labels,
      { ...labels("job", "job", "rtc"), "nself.org/task-of": "server" },
    ],
  ],
  image: [["of the container", { image: "a/b:v2.0.0" }, () => jobContainer().image, "a/b:v2.0.0"]],
  user: [
    [
      "of the pod",
      { user: 1234 },
      () => [jobPod().securityContext.runAsUser, jobPod().securityContext.fsGroup],
      [1234, 1234],
    ],
    ["of the container", { user: 1234 }, () => jobContainer().securityContext.runAsUser, 1234],
  ],
  script: [
    ["run by the image's shell", { script: "echo a" }, () => jobContainer().command, ["sh", "-c", "echo a"]],
    [
      "as it is",
      { script: "echo $(id) $HOME $$" },
      () => jobContainer().command,
      ["sh", "-c", "echo $$(id) $$HOME $$$$"],
    ],
  ],
  env: [
    [
      "in a fixed order",
      { env: { B: "2", A: "1" } },
      () => jobContainer().env,
      [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    ],
  ],
  credentials: [
    [
      "a file of a Secret of its own",
      { credentials: [CREDENTIAL] },
      () => [inputs("Secret", "job-secrets").stringData, jobContainer().volumeMounts.at(-1), jobPod().volumes.at(-1)],
      [
        { "run.key": "content" },
        { name: "secrets", mountPath: "/run/key", subPath: "run.key", readOnly: true },
        { name: "secrets", secret: { secretName: named("job-secrets"), defaultMode: 0o440 } },
      ],
    ],
    [
      "what makes the script read it",
      { credentials: [CREDENTIAL] },
      () => jobContainer().env,
      [{ name: "KEY_FILE", value: "/run/key" }],
    ],
  ],
  limits: [
    [
      "of the container",
      {},
      () => jobContainer().resources,
      {
        requests: { cpu: "125m", memory: "64Mi", "ephemeral-storage": "384Mi" },
        limits: { cpu: "250m", memory: "64Mi", "ephemeral-storage": "384Mi" },
      },
    ],
  ],
  files: [
    [
      "of a ConfigMap of its own",
      { files: [{ path: "/etc/plan", content: "plan" }] },
      () => [inputs("ConfigMap", "job-config").data, jobContainer().volumeMounts.at(-1)],
      [{ "etc.plan": "plan" }, { name: "config", mountPath: "/etc/plan", subPath: "etc.plan", readOnly: true }],
    ],
  ],
  volumes: [
    [
      "its server's, on the node where that has it",
      { volumes: [DATA] },
      () => [jobContainer().volumeMounts.at(-1), jobPod().volumes.at(-1), jobPod().affinity],
      [
        { name: "search-data", mountPath: "/data" },
        { name: "search-data", persistentVolumeClaim: { claimName: "search-data-server-0" } },
        BESIDES,
      ],
    ],
  ],
  deadline: [
    [
      "with time to arrive on a node",
      { deadline: 900 },
      () => [inputs("Job", "job").spec.activeDeadlineSeconds, inputs("Job", "job").metadata.annotations],
      [1200, { "pulumi.com/timeoutSeconds": "1260", "pulumi.com/replaceUnready": "true" }],
    ],
  ],
  reaches: [
    [
      "opened, and nobody reaches it",
      { reaches: [{ kind: "workload", name: "server", port: 8080 }] },
      () => {
        const { ingress, egress, podSelector } = inputs("NetworkPolicy", "job").spec;
        return { ingress, egress: egress.slice(NAMES), podSelector };
      },
      {
        ingress: [],
        egress: [
          { to: [{ podSelector: { matchLabels: selector("server") } }], ports: [{ protocol: "TCP", port: 8080 }] },
        ],
        podSelector: { matchLabels: selector("job") },
      },
    ],
  ],
};

describe.each(Object.entries(TASK_FIELDS))("a task's %s", (_field, rows) => {
  it.each(rows)("%s", async (_what, change, look, expected) => {
    await runTask(change);
    expect(look()).toEqual(expected);
  });
});

describe("every task", () => {
  it("is a Job that ends, and is given up after ten minutes", async () => {
    await runTask();
    const { template, ...spec } = inputs("Job", "job").spec;
    expect(spec).toEqual({ backoffLimit: 1, activeDeadlineSeconds: 600 });
    expect(inputs("Job", "job").metadata).toEqual({
      name: named("job"),
      namespace: "chat",
      labels: labels(named("job"), "job"),
      // Else one that failed would be waited for again, and again in vain.
      annotations: { "pulumi.com/timeoutSeconds": "660", "pulumi.com/replaceUnready": "true" },
    });
    expect(template.spec).toEqual({
      serviceAccountName: "job",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 5,
      restartPolicy: "Never",
      securityContext: pod().securityContext,
      containers: [
        {
          name: "job",
          image: "example/server:v1.0.0",
          imagePullPolicy: "Always",
          command: ["sh", "-c", "true"],
          env: [],
          resources: jobContainer().resources,
          securityContext: container().securityContext,
          terminationMessagePolicy: "FallbackToLogsOnError",
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "tmp", emptyDir: { sizeLimit: "128Mi" } }],
    });
  });

  it("can be scheduled: one at a time, on its server's node, looked at for three runs", async () => {
    cluster()
      .run({ ...WORKLOAD, volumes: [DATA] }, {})
      .schedule({ ...TASK, volumes: [DATA] }, 6, {});
    await settled();
    const { jobTemplate, ...spec } = inputs("CronJob", "job").spec;
    expect(spec).toEqual({
      schedule: "17 */6 * * *",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
    });
    expect(jobTemplate.spec.template.spec.affinity).toEqual(BESIDES);
    expect(jobTemplate.spec.template.metadata.labels).toMatchObject({ "nself.org/task-of": "server", ...HOLDS });
    expect(inputs("StatefulSet", "server").spec.template.metadata.labels).toMatchObject(HOLDS);
    expect(inputs("CronJob", "job").metadata.name).toBe("job");
  });

  it("once a day is a quarter past midnight", async () => {
    cluster().run(WORKLOAD, {}).schedule(TASK, 24, {});
    await settled();
    expect(inputs("CronJob", "job").spec.schedule).toBe("17 0 * * *");
  });

  it("comes after its server, and settles to nothing", async () => {
    const done = await runTask();
    expect(find("Job", "job").options.dependsOn).toEqual([
      "Namespace chat",
      "NetworkPolicy job",
      "ServiceAccount job",
      "StatefulSet server",
    ]);
    expect(await resolved(done)).toBeUndefined();
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
    expect(registration(registered, "kubernetes", "kubernetes").inputs).toEqual({
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
    expect(registration(registered, "kubernetes", "kubernetes").inputs).toEqual({
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
