import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import type { Workload } from "../../components/workload.ts";
import { labels, objects, selector } from "./helpers/cluster.ts";
import { inputs, record, registered } from "./helpers/recorded.ts";
import { CREDENTIAL, container, type Made, named, pod, type Rows, run, set } from "./helpers/workload.ts";

beforeEach(() => record());

/**
 * Every field of a workload, and what Kubernetes makes of it: the contract that each platform keeps. Here what it is made
 * of; how it is run: kubernetes-workload-running.test.ts.
 */
const FIELDS: Rows<Workload, Made> = {
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
};

describe.each(Object.entries(FIELDS))("a workload's %s", (_field, rows) => {
  it.each(rows)("%s", async (_what, change, look, expected) => {
    await run(change);
    expect(look()).toEqual(expected);
  });
});
