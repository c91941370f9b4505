import { describe, expect, it } from "vitest";
import { pathText } from "../../lab/plugins/kubernetes/detailed-diff.ts";
import { objectDiff } from "../../lab/plugins/kubernetes/diff.ts";
import { forces, takenOver, withIgnored } from "../../lab/plugins/kubernetes/field-managers.ts";
import { type KubernetesObject, kindOf } from "../../lab/plugins/kubernetes/kinds.ts";
import { mergePatch } from "../../lab/plugins/kubernetes/merge-patch.ts";
import { named } from "../../lab/plugins/kubernetes/names.ts";
import { normalizeInputs } from "../../lab/plugins/kubernetes/normalize.ts";
import { pruneLive } from "../../lab/plugins/kubernetes/prune.ts";
import { canonicalQuantity } from "../../lab/plugins/kubernetes/quantity.ts";
import { markSecrets } from "../../lab/plugins/kubernetes/secrets.ts";
import { makeSecret } from "../../lab/plugins/kubernetes/values.ts";
import { type Properties, UNKNOWN } from "../../lab/plugins/shared/properties.ts";

const deployment = kindOf("kubernetes:apps/v1:Deployment");
const secret = kindOf("kubernetes:core/v1:Secret");
const configMap = kindOf("kubernetes:core/v1:ConfigMap");

describe("kinds", () => {
  it.each([
    ["kubernetes:core/v1:Secret", "secrets", false],
    ["kubernetes:gateway.networking.k8s.io/v1:Gateway", "gateways", true],
    ["kubernetes:cert-manager.io/v1:Certificate", "certificates", true],
  ])("%s", (token, plural, custom) => {
    expect(kindOf(token)).toMatchObject({ plural, custom });
  });

  it("refuses what is not in the table", () => {
    expect(() => kindOf("kubernetes:apps/v1:DaemonSet")).toThrow(
      "kubernetes:apps/v1:DaemonSet is not implemented by the stand-in for kubernetes: use the official plugin",
    );
  });
});

describe("quantities as Kubernetes writes them", () => {
  it.each([
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["0.5", "500m"],
    ["0.25", "250m"],
    ["1024Mi", "1Gi"],
    ["1536Mi", "1536Mi"],
    ["0.5Gi", "512Mi"],
    ["512", "512"],
    ["1000", "1k"],
    ["2000k", "2M"],
    ["1e3", "1e3"],
    ["0", "0"],
    ["0Gi", "0"],
    ["100Mi", "100Mi"],
    ["1.5Gi", "1536Mi"],
    ["-1000m", "-1"],
    ["a lot", "a lot"],
  ])("%s is %s", (given, expected) => {
    expect(canonicalQuantity(given)).toBe(expected);
  });
});

