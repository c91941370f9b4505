import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { apiKey } from "../../components/search/keys.ts";
import { type Entry, schema } from "../../components/settings-schema.ts";
import { render } from "../../scripts/commands/render.ts";
import { inSteps, stepOf } from "../../scripts/lib/apply-order.ts";
import { derivedKeys } from "../../scripts/lib/derived-keys.ts";
import { Failure } from "../../scripts/lib/failure.ts";
import {
  fileName,
  type Manifest,
  MISSING_ADDRESS,
  type Rendered,
  renderManifests,
} from "../../scripts/lib/manifests.ts";
import { checkSchemas } from "../../scripts/lib/schemas.ts";
import { encryptedSettings, placeholders } from "../../scripts/lib/stack.ts";
import * as stackFile from "../../scripts/lib/stack-file.ts";
import * as terminal from "../../scripts/lib/terminal.ts";

const PROD = stackFile.plainSettings(stackFile.readStackFile(readFileSync("Pulumi.prod.yaml", "utf8")));

/** Settings that a stack's files have encrypted. */
const stackFiles = vi.hoisted(() => ({ encrypted: [] as readonly string[] }));
vi.mock("../../scripts/lib/stack-file.ts", async (original) => ({
  ...(await original<object>()),
  encryptedKeys: () => stackFiles.encrypted,
}));

/** What stands for settings that are encrypted. */
function held(...keys: string[]) {
  stackFiles.encrypted = keys;
  try {
    return placeholders(encryptedSettings("prod"));
  } finally {
    stackFiles.encrypted = [];
  }
}

/** The uid is made from the stack's name; the value is the server's business. */
const BACKUP_KEY = "printf %s 6618f9a9-821c-4cb9-95fd-2cd4ed965091 | openssl dgst -sha256 -hmac";
const CUT = " -r | cut -d' ' -f1";

// Pulumi's mocks belong to the process: one rendering at a time, and each makes its own.
let prod: Rendered;
beforeAll(async () => {
  // What a run warns of: program-prod.test.ts.
  vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  prod = await renderManifests("prod", PROD);
});

const named = (rendered: Rendered, kind: string, name: string) =>
  rendered.manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);

/** All values under a key, however deep. */
function under(key: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => under(key, item));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...under(key, inner)]);
}

/** What is looked at of a pod. */
interface Pod {
  readonly containers: readonly { readonly volumeMounts: readonly { name: string; subPath?: string }[] }[];
  readonly volumes: readonly { name: string; configMap?: { name: string }; secret?: { secretName: string } }[];
}

