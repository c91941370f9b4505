import { beforeEach, describe, expect, it } from "vitest";
import type { Task } from "../../components/workload.ts";
import { cluster, labels, objects, selector, TASK, WORKLOAD } from "./helpers/cluster.ts";
import { find, inputs, record, registered } from "./helpers/recorded.ts";
import { resolved, settled } from "./helpers/recorder.ts";
import { CREDENTIAL, container, DATA, NAMES, named, pod, type Rows } from "./helpers/workload.ts";

beforeEach(() => record());

async function runTask(change: Partial<Task> = {}) {
  const done = cluster()
    .run(WORKLOAD, {})
    .runTask({ ...TASK, ...change }, {});
  await settled();
  return done;
}

const jobPod = () => inputs("Job", "job").spec.template.spec;
const jobContainer = () => jobPod().containers[0];

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
const FIELDS: Rows<Task, keyof Task> = {
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

describe.each(Object.entries(FIELDS))("a task's %s", (_field, rows) => {
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
