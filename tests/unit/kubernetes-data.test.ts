import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import type { KubernetesPlatformArgs } from "../../components/kubernetes/platform.ts";
import type { Task, Workload } from "../../components/workload.ts";
import { ARGS, cluster, kindOf, registration, TASK, WORKLOAD } from "./helpers/cluster.ts";
import { failure, type Registered, recordResources, resolved, settled } from "./helpers/recorder.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

let registered: Registered[];
const record = async () => {
  registered = await recordResources({
    "kubernetes:core/v1:Secret": (name) =>
      name.startsWith("existing-") ? { data: { KEY: base64("from the cluster\n"), EMPTY: "" } } : {},
  });
};
beforeEach(record);

const find = (kind: string, name: string) => registration(registered, kind, name);
const DATA: Partial<Workload> = {
  volumes: [
    { name: "search_data", path: "/data" },
    { name: "cache", path: "/cache", disposable: true },
  ],
};
const credential = (content: pulumi.Input<string>) => ({
  variable: "KEY",
  value: content,
  file: { path: "/run/key", content, env: { KEY_FILE: "/run/key" } },
});

async function run(
  change: Partial<Workload> = {},
  args: Partial<KubernetesPlatformArgs> = {},
  task: Partial<Task> = {},
) {
  cluster(args)
    .run({ ...WORKLOAD, ...change }, {})
    .runTask({ ...TASK, ...task }, {});
  await settled();
}

describe("what is kept", () => {
  const HOST = { namespaces: { ...ARGS.namespaces, host: "chat-rtc" } };
  const withOptions = (option: "protect" | "retainOnDelete") =>
    registered
      .filter(({ options }) => options[option])
      .map((resource) => `${kindOf(resource)} ${resource.name}`)
      .sort();

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])("the volumes and the namespaces, guarded: %s, and after the stack: %s", async (protect, retain) => {
    const protection = { protect, retain };
    await run(DATA, {
      namespaces: { ...HOST.namespaces, protection },
      storage: { ...ARGS.storage, protection },
    });
    const kept = ["Namespace chat", "Namespace chat-rtc", "PersistentVolumeClaim search-data"];
    expect(withOptions("protect")).toEqual(protect ? kept : []);
    expect(withOptions("retainOnDelete")).toEqual(retain ? kept : []);
  });

  it("each as its own protection says", async () => {
    await run(DATA, { storage: { ...ARGS.storage, protection: { protect: true, retain: false } } });
    expect(withOptions("protect")).toEqual(["PersistentVolumeClaim search-data"]);
    expect(withOptions("retainOnDelete")).toEqual(["Namespace chat"]);
  });

  it("a larger volume is a change in place, which the set's template would refuse", async () => {
    await run(DATA, {
      storage: { ...ARGS.storage, className: "fast", size: (name) => (name === "search_data" ? 40 : 0) },
    });
    expect(find("PersistentVolumeClaim", "search-data").inputs.spec).toEqual({
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "40Gi" } },
      storageClassName: "fast",
    });
    expect(find("StatefulSet", "server").options.ignoreChanges).toEqual(["spec.volumeClaimTemplates"]);
  });

  it("the claim is the one that the set looks for", async () => {
    await run(DATA);
    const { spec, metadata } = find("StatefulSet", "server").inputs;
    const [template] = spec.volumeClaimTemplates;
    expect(find("PersistentVolumeClaim", "search-data").inputs.metadata.name).toBe(
      `${template.metadata.name}-${metadata.name}-0`,
    );
  });
});