describe("the manifests of production", () => {
  it("are these files", () => {
    const files = prod.manifests.map(fileName);
    expect(files.filter((name) => !/-[0-9a-f]{10}\.yaml$/.test(name))).toEqual([
      "cronjob-meilisearch-backup.yaml",
      "deployment-rtmp-edge.yaml",
      "horizontalpodautoscaler-rtmp-edge.yaml",
      "ingress-livekit.yaml",
      "ingress-meilisearch.yaml",
      "ingress-rtmp-edge.yaml",
      "namespace-nself-chat.yaml",
      "networkpolicy-livekit.yaml",
      "networkpolicy-meilisearch-backup.yaml",
      "networkpolicy-meilisearch-setup.yaml",
      "networkpolicy-meilisearch-upgrade.yaml",
      "networkpolicy-meilisearch.yaml",
      "networkpolicy-nself-default-deny.yaml",
      "networkpolicy-nself-frontend-livekit.yaml",
      "networkpolicy-nself-frontend-meilisearch.yaml",
      "networkpolicy-nself-frontend-rtmp-edge.yaml",
      "networkpolicy-nself-frontend.yaml",
      "networkpolicy-rtmp-edge.yaml",
      "networkpolicy-rtmp.yaml",
      "persistentvolumeclaim-meilisearch-data-meilisearch-0.yaml",
      "persistentvolumeclaim-rtmp-recordings-rtmp-0.yaml",
      "poddisruptionbudget-livekit.yaml",
      "poddisruptionbudget-meilisearch.yaml",
      "poddisruptionbudget-rtmp-edge.yaml",
      "poddisruptionbudget-rtmp.yaml",
      "service-livekit-headless.yaml",
      "service-livekit-public.yaml",
      "service-livekit.yaml",
      "service-meilisearch-headless.yaml",
      "service-meilisearch.yaml",
      "service-rtmp-edge.yaml",
      "service-rtmp-headless.yaml",
      "service-rtmp-public.yaml",
      "service-rtmp.yaml",
      "serviceaccount-livekit.yaml",
      "serviceaccount-meilisearch-backup.yaml",
      "serviceaccount-meilisearch-setup.yaml",
      "serviceaccount-meilisearch-upgrade.yaml",
      "serviceaccount-meilisearch.yaml",
      "serviceaccount-rtmp-edge.yaml",
      "serviceaccount-rtmp.yaml",
      "statefulset-livekit.yaml",
      "statefulset-meilisearch.yaml",
      "statefulset-rtmp.yaml",
    ]);
    const byContent = files.filter((name) => /-[0-9a-f]{10}\.yaml$/.test(name));
    expect(byContent.map((name) => name.replace(/-[0-9a-f]{10}\.yaml$/, ""))).toEqual([
      "configmap-livekit-config",
      "configmap-meilisearch-config",
      "configmap-meilisearch-setup-config",
      "configmap-rtmp-config",
      "configmap-rtmp-edge-config",
      "job-meilisearch-setup",
      "job-meilisearch-upgrade",
    ]);
  });

  it("have each a file of its own", () => {
    expect(new Set(prod.manifests.map(fileName)).size).toBe(prod.manifests.length);
  });

  it("have no Secret, and nothing of what is in one", () => {
    expect(prod.manifests.filter(({ kind }) => kind === "Secret")).toEqual([]);
    const text = JSON.stringify(prod.manifests);
    for (const name of ["meilisearch-master-key", "livekit-api-key", "livekit-api-secret", "rtmp-publish-key"]) {
      expect(text).not.toContain(`<${name}>`);
    }
  });

  it("name the Secrets that somebody else makes, by names that stay", () => {
    const asked = [...new Set(under("secret", prod.manifests).map((secret) => (secret as Manifest).secretName))].sort();
    expect(asked).toEqual([
      "livekit-secrets",
      "meilisearch-backup-secrets",
      "meilisearch-secrets",
      "meilisearch-setup-secrets",
      "meilisearch-upgrade-secrets",
      "rtmp-secrets",
    ]);
    expect(prod.secrets.map(({ name }) => name).sort()).toEqual(asked);
  });

  it("say what goes into them", () => {
    expect([...prod.secrets].sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      {
        name: "livekit-secrets",
        namespace: "nself-chat",
        content: { "run.livekit.keys.yaml": "<livekit-api-key>: <livekit-api-secret>" },
      },
      {
        name: "meilisearch-backup-secrets",
        namespace: "nself-chat",
        content: { "run.meilisearch.api-key": `<${BACKUP_KEY} meilisearch-master-key${CUT}>` },
      },
      {
        name: "meilisearch-secrets",
        namespace: "nself-chat",
        content: { "etc.meilisearch.config.toml": 'master_key = "<meilisearch-master-key>"\n' },
      },
      ...["meilisearch-setup-secrets", "meilisearch-upgrade-secrets"].map((name) => ({
        name,
        namespace: "nself-chat",
        content: { "run.meilisearch.api-key": "<meilisearch-master-key>" },
      })),
      {
        name: "rtmp-secrets",
        namespace: "nself-chat",
        content: { "etc.nginx.publish-keys.map": '"~^<rtmp-publish-key>$" 1;\n' },
      },
    ]);
  });

  it("hold together: every mounted key is in the object that is mounted", () => {
    const content = new Map<string, readonly string[]>([
      ...prod.secrets.map(({ name, content }) => [name, Object.keys(content)] as const),
      ...prod.manifests
        .filter(({ kind }) => kind === "ConfigMap")
        .map(({ metadata, data }) => [metadata.name, Object.keys(data as object)] as const),
    ]);
    const pods = under("template", prod.manifests).map((template) => (template as { readonly spec: Pod }).spec);
    const keys = pods.flatMap(({ containers, volumes }) => {
      const objectOf = new Map(
        volumes.map(({ name, configMap, secret }) => [name, configMap?.name ?? secret?.secretName]),
      );
      return containers.flatMap(({ volumeMounts }) =>
        volumeMounts.flatMap(({ name, subPath }) => (subPath ? [[objectOf.get(name) ?? "", subPath] as const] : [])),
      );
    });
    expect(keys).toHaveLength(15);
    expect(keys.filter(([object, key]) => !content.get(object)?.includes(key))).toEqual([]);
  });

  it("hold together: every Service, account and volume that is named is there", () => {
    const names = (kind: string) =>
      prod.manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
    const services = under("service", prod.manifests).map((service) => (service as { name: string }).name);
    expect(services.filter((name) => !names("Service").includes(name))).toEqual([]);
    expect(services).toHaveLength(3);
    const governed = under("serviceName", prod.manifests);
    expect(governed.filter((name) => !names("Service").includes(String(name)))).toEqual([]);
    expect(governed).toHaveLength(3);
    const accounts = under("serviceAccountName", prod.manifests);
    expect(accounts.filter((name) => !names("ServiceAccount").includes(String(name)))).toEqual([]);
    expect(accounts).toHaveLength(7);
  });

  it("have nothing that only Pulumi reads", () => {
    expect(JSON.stringify(prod.manifests)).not.toContain("pulumi.com/");
    expect(under("annotations", prod.manifests).filter((found) => Object.keys(found as object).length === 0)).toEqual(
      [],
    );
  });

  it("say where they belong, since they are applied alone", () => {
    const elsewhere = prod.manifests.filter(
      ({ kind, metadata }) => kind !== "Namespace" && metadata.namespace !== "nself-chat",
    );
    expect(elsewhere).toEqual([]);
  });

  it("show where the address of calls goes, which nobody knows", async () => {
    const config = () => JSON.stringify(prod.manifests.find(({ metadata }) => /^livekit-config-/.test(metadata.name)));
    expect([prod.addressIsMissing, config().includes(`node_ip: ${MISSING_ADDRESS}`)]).toEqual([true, true]);
    const known = await renderManifests("prod", { ...PROD, "rtc:nodeAddress": "192.0.2.1" });
    expect(known.addressIsMissing).toBe(false);
    expect(JSON.stringify(known.manifests)).not.toContain(MISSING_ADDRESS);
  });

  it("are the same for the same, and others for another stack", async () => {
    expect(await renderManifests("prod", PROD)).toEqual(prod);
    // The uid of the browsers' key is the stack's own.
    const job = ({ manifests }: Rendered) => manifests.find(({ kind }) => kind === "Job")?.metadata.name;
    expect(job(await renderManifests("staging", PROD))).not.toBe(job(prod));
  });

  it("say what to make of Secrets that somebody else keeps, whatever they are called", async () => {
    const kept = await renderManifests("prod", {
      ...PROD,
      "search:existingSecret": "keys",
      "rtc:existingSecret": "calls.keys",
      "streaming:existingSecret": "other",
    });
    expect(Object.fromEntries(kept.secrets.map(({ name, content }) => [name, content]))).toEqual({
      "livekit-secrets": { "run.livekit.keys.yaml": "<LIVEKIT_API_KEY>: <LIVEKIT_API_SECRET>" },
      "meilisearch-backup-secrets": { "run.meilisearch.api-key": `<${BACKUP_KEY} MEILISEARCH_MASTER_KEY${CUT}>` },
      "meilisearch-secrets": { "etc.meilisearch.config.toml": 'master_key = "<MEILISEARCH_MASTER_KEY>"\n' },
      "meilisearch-setup-secrets": { "run.meilisearch.api-key": "<MEILISEARCH_MASTER_KEY>" },
      "meilisearch-upgrade-secrets": { "run.meilisearch.api-key": "<MEILISEARCH_MASTER_KEY>" },
      "rtmp-secrets": { "etc.nginx.publish-keys.map": '"~^<RTMP_PUBLISH_KEY>$" 1;\n' },
    });
    // What is read is not written, and the rest is as it was.
    const others = ({ manifests }: Rendered) => manifests.filter(({ kind }) => kind !== "Job").map(fileName);
    expect(others(kept)).toEqual(others(prod));
    expect(JSON.stringify(kept.manifests)).not.toMatch(/<(MEILISEARCH|LIVEKIT|RTMP)_/);
  });

  it("hold the place of encrypted settings, whose values nobody asks for", async () => {
    const encrypted = held("search:masterKey", "rtc:apiKey", "rtc:apiSecret", "streaming:publishKey");
    const { manifests, secrets } = await renderManifests("prod", PROD, encrypted);
    expect(Object.fromEntries(secrets.map(({ name, content }) => [name, content]))).toEqual({
      "livekit-secrets": {
        "run.livekit.keys.yaml": "value-of-rtc-apiKey---------------------: value-of-rtc-apiSecret------------------",
      },
      "meilisearch-backup-secrets": {
        "run.meilisearch.api-key": `<${BACKUP_KEY} value-of-search-masterKey---------------${CUT}>`,
      },
      "meilisearch-secrets": {
        "etc.meilisearch.config.toml": 'master_key = "value-of-search-masterKey---------------"\n',
      },
      "meilisearch-setup-secrets": { "run.meilisearch.api-key": "value-of-search-masterKey---------------" },
      "meilisearch-upgrade-secrets": { "run.meilisearch.api-key": "value-of-search-masterKey---------------" },
      "rtmp-secrets": { "etc.nginx.publish-keys.map": '"~^value-of-streaming-publishKey-----------$" 1;\n' },
    });
    expect(JSON.stringify(manifests)).not.toContain("value-of-");
  });

  it("hold the place of any secret there is, in a value that its rule takes", () => {
    const secret = Object.entries(schema).flatMap(([namespace, keys]) =>
      Object.entries<Entry>(keys).flatMap(([key, [kind]]) =>
        kind.secret ? [[`${namespace}:${key}`, kind] as const] : [],
      ),
    );
    expect(secret.length).toBeGreaterThan(7);
    const placed = held(...secret.map(([key]) => key));
    const refused = secret.filter(([key, { parse }]) => parse.safeParse(placed[key]).data !== placed[key]);
    expect(refused).toEqual([]);
  });

  it("hold the place of the secret of a bucket, beside its id", async () => {
    const bucket = {
      "search:backupEndpoint": "https://s3.example.com",
      "search:backupBucket": "backups",
      "search:backupAccessKeyId": "AKIAEXAMPLE",
    };
    const { manifests, secrets } = await renderManifests(
      "prod",
      { ...PROD, ...bucket },
      held("search:backupSecretAccessKey"),
    );
    expect(secrets.find(({ name }) => name === "meilisearch-backup-secrets")?.content).toEqual({
      "run.meilisearch.api-key": `<${BACKUP_KEY} meilisearch-master-key${CUT}>`,
      "run.meilisearch.s3-access-key-id": "AKIAEXAMPLE",
      "run.meilisearch.s3-secret-access-key": "value-of-search-backupSecretAccessKey---",
    });
    expect(under("env", named({ ...prod, manifests }, "CronJob", "meilisearch-backup")).flat()).toEqual(
      expect.arrayContaining([
        { name: "S3_ACCESS_KEY_ID_FILE", value: "/run/meilisearch/s3-access-key-id" },
        { name: "S3_SECRET_ACCESS_KEY_FILE", value: "/run/meilisearch/s3-secret-access-key" },
      ]),
    );
  });

  it("say how a rotated key is made, of its own uid", async () => {
    const rotated = await renderManifests("prod", { ...PROD, "search:rotation": '{"backup":2}' });
    const content = rotated.secrets.find(({ name }) => name === "meilisearch-backup-secrets")?.content;
    const pattern =
      /^<printf %s ([0-9a-f-]{36}) \| openssl dgst -sha256 -hmac meilisearch-master-key -r \| cut -d' ' -f1>$/;
    const [, uid] = pattern.exec(content?.["run.meilisearch.api-key"] ?? "") ?? [];
    expect(uid).toBeDefined();
    expect(BACKUP_KEY).not.toContain(uid);
    // The plan registers it, and its predecessor.
    const registered = JSON.stringify(rotated.manifests).matchAll(/\\nkey\\t([0-9a-f-]{36})\\tbackup\\t/g);
    expect([...registered].map(([, known]) => known)).toEqual([/%s (\S+)/.exec(BACKUP_KEY)?.[1], uid]);
  });

  it("put what holds an encrypted setting into a Secret that is not written", async () => {
    const { manifests, secrets } = await renderManifests(
      "prod",
      { ...PROD, "rtc:redisUrl": "redis://redis.data.svc" },
      held("rtc:redisPassword"),
    );
    expect(manifests.filter(({ metadata }) => metadata.name.startsWith("livekit-config"))).toEqual([]);
    const config = secrets.find(({ name }) => name === "livekit-secrets")?.content["etc.livekit.yaml"];
    expect(parse(config ?? "").redis).toMatchObject({ password: "value-of-rtc-redisPassword--------------" });
    expect(JSON.stringify(manifests)).not.toContain("value-of-");
  });

  it("are refused for a secret that is not encrypted, and for one that is there twice", async () => {
    const twice = { ...PROD, "search:existingSecret": "keys" };
    await expect(renderManifests("prod", twice, held("search:masterKey"))).rejects.toThrow(
      new Failure(
        "A setting needs a change:\n  - search:existingSecret and search:masterKey are both set: the secret comes from one of them. Remove one: pulumi config rm search:masterKey",
      ),
    );
    await expect(renderManifests("prod", { ...PROD, "search:masterKey": "m".repeat(32) })).rejects.toThrow(
      new Failure(
        "A setting needs a change:\n  - search:masterKey is a secret stored in plain text. Store it encrypted: pulumi config set --secret search:masterKey",
      ),
    );
  });

  it("are made without asking a cluster, and settings are checked", async () => {
    const error = renderManifests("prod", { ...PROD, "search:replicas": "2" });
    await expect(error).rejects.toBeInstanceOf(Failure);
    await expect(error).rejects.toThrow(/^A setting needs a change:\n {2}- search:replicas = "2" cannot work: /);
  });
});

