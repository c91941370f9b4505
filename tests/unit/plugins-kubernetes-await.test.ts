import { describe, expect, it } from "vitest";
import { Changes } from "../../lab/plugins/kubernetes/await/changes.ts";
import { claim } from "../../lab/plugins/kubernetes/await/claim.ts";
import { conditions } from "../../lab/plugins/kubernetes/await/conditions.ts";
import { deployment } from "../../lab/plugins/kubernetes/await/deployment.ts";
import { ingress } from "../../lab/plugins/kubernetes/await/ingress.ts";
import { job } from "../../lab/plugins/kubernetes/await/job.ts";
import type { Judge, View } from "../../lab/plugins/kubernetes/await/judge.ts";
import { podWarning } from "../../lab/plugins/kubernetes/await/pods.ts";
import { service } from "../../lab/plugins/kubernetes/await/service.ts";
import { statefulSet } from "../../lab/plugins/kubernetes/await/statefulset.ts";
import type { KubernetesObject } from "../../lab/plugins/kubernetes/kinds.ts";

interface Seen extends Partial<Omit<View, "object" | "related" | "quiet">> {
  readonly related?: { readonly [plural: string]: KubernetesObject[] };
  readonly quiet?: number;
}
function judge(rule: Judge, object: KubernetesObject, { related = {}, quiet, ...seen }: Seen = {}) {
  return rule.judge({
    object,
    before: undefined,
    waitedMilliseconds: 0,
    once: false,
    related: (plural) => related[plural] ?? [],
    quiet: () => quiet,
    ...seen,
  });
}
const condition = (type: string, status: string, reason = "R", message = "m") => ({ type, status, reason, message });
const owned = (uid: string, object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, ownerReferences: [{ uid }] },
});

describe("a Deployment", () => {
  const revision = (text: string) => ({ "deployment.kubernetes.io/revision": text });
  const web = (generation: number, at: string, found: object[]): KubernetesObject => ({
    metadata: { name: "web", uid: "d", generation: 1, annotations: revision(at) },
    status: { observedGeneration: generation, conditions: found },
  });
  const replicaSet = (at: string, ready?: number) =>
    owned("d", {
      metadata: { uid: `rs${at}`, annotations: revision(at) },
      spec: { replicas: 2 },
      status: ready === undefined ? {} : { readyReplicas: ready },
    });
  const available = condition("Available", "True");
  const done = condition("Progressing", "True", "NewReplicaSetAvailable");

  it.each<[string, KubernetesObject, KubernetesObject[], boolean]>([
    ["first revision, all pods", web(1, "1", [available]), [replicaSet("1", 2)], true],
    ["first revision, one pod short", web(1, "1", [available]), [replicaSet("1", 1)], false],
    ["a status of an older generation", web(0, "1", [available]), [replicaSet("1", 2)], false],
    ["not available", web(1, "1", [condition("Available", "False")]), [replicaSet("1", 2)], false],
    ["second revision, through", web(1, "2", [available, done]), [replicaSet("1", 0), replicaSet("2", 2)], true],
    ["second revision, not through", web(1, "2", [available]), [replicaSet("2", 2)], false],
    ["second revision, old pods only", web(1, "2", [available, done]), [replicaSet("1", 2)], false],
  ])("%s", (_what, object, replicasets, ready) => {
    expect(judge(deployment, object, { related: { replicasets } }).ready).toBe(ready);
  });

  it("says what it lacks, with its pods' errors", () => {
    const pod = owned("rs1", {
      metadata: { name: "web-1", namespace: "n" },
      status: {
        conditions: [
          condition("PodScheduled", "True"),
          condition("Initialized", "True"),
          condition("Ready", "False", "ContainersNotReady", "containers with unready status: [c]"),
        ],
        containerStatuses: [
          { name: "c", ready: false, state: { waiting: { reason: "ImagePullBackOff", message: "Back-off" } } },
        ],
      },
    });
    const object = web(1, "1", [condition("Available", "False", "MinimumReplicasUnavailable", "no")]);
    const found = judge(deployment, object, { related: { replicasets: [replicaSet("1")], pods: [pod] } });
    expect(found.reasons).toEqual([
      "[MinimumReplicasUnavailable] no",
      "Minimum number of live Pods was not attained",
      "[Pod n/web-1]: containers with unready status: [c][ImagePullBackOff] Back-off",
    ]);
    expect(found.status.map(({ text }) => text)).toContain(
      "Waiting for app ReplicaSet to be available (0/2 Pods available)",
    );
  });

  it("waits for claims that its pods mount", () => {
    const volumes = [{ persistentVolumeClaim: { claimName: "data" } }];
    const object = { ...web(1, "1", [available]), spec: { template: { spec: { volumes } } } };
    const bound = (phase: string) => ({ metadata: { name: "data", uid: "p" }, status: { phase } });
    const related = (phase: string) => ({ replicasets: [replicaSet("1", 2)], persistentvolumeclaims: [bound(phase)] });
    expect(judge(deployment, object, { related: related("Bound") }).ready).toBe(true);
    expect(judge(deployment, object, { related: related("Pending") }).reasons).toEqual([
      'Failed to bind PersistentVolumeClaim(s): "data"',
    ]);
  });
});