describe("inputs in normal form", () => {
  it("leaves out what Go leaves out, and only that", () => {
    const pod = {
      hostNetwork: false,
      automountServiceAccountToken: false,
      volumes: [{ name: "d", emptyDir: {} }],
      containers: [
        {
          name: "c",
          args: [],
          env: [{ name: "EMPTY", value: "" }],
          securityContext: { runAsUser: 0, capabilities: { drop: ["ALL"], add: [] } },
          volumeMounts: [{ name: "d", mountPath: "/d", readOnly: false }],
          resources: { limits: { memory: "1024Mi" }, requests: {} },
          readinessProbe: { initialDelaySeconds: 0, httpGet: { path: "/", port: 80 } },
        },
      ],
    };
    expect(normalizeInputs(deployment, { spec: { replicas: 0, template: { spec: pod } } })).toEqual({
      spec: {
        replicas: 0,
        template: {
          spec: {
            automountServiceAccountToken: false,
            volumes: [{ name: "d", emptyDir: {} }],
            containers: [
              {
                name: "c",
                env: [{ name: "EMPTY" }],
                securityContext: { runAsUser: 0, capabilities: { drop: ["ALL"] } },
                volumeMounts: [{ name: "d", mountPath: "/d" }],
                resources: { limits: { memory: "1Gi" } },
                readinessProbe: { httpGet: { path: "/", port: 80 } },
              },
            ],
          },
        },
      },
    });
  });

  it("does not touch the words of labels and data", () => {
    const object = { data: { host: "", readOnly: "" }, metadata: { labels: { host: "" }, uid: "u" } };
    expect(normalizeInputs(configMap, object)).toEqual({ ...object, metadata: { labels: { host: "" } } });
  });

  it("shows a Secret's texts as data", () => {
    const object = { stringData: { a: "1" }, data: { b: "Mg==" } };
    expect(normalizeInputs(secret, object)).toEqual({ data: { b: "Mg==", a: "MQ==" } });
  });

  it("waits for unknown values, and leaves custom resources alone", () => {
    const object = { stringData: { a: UNKNOWN }, spec: { hostNetwork: false } };
    expect(normalizeInputs(secret, object)).toEqual(object);
    const gateway = { spec: { host: "", list: [] } };
    expect(normalizeInputs(kindOf("kubernetes:gateway.networking.k8s.io/v1:Gateway"), gateway)).toEqual(gateway);
  });
});

describe("names", () => {
  const none = new Uint8Array();
  it("are made up, marked, and kept", () => {
    const first = named({ metadata: { labels: {} } }, undefined, "web", none, undefined);
    expect(first.metadata?.name).toMatch(/^web-[0-9a-f]{8}$/);
    expect(first.metadata?.annotations).toEqual({ "pulumi.com/autonamed": "true" });
    expect(named({ metadata: {} }, first, "web", none, undefined).metadata?.name).toBe(first.metadata?.name);
  });

  it("are the program's where it gives one, even an unknown one", () => {
    expect(named({ metadata: { name: UNKNOWN } }, undefined, "web", none, undefined).metadata).toEqual({
      name: UNKNOWN,
    });
  });

  it("follow the engine's autonaming", () => {
    const enforced = { mode: "enforce", proposedName: "mine" } as const;
    expect(named({}, undefined, "web", none, enforced).metadata?.name).toBe("mine");
    expect(() => named({}, undefined, "web", none, { mode: "disable", proposedName: "" })).toThrow(
      "autonaming is disabled, resource requires the .metadata.name field to be set",
    );
  });
});

describe("a live object in the shape of its inputs", () => {
  it.each<[string, KubernetesObject, KubernetesObject, KubernetesObject]>([
    ["drops what was not asked for", { a: 1, b: 2 }, { a: 0 }, { a: 1 }],
    ["goes into records", { a: { b: 1, c: 2 } }, { a: { b: 0 } }, { a: { b: 1 } }],
    ["goes by place in lists", { a: [{ b: 1, c: 2 }, { b: 3 }] }, { a: [{ b: 0 }] }, { a: [{ b: 1 }] }],
    ["keeps what changed its type", { a: "1" }, { a: {} }, { a: "1" }],
    ["has no more than there is", { a: [1] }, { a: [1, 2] }, { a: [1] }],
  ])("%s", (_what, live, inputs, expected) => {
    expect(pruneLive(live, inputs)).toEqual(expected);
  });
});

it("a merge patch says what changed", () => {
  expect(mergePatch({ a: 1, b: { c: 1, d: 2 }, e: [1], f: 1 }, { a: 1, b: { c: 2, d: 2 }, e: [2] })).toEqual({
    b: { c: 2 },
    e: [2],
    f: null,
  });
});

it("paths are written as the engine reads them", () => {
  expect(pathText(["metadata", "annotations", "a.b/c", "list", 0])).toBe('metadata.annotations["a.b/c"].list[0]');
});