describe("the order in which they are applied", () => {
  const inStep = (step: string, { manifests } = prod) =>
    manifests
      .filter((manifest) => stepOf(manifest) === step)
      .map((manifest) => fileName(manifest).replace(/-[0-9a-f]{10}\.yaml$/, ".yaml"));

  it("is: what servers need, what runs before them, they, and what needs them", () => {
    expect([...new Set(prod.manifests.filter((each) => stepOf(each) === "0-base").map(({ kind }) => kind))]).toEqual([
      "ConfigMap",
      "Namespace",
      "NetworkPolicy",
      "PodDisruptionBudget",
      "Service",
      "ServiceAccount",
    ]);
    expect(inStep("1-before")).toEqual([
      "job-meilisearch-upgrade.yaml",
      "persistentvolumeclaim-meilisearch-data-meilisearch-0.yaml",
    ]);
    expect(inStep("2-servers")).toEqual([
      "deployment-rtmp-edge.yaml",
      "persistentvolumeclaim-rtmp-recordings-rtmp-0.yaml",
      "statefulset-livekit.yaml",
      "statefulset-meilisearch.yaml",
      "statefulset-rtmp.yaml",
    ]);
    expect(inStep("3-after")).toEqual([
      "cronjob-meilisearch-backup.yaml",
      "horizontalpodautoscaler-rtmp-edge.yaml",
      "ingress-livekit.yaml",
      "ingress-meilisearch.yaml",
      "ingress-rtmp-edge.yaml",
      "job-meilisearch-setup.yaml",
      // Some balancers have an address only when a server is ready.
      "service-livekit-public.yaml",
      "service-rtmp-public.yaml",
    ]);
  });

  it("is what Argo CD reads, on the objects and not on their pods", () => {
    const waves = prod.manifests.map((manifest) => manifest.metadata.annotations?.["argocd.argoproj.io/sync-wave"]);
    expect([...new Set(waves)].sort()).toEqual(["1", "2", "3", undefined]);
    expect(JSON.stringify(under("template", prod.manifests))).not.toContain("argocd");
  });

  it("has a claim in the step of its first pod, since a class may make no volume before", () => {
    const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" } };
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
    const job = { spec: { template: { spec: { volumes } } } };
    const backup = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "a" }, spec: { jobTemplate: job } };
    const alone = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "unused" } };
    expect(inSteps([claim, backup, alone]).map(stepOf)).toEqual(["3-after", "3-after", "3-after"]);
    const server = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "b" }, ...job };
    expect(inSteps([claim, backup, server]).map(stepOf)).toEqual(["2-servers", "3-after", "2-servers"]);
  });
});