describe("a StatefulSet", () => {
  const set = (generation: number, status: object, type = "RollingUpdate"): KubernetesObject => ({
    metadata: { name: "db", uid: "s", generation },
    spec: { replicas: 2, updateStrategy: { type } },
    status: { observedGeneration: generation, currentRevision: "a", updateRevision: "a", ...status },
  });
  const all = { replicas: 2, readyReplicas: 2, currentReplicas: 2 };
  it.each<[string, KubernetesObject, boolean]>([
    ["all ready", set(1, all), true],
    ["one short", set(1, { ...all, readyReplicas: 1 }), false],
    ["not seen yet", set(2, { ...all, observedGeneration: 1 }), false],
    ["rolling out", set(2, { ...all, updateRevision: "b" }), false],
    ["replaced by hand", set(2, { ...all, currentReplicas: 0, updateRevision: "b" }, "OnDelete"), true],
  ])("%s", (_what, object, ready) => {
    expect(judge(statefulSet, object).ready).toBe(ready);
  });

  it("says how far it is", () => {
    const found = judge(statefulSet, set(2, { ...all, updateRevision: "b", currentReplicas: 1, updatedReplicas: 1 }));
    expect(found.reasons).toEqual([
      "1 out of 2 replicas succeeded readiness checks",
      'StatefulSet controller failed to advance from revision "a" to revision "b"',
    ]);
    expect(found.status).toEqual([
      { severity: "info", text: "[1/3] Waiting for StatefulSet update to roll out (1/2 Pods ready)" },
    ]);
  });
});

describe("a Service", () => {
  const svc = (spec: object, status = {}) => ({
    metadata: { name: "web" },
    spec: { selector: { a: "b" }, ...spec },
    status,
  });
  const endpoints = (subset: object) => [{ metadata: { name: "web" }, subsets: [subset] }];
  const addressed = { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } };
  it.each<[string, KubernetesObject, Seen, boolean]>([
    ["headless", svc({ clusterIP: "None" }), {}, true],
    ["of an outside name", svc({ type: "ExternalName" }), {}, true],
    ["without a selector", { metadata: { name: "web" }, spec: {} }, {}, true],
    ["just created", svc({}), {}, false],
    ["settled without any pod", svc({}), { quiet: 10_000, related: { endpoints: endpoints({}) } }, true],
    ["not settled", svc({}), { quiet: 9_999 }, false],
    [
      "with an unready pod",
      svc({}),
      { quiet: 10_000, related: { endpoints: endpoints({ notReadyAddresses: [{}] }) } },
      false,
    ],
    ["load balancer without an address", svc({ type: "LoadBalancer" }), { quiet: 10_000 }, false],
    ["load balancer", svc({ type: "LoadBalancer" }, addressed), { quiet: 10_000 }, true],
  ])("%s", (_what, object, seen, ready) => {
    expect(judge(service, object, seen).ready).toBe(ready);
  });

  it("says what it lacks", () => {
    expect(judge(service, svc({ type: "LoadBalancer" }), { once: true }).reasons).toEqual([
      "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
      "Service was not allocated an IP address; does your cloud provider support this?",
    ]);
  });
});

describe("an Ingress", () => {
  const path = { path: "/a", backend: { service: { name: "web" } } };
  const object = (status = {}) => ({
    metadata: { name: "i" },
    spec: { rules: [{ host: "h", http: { paths: [path] } }] },
    status,
  });
  const addressed = { loadBalancer: { ingress: [{ hostname: "x" }] } };
  const web = { endpoints: [{ metadata: { name: "web" } }] };
  it.each<[string, KubernetesObject, Seen, boolean]>([
    ["with address and service", object(addressed), { related: web }, true],
    ["without an address", object(), { related: web }, false],
    ["without its service", object(addressed), { related: { endpoints: [] }, quiet: 1000 }, false],
    ["without its service when all is quiet", object(addressed), { quiet: 10_000 }, true],
    [
      "with an outside service",
      object(addressed),
      { related: { services: [{ metadata: { name: "web" }, spec: { type: "ExternalName" } }] } },
      true,
    ],
  ])("%s", (_what, given, seen, ready) => {
    expect(judge(ingress, given, seen).ready).toBe(ready);
  });

  it("warns of a path without a service", () => {
    expect(judge(ingress, object(addressed), { quiet: 10_000 }).status).toContainEqual({
      severity: "warning",
      text: 'No matching service found for ingress rule: "h/a" -> "web"',
    });
  });
});