describe("what shows as a change", () => {
  const mutability = { enableSecretMutable: false, enableConfigMapMutable: false };
  const diff = (token: string, olds: KubernetesObject, live: KubernetesObject, news: KubernetesObject, more = {}) => {
    const metadata = { name: "x", namespace: "n" };
    const state = { metadata, ...live, __inputs: { metadata, ...olds } } as Properties;
    const now = { metadata, ...news };
    const { ignore = [], ...settings } = more as { ignore?: string[] };
    const found = objectDiff(kindOf(token), state, now, ignore, { ...mutability, ...settings });
    const texts = [...found.differences].map(([path, { kind }]) => `${kind} ${path}`);
    return { texts, replaces: found.replaces, first: found.deleteBeforeReplace(found.replaces.length > 0) };
  };
  const web = "kubernetes:apps/v1:Deployment";

  it("is nothing where the cluster filled something in", () => {
    const spec = { replicas: 1 };
    expect(diff(web, { spec }, { spec: { ...spec, paused: false }, status: {} }, { spec }).texts).toEqual([]);
  });

  it("is what drifted from the inputs", () => {
    const spec = { replicas: 1 };
    expect(diff(web, { spec }, { spec: { replicas: 4 } }, { spec })).toEqual({
      texts: ["update spec.replicas"],
      replaces: [],
      first: false,
    });
    expect(diff(web, { spec }, { spec: { replicas: 4 } }, { spec }, { ignore: ["spec.replicas"] }).texts).toEqual([]);
  });

  it("is each item of a list, with what it lost", () => {
    const before = { spec: { list: [{ name: "a", value: "1" }, { name: "b" }] } };
    const now = { spec: { list: [{ name: "a" }, { name: "c" }, { name: "d" }] } };
    expect(diff(web, before, before, now).texts).toEqual([
      "delete spec.list[0].value",
      "update spec.list[1].name",
      "add spec.list[2]",
    ]);
  });

  it("is a value that only an update will know", () => {
    const before = { spec: { a: "1", b: { c: 1 } } };
    expect(diff(web, before, before, { spec: { a: UNKNOWN, b: { c: 1 } } }).texts).toEqual(["update spec.a"]);
  });

  it.each<[string, string, KubernetesObject, KubernetesObject, string[]]>([
    [
      "a selector",
      web,
      { spec: { selector: { matchLabels: { a: "1" } } } },
      { spec: { selector: { matchLabels: { a: "2" } } } },
      ["spec.selector.matchLabels.a"],
    ],
    ["an image", web, { spec: { template: { image: "1" } } }, { spec: { template: { image: "2" } } }, []],
    [
      "a Job's template",
      "kubernetes:batch/v1:Job",
      { spec: { template: { image: "1" } } },
      { spec: { template: { image: "2" } } },
      ["spec.template.image"],
    ],
    [
      "the whole spec of a claim",
      "kubernetes:core/v1:PersistentVolumeClaim",
      {},
      { spec: { storageClassName: "a" } },
      ["spec"],
    ],
    [
      "a claim's size",
      "kubernetes:core/v1:PersistentVolumeClaim",
      { spec: { resources: { requests: { storage: "1Gi" } } } },
      { spec: { resources: { requests: { storage: "2Gi" } } } },
      [],
    ],
    [
      "claims of a StatefulSet",
      "kubernetes:apps/v1:StatefulSet",
      { spec: { volumeClaimTemplates: [{ a: "1" }] } },
      { spec: { volumeClaimTemplates: [{ a: "2" }] } },
      ["spec.volumeClaimTemplates[0].a"],
    ],
    ["a ConfigMap's data", "kubernetes:core/v1:ConfigMap", { data: { a: "1" } }, { data: { a: "2" } }, ["data.a"]],
  ])("replaces for %s: %#", (_what, token, before, now, replaces) => {
    expect(diff(token, before, before, now)).toMatchObject({ replaces, first: replaces.length > 0 });
  });

  it("replaces no ConfigMap that may change", () => {
    const token = "kubernetes:core/v1:ConfigMap";
    const [before, now] = [{ data: { a: "1" } }, { data: { a: "2" } }];
    expect(diff(token, before, before, now, { enableConfigMapMutable: true }).replaces).toEqual([]);
    const fixed = { ...now, immutable: true };
    expect(
      diff(token, { ...before, immutable: true }, { ...before, immutable: true }, fixed, {
        enableConfigMapMutable: true,
      }).replaces,
    ).toEqual(["data.a"]);
  });

  it("deletes first only where the new one has the old one's name", () => {
    const metadata = { name: "x", namespace: "n", annotations: { "pulumi.com/autonamed": "true" } };
    const before = { metadata, data: { a: "1" } };
    const now = { metadata, data: { a: "2" } };
    expect(diff("kubernetes:core/v1:Secret", before, before, now)).toMatchObject({
      replaces: ["data.a"],
      first: false,
    });
    const moved = { data: { a: "1" }, metadata: { name: "x", namespace: "other" } };
    const there = { data: { a: "1" } };
    expect(diff("kubernetes:core/v1:Secret", there, there, moved)).toMatchObject({
      replaces: ["metadata.namespace"],
      first: false,
    });
  });
});