describe("data of servers", () => {
  it("is in claims beside them, of the names that Pulumi's own StatefulSets look for", async () => {
    const claims = prod.manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
    expect(claims.map(({ metadata }) => metadata.name)).toEqual([
      "meilisearch-data-meilisearch-0",
      "rtmp-recordings-rtmp-0",
    ]);
    const mounted = prod.manifests
      .filter(({ kind }) => kind === "StatefulSet")
      .flatMap((manifest) => under("persistentVolumeClaim", manifest).map((claim) => [manifest.metadata.name, claim]));
    expect(mounted).toEqual([
      ["meilisearch", { claimName: "meilisearch-data-meilisearch-0" }],
      ["rtmp", { claimName: "rtmp-recordings-rtmp-0" }],
    ]);
  });

  it("has no template, so that a larger volume is a change that the API takes", async () => {
    expect(under("volumeClaimTemplates", prod.manifests)).toEqual([]);
    expect(under("persistentVolumeClaimRetentionPolicy", prod.manifests)).toEqual([]);
    const larger = await renderManifests("prod", { ...PROD, "search:storage": "30" });
    const changed = larger.manifests.filter((manifest, index) => !isDeepStrictEqual(manifest, prod.manifests[index]));
    expect(changed.map(fileName)).toEqual(["persistentvolumeclaim-meilisearch-data-meilisearch-0.yaml"]);
  });

  it("is mounted under each name that a container asks for", () => {
    const pods = under("template", prod.manifests).map((template) => (template as { readonly spec: Pod }).spec);
    for (const { containers, volumes } of pods) {
      const there = volumes.map(({ name }) => name);
      for (const { volumeMounts } of containers)
        expect(there).toEqual(expect.arrayContaining(volumeMounts.map(({ name }) => name)));
    }
  });
});