describe("a Job", () => {
  const run = (status: object) => ({ metadata: { name: "j", uid: "j" }, status: { startTime: "t", ...status } });
  it.each<[string, KubernetesObject, boolean, boolean]>([
    ["not started", { metadata: { name: "j" } }, false, false],
    ["running", run({ active: 1 }), false, false],
    ["complete", run({ conditions: [condition("Complete", "True")] }), true, false],
    ["out of retries", run({ conditions: [condition("Failed", "True", "BackoffLimitExceeded")] }), false, true],
    ["failed for another reason", run({ conditions: [condition("Failed", "True", "PodFailurePolicy")] }), false, false],
  ])("%s", (_what, object, ready, failed) => {
    expect(judge(job, object)).toMatchObject({ ready, failed });
  });

  it("gives the reason last, after its pods' errors", () => {
    const pod = owned("j", {
      metadata: { name: "j-1" },
      status: {
        conditions: [
          condition("PodScheduled", "True"),
          condition("Initialized", "True"),
          condition("Ready", "False", "PodFailed", ""),
        ],
        containerStatuses: [{ name: "c", ready: false, state: { terminated: { reason: "Error", exitCode: 3 } } }],
      },
    });
    const object = run({ conditions: [condition("Failed", "True", "BackoffLimitExceeded", "limit")] });
    expect(judge(job, object, { related: { pods: [pod] } }).reasons).toEqual([
      '[Pod j-1]: container "c" completed with exit code 3',
      "[BackoffLimitExceeded] limit",
    ]);
  });
});

describe("a PersistentVolumeClaim", () => {
  const data = (phase: string) => ({
    metadata: { name: "data" },
    spec: { storageClassName: "fast" },
    status: { phase },
  });
  const classes = (volumeBindingMode: string) => ({
    storageclasses: [{ metadata: { name: "fast" }, volumeBindingMode }],
  });
  it.each<[string, string, string, boolean, boolean]>([
    ["pending, bound at once", "Pending", "Immediate", false, false],
    ["bound", "Bound", "Immediate", false, true],
    ["pending for its first consumer", "Pending", "WaitForFirstConsumer", false, true],
    ["bound by its consumer before the first look", "Bound", "WaitForFirstConsumer", false, false],
    ["bound, in an update", "Bound", "WaitForFirstConsumer", true, true],
  ])("%s", (_what, phase, mode, updated, ready) => {
    const before = updated ? data("Bound") : undefined;
    expect(judge(claim, data(phase), { before, related: classes(mode) }).ready).toBe(ready);
  });
});

describe("pulumi.com/waitFor", () => {
  const gateway = (found: object) => ({ metadata: { generation: 2 }, status: { conditions: [found] } });
  it.each<[string, string, object, boolean]>([
    ["a condition", "condition=Programmed", condition("Programmed", "True"), true],
    ["in any case", "condition=programmed=true", condition("Programmed", "True"), true],
    ["of another value", "condition=Programmed", condition("Programmed", "False"), false],
    [
      "of an older generation",
      "condition=Programmed",
      { ...condition("Programmed", "True"), observedGeneration: 1 },
      false,
    ],
    ["that is not there", "condition=Ready", condition("Programmed", "True"), false],
  ])("%s", (_what, expression, found, ready) => {
    expect(judge(conditions([expression]), gateway(found)).ready).toBe(ready);
  });
});

it("a pod that is not scheduled warns of nothing", () => {
  expect(podWarning({ metadata: { name: "p" }, status: { conditions: [condition("PodScheduled", "False")] } })).toEqual(
    [],
  );
});

it("changes are told by version, per name and in all", () => {
  const changes = new Changes();
  const at = (resourceVersion: string) => [{ metadata: { name: "a", uid: "u", resourceVersion } }];
  expect(changes.quiet(0)).toBeUndefined();
  changes.see(at("1"), 0);
  changes.see(at("1"), 5);
  expect([changes.quiet(7, "a"), changes.quiet(7), changes.quiet(7, "b")]).toEqual([7, 7, undefined]);
  changes.see(at("2"), 8);
  expect(changes.quiet(9, "a")).toBe(1);
  changes.see([], 10);
  expect([changes.quiet(12, "a"), changes.quiet(12)]).toEqual([undefined, 2]);
});