describe("secrets in outputs", () => {
  it("are all of a Secret's data", () => {
    expect(markSecrets({ kind: "Secret", data: { a: "1" }, type: "Opaque" }, {})).toEqual({
      kind: "Secret",
      data: makeSecret({ a: "1" }),
      type: "Opaque",
    });
  });

  it("are elsewhere what was secret in the inputs, a list as a whole", () => {
    const outputs = { spec: { a: "1", b: "2", list: [{ c: "3" }] } };
    const inputs = { spec: { a: makeSecret("1"), b: "2", list: [{ c: makeSecret("3") }] } };
    expect(markSecrets(outputs, inputs)).toEqual({
      spec: { a: makeSecret("1"), b: "2", list: makeSecret([{ c: "3" }]) },
    });
  });
});

describe("field managers", () => {
  const created = { manager: "pulumi-kubernetes", operation: "Update", fieldsV1: { "f:spec": { "f:a": {} } } };
  const other = { manager: "kubelet", operation: "Update", subresource: "status", fieldsV1: { "f:status": {} } };
  const own = { manager: "pulumi-kubernetes-1", operation: "Apply", fieldsV1: { "f:spec": { "f:b": {} } } };

  it("take over what creation and kubectl had", () => {
    expect(takenOver([other], "pulumi-kubernetes-1")).toBeUndefined();
    expect(takenOver([created, other], "pulumi-kubernetes-1")).toEqual([other, { ...own, fieldsV1: created.fieldsV1 }]);
    expect(takenOver([own, created], "pulumi-kubernetes-1")).toEqual([
      { ...own, fieldsV1: { "f:spec": { "f:a": {}, "f:b": {} } } },
    ]);
  });

  it("force only where asked to, or where nobody else can be meant", () => {
    const never = { enablePatchForce: false };
    const live = { metadata: { managedFields: [created] } };
    expect(forces({}, live, never, false)).toBe(false);
    expect(forces({}, live, never, true)).toBe(true);
    expect(forces({}, { metadata: {} }, never, false)).toBe(true);
    expect(forces({ metadata: { annotations: { "pulumi.com/patchForce": "true" } } }, live, never, false)).toBe(true);
    expect(forces({}, live, { enablePatchForce: true }, false)).toBe(true);
  });

  it("leave ignored fields to others, or as they are", () => {
    const theirs = { manager: "hpa", operation: "Update", fieldsV1: { "f:spec": { "f:replicas": {} } } };
    const live = { spec: { replicas: 5, a: 2 }, metadata: { managedFields: [theirs] } };
    const inputs = { spec: { replicas: 1, a: 1 } };
    expect(withIgnored(inputs, live, "me", ["spec.replicas", "spec.a", "spec.none"])).toEqual({ spec: { a: 2 } });
  });
});