describe("a key of the search server", () => {
  const UID = "6618f9a9-821c-4cb9-95fd-2cd4ed965091";
  const SERVER = { "etc.meilisearch.config.toml": 'master_key = "<the-key>"\n' };
  const PLAN = { data: { "etc.meilisearch.plan.tsv": `index\tmessages\tid\nkey\t${UID}\tbackup\t{}\n` } };

  it("is explained by the master key and the uid that it is made of, and other texts are left alone", () => {
    const explain = derivedKeys([{ a: "b" }, SERVER], [{ kind: "Job" }, PLAN]);
    const other = apiKey("<the-key>", "00000000-0000-4000-8000-000000000000");
    expect(explain({ key: apiKey("<the-key>", UID), other, text: "text" })).toEqual({
      key: `<printf %s ${UID} | openssl dgst -sha256 -hmac the-key -r | cut -d' ' -f1>`,
      other,
      text: "text",
    });
    expect(explain(SERVER)).toEqual(SERVER);
  });

  it.each<[string, Record<string, string>[], object[]]>([
    ["there is no server", [{ a: "b" }], [PLAN]],
    ["there is no plan", [SERVER], [{ kind: "Job" }, { data: null }]],
  ])("is left as it is where %s", (_, secrets, manifests) => {
    const content = { key: apiKey("<the-key>", UID) };
    expect(derivedKeys(secrets, manifests)(content)).toEqual(content);
  });
});