describe("names by content", () => {
  const FILES: Partial<Workload> = {
    files: [{ path: "/etc/a", content: "a" }],
    credentials: [credential("secret")],
  };

  /** Names of what is named by its content, and the pod that names them. */
  async function names(change: Partial<Workload> = {}, task: Partial<Task> = {}, args = {}) {
    await record();
    await run({ ...FILES, ...change }, args, { credentials: [credential("of the task")], ...task });
    const name = (kind: string, of: string): string => find(kind, of).inputs.metadata.name;
    return {
      config: name("ConfigMap", "server-config"),
      secrets: name("Secret", "server-secrets"),
      taskSecrets: name("Secret", "job-secrets"),
      job: name("Job", "job"),
    };
  }

  it("are the same for the same", async () => {
    const first = await names();
    expect(await names()).toEqual(first);
    expect(first.config).toMatch(/^server-config-[0-9a-f]{10}$/);
    expect(first.secrets).toMatch(/^server-secrets-[0-9a-f]{10}$/);
    expect(first.taskSecrets).toMatch(/^job-secrets-[0-9a-f]{10}$/);
    expect(first.job).toMatch(/^job-[0-9a-f]{10}$/);
  });

  type Name = keyof Awaited<ReturnType<typeof names>>;
  it.each<[string, Partial<Workload>, Partial<Task>, readonly Name[]]>([
    ["a file's content", { files: [{ path: "/etc/a", content: "b" }] }, {}, ["config"]],
    ["a file's path", { files: [{ path: "/etc/b", content: "a" }] }, {}, ["config"]],
    ["a credential", { credentials: [credential("other")] }, {}, ["secrets"]],
    [
      "a secret file",
      {
        files: [
          { path: "/etc/a", content: "a" },
          { path: "/etc/s", content: "s", secret: true },
        ],
      },
      {},
      ["secrets"],
    ],
    ["what is no content", { image: "a/b:v2.0.0", env: { A: "1" }, stopGrace: 9 }, {}, []],
    ["a task's script", {}, { script: "echo" }, ["job"]],
    ["a task's image", {}, { image: "a/b:v2.0.0" }, ["job"]],
    ["a task's environment", {}, { env: { A: "1" } }, ["job"]],
    ["a task's credential", {}, { credentials: [credential("other")] }, ["taskSecrets", "job"]],
    ["what a task reaches", {}, { reaches: [{ kind: "workload", name: "server", port: 1 }] }, []],
  ])("change with %s, and no other", async (_, change, task, changed) => {
    const before = await names();
    const after = await names(change, task);
    expect((Object.keys(before) as Name[]).filter((name) => before[name] !== after[name])).toEqual(changed);
  });

  it("do not depend on the order of a task's environment", async () => {
    const { job } = await names({}, { env: { A: "1", B: "2" } });
    expect((await names({}, { env: { B: "2", A: "1" } })).job).toBe(job);
  });

  it("are the ones that the pod asks for", async () => {
    const { config, secrets } = await names();
    const { volumes } = find("StatefulSet", "server").inputs.spec.template.spec;
    expect(volumes.slice(1)).toEqual([
      { name: "config", configMap: { name: config } },
      { name: "secrets", secret: { secretName: secrets, defaultMode: 0o440 } },
    ]);
  });

  it("and what they name cannot be changed", async () => {
    await names();
    const named = registered.filter(({ type }) => /:(ConfigMap|Secret)$/.test(type));
    expect(named.map(({ name, inputs }) => [name, inputs.immutable])).toEqual(
      expect.arrayContaining([
        ["server-config", true],
        ["server-secrets", true],
        ["job-secrets", true],
      ]),
    );
    expect(named).toHaveLength(3);
  });
});

describe("a secret", () => {
  it("is in Secrets and nowhere else, where it is marked", async () => {
    const secret = pulumi.secret("very-secret-value");
    await run(
      {
        files: [
          { path: "/etc/plain", content: "plain" },
          { path: "/etc/secret", content: pulumi.interpolate`a ${secret}`, secret: true },
        ],
        credentials: [credential(secret)],
      },
      {},
      { credentials: [credential(secret)] },
    );
    const holders = registered.filter(({ inputs }) => JSON.stringify(inputs).includes("very-secret-value"));
    expect(holders.map((resource) => [kindOf(resource), resource.name, resource.secretInputs]).sort()).toEqual([
      ["Secret", "job-secrets", ["stringData"]],
      ["Secret", "server-secrets", ["stringData"]],
    ]);
  });

  it("is marked even where nobody marked it before", async () => {
    await run({ files: [{ path: "/etc/secret", content: "plain text", secret: true }] });
    expect(find("Secret", "server-secrets").secretInputs).toEqual(["stringData"]);
  });

  it("does not hide what is around it", async () => {
    await run({ credentials: [credential(pulumi.secret("s"))] }, {}, { credentials: [credential(pulumi.secret("s"))] });
    const marked = registered.filter(({ secretInputs }) => secretInputs.length > 0);
    expect(marked.map(kindOf)).toEqual(["Secret", "Secret"]);
  });
});

describe("a Secret that is there", () => {
  it("is read in the namespace of the stack, once, and marked", async () => {
    const value = cluster().existingSecret("keys", {})("KEY");
    await settled();
    expect(await resolved(value)).toBe("from the cluster");
    expect(await pulumi.isSecret(value)).toBe(true);
    expect(find("Secret", "existing-keys")).toMatchObject({ type: "kubernetes:core/v1:Secret", read: "chat/keys" });
  });

  it.each(["OTHER", "EMPTY"])("without the key %s is refused", async (key) => {
    const error = await failure(() => cluster().existingSecret("keys", {})(key));
    expect(error).toMatchObject({ __pulumiRunError: true, message: `The Secret keys has no key ${key}.` });
  });
});