describe("variants", () => {
  it.each<[string, Record<string, string>, readonly string[]]>([
    [
      "RTMPS and TURN over TLS",
      { "streaming:rtmps": "true", "rtc:turnDomain": "turn.example.com", "rtc:turnTlsPort": "5349" },
      ["certificate-livekit-server-tls.yaml", "certificate-rtmp-gateway-server-tls.yaml"],
    ],
    [
      "Gateway API",
      { "platform:traffic": "gateway", "platform:trafficClass": "envoy" },
      ["gateway-nself.yaml", "httproute-livekit.yaml", "httproute-meilisearch.yaml", "httproute-rtmp-edge.yaml"],
    ],
    [
      "calls on the nodes' networks",
      { "rtc:media": "hostNetwork", "rtc:replicas": "3", "rtc:redisUrl": "redis://redis" },
      [],
    ],
    ["the least", { "rtc:enabled": "false", "streaming:enabled": "false", "frontend:egressPolicy": "false" }, []],
  ])("%s fit the schemas of the API", async (_, change, unknown) => {
    const { manifests } = await renderManifests("prod", { ...PROD, ...change });
    expect(manifests.length).toBeGreaterThan(10);
    expect(await checkSchemas(manifests)).toEqual(unknown);
    expect(new Set(manifests.map(fileName)).size).toBe(manifests.length);
  });
});

describe("checkSchemas", () => {
  const service = (): Manifest => structuredClone(named(prod, "Service", "livekit") as Manifest);

  it("finds nothing wrong with production", async () => {
    expect(await checkSchemas(prod.manifests)).toEqual([]);
  });

  it.each<[string, (manifest: Record<string, unknown>) => void, RegExp]>([
    [
      "a wrong type",
      (manifest) => Object.assign(manifest, { spec: { ports: [{ port: "http" }] } }),
      /service-livekit\.yaml: .*port.*(integer|number)/s,
    ],
    [
      "a missing field",
      (manifest) => Object.assign(manifest, { spec: { ports: [{ name: "http" }] } }),
      /service-livekit\.yaml: .*port/s,
    ],
  ])("finds %s", async (_, spoil, message) => {
    const manifest = service();
    spoil(manifest as unknown as Record<string, unknown>);
    const error = checkSchemas([manifest]);
    await expect(error).rejects.toBeInstanceOf(Failure);
    await expect(error).rejects.toThrow(message);
    await expect(error).rejects.toThrow(/^Nothing was written: the Kubernetes API would refuse\n {2}- /);
  });

  it("tells of all that does not fit together, by their files", async () => {
    const [a, b] = [service(), structuredClone(named(prod, "Service", "rtmp") as Manifest)];
    for (const manifest of [a, b]) Object.assign(manifest, { spec: { ports: [{ port: "http" }] } });
    const message = await checkSchemas([a, b]).catch((error: Error) => error.message);
    expect(String(message).match(/^ {2}- service-\w+\.yaml/gm)).toEqual([
      "  - service-livekit.yaml",
      "  - service-rtmp.yaml",
    ]);
  });

  it("says of which kinds it knows nothing", async () => {
    const manifest = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a" } };
    expect(await checkSchemas([manifest, service()])).toEqual(["thing-a.yaml"]);
  });
});

describe("npm run render", () => {
  const said: string[] = [];
  let out = "";
  beforeEach(() => {
    said.length = 0;
    out = mkdtempSync(join(tmpdir(), "render-"));
    vi.spyOn(terminal, "say").mockImplementation((text) => void said.push(String(text)));
  });
  const files = () =>
    readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();

  it("writes a file for each object, marked as ours, and says which Secrets to make", async () => {
    await render({ stack: "prod", out, secrets: "reference", check: true });
    expect(files()).toEqual(prod.manifests.map(fileName).sort());
    for (const manifest of prod.manifests) {
      const text = readFileSync(join(out, stepOf(manifest), fileName(manifest)), "utf8");
      expect(text.startsWith("# Rendered by `npm run render`; changes here are lost.\n")).toBe(true);
      expect(parse(text)).toEqual(manifest);
    }
    expect(said.join("\n")).toContain(`Wrote ${prod.manifests.length} manifests to ${out}.`);
    expect(said.join("\n")).toContain("They fit the schemas of the Kubernetes API.");
    expect(said.join("\n")).toContain("  nself-chat/livekit-secrets\n    run.livekit.keys.yaml: <livekit-api-key>");
    expect(said.join("\n")).toContain("npm run pulumi -- --stack prod config set rtc:nodeAddress ADDRESS");
  });

  it("says in which order to apply them, and what to wait for", async () => {
    await render({ stack: "prod", out, secrets: "reference" });
    const [upgrade] = prod.manifests.filter((each) => each.kind === "Job" && stepOf(each) === "1-before");
    const [seconds] = under("activeDeadlineSeconds", upgrade);
    expect(said.join("\n")).toContain(`Apply the folders one after the other; Argo CD does so by itself:
  kubectl apply --filename ${out}/0-base
  # the Secrets above: their namespace is there now
  kubectl apply --filename ${out}/1-before
  kubectl wait --for=condition=complete --timeout=${seconds}s job/${upgrade?.metadata.name} --namespace nself-chat
  kubectl apply --filename ${out}/2-servers
  kubectl apply --filename ${out}/3-after
`);
  });

  it("says how a key is made, and holds the place of settings that the stack's files have encrypted", async () => {
    stackFiles.encrypted = ["search:masterKey"];
    await render({ stack: "prod", out, secrets: "reference" }).finally(() => {
      stackFiles.encrypted = [];
    });
    expect(said.join("\n")).toContain(
      `  nself-chat/meilisearch-backup-secrets\n    run.meilisearch.api-key: <${BACKUP_KEY} value-of-search-masterKey---------------${CUT}>`,
    );
  });

  it("removes what it wrote before, and leaves files of others alone", async () => {
    writeFileSync(join(out, "old.yaml"), "# Rendered by `npm run render`; changes here are lost.\na: 1\n");
    writeFileSync(join(out, "kustomization.yaml"), "resources: []\n");
    writeFileSync(join(out, "README.md"), "# Rendered by `npm run render`; changes here are lost.\n");
    for (const folder of ["1-before", "2-servers", "mine"]) {
      mkdirSync(join(out, folder));
      writeFileSync(join(out, folder, "old.yaml"), "# Rendered by `npm run render`; changes here are lost.\na: 1\n");
    }
    writeFileSync(join(out, "2-servers", "theirs.yaml"), "a: 1\n");
    await render({ stack: "prod", out, secrets: "reference" });
    const theirs = ["README.md", "kustomization.yaml", "old.yaml", "theirs.yaml"];
    expect(files()).toEqual([...prod.manifests.map(fileName), ...theirs].sort());
    expect(readdirSync(join(out, "mine"))).toEqual(["old.yaml"]);
  });

  it("leaves no empty folder where nothing runs before the servers any more", async () => {
    vi.spyOn(stackFile, "plainSettings").mockReturnValueOnce({ ...PROD, "search:enabled": "false" });
    mkdirSync(join(out, "1-before"));
    writeFileSync(join(out, "1-before", "old.yaml"), "# Rendered by `npm run render`; changes here are lost.\n");
    await render({ stack: "prod", out, secrets: "reference" });
    expect(readdirSync(out)).toEqual(["0-base", "2-servers", "3-after"]);
    expect(said.join("\n")).not.toContain("kubectl wait");
  });

  it("refuses where Secrets are needed and shall not be", async () => {
    const error = render({ stack: "prod", out, secrets: "refuse" });
    await expect(error).rejects.toBeInstanceOf(Failure);
    await expect(error).rejects.toThrow(
      /^Nothing was written: Secrets are needed and are not part of manifests\.\n\n {2}/,
    );
    expect(files()).toEqual([]);
  });

  it("refuses a stack on Docker", async () => {
    await expect(render({ stack: "dev", out, secrets: "reference" })).rejects.toThrow(
      new Failure(
        `The stack dev runs on Docker: there are no manifests to write.\n\nTry: npm run render -- --stack prod --out ${out}`,
      ),
    );
    expect(files()).toEqual([]);
  });
});
