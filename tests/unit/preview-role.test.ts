import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, it, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Cluster } from "../../components/kubernetes/cluster.ts";
import { inspectCluster } from "../../components/kubernetes/inspect.ts";
import { readSettings } from "../../components/settings.ts";
import { renderManifests } from "../../scripts/lib/manifests.ts";
import { plainSettings, readStackFile } from "../../scripts/lib/stack-file.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}
interface RoleObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly name: string; readonly namespace: string }[];
}

const objects = parseAllDocuments(readFileSync("config-templates/preview-role.yaml", "utf8")).map(
  (document) => document.toJS() as RoleObject,
);
const rulesOf = (name: string) =>
  objects.find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === name)?.rules ?? [];

const allows = (rules: readonly Rule[], verb: string, { apiVersion, kind }: { apiVersion: string; kind: string }) => {
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  const found = rules.filter(
    ({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(plural(kind)),
  );
  return found.some(({ verbs }) => verbs.includes(verb));
};

/** As the API has it. */
function plural(kind: string): string {
  const name = kind.toLowerCase();
  if (/(s|x|z|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

const PROD = plainSettings(readStackFile(readFileSync("Pulumi.prod.yaml", "utf8")));
beforeAll(() => {
  vi.spyOn(pulumi.log, "warn").mockResolvedValue();
});

it.each<[string, Readonly<Record<string, string>>]>([
  ["production", {}],
  [
    "RTMPS and TURN over TLS",
    { "streaming:rtmps": "true", "rtc:turnDomain": "turn.example.com", "rtc:turnTlsPort": "5349" },
  ],
  ["Gateway API", { "platform:traffic": "gateway", "platform:trafficClass": "envoy" }],
  [
    "calls on the nodes' networks",
    { "rtc:media": "hostNetwork", "rtc:replicas": "3", "rtc:redisUrl": "redis://redis" },
  ],
])("whoever has it may read what the stack makes: %s", async (_, change) => {
  const { manifests } = await renderManifests("prod", { ...PROD, ...change });
  const unread = manifests.filter((manifest) => {
    const name = manifest.kind === "Namespace" ? "nself-preview-cluster" : "nself-preview";
    return !allows(rulesOf(name), "get", manifest);
  });
  expect([...new Set(unread.map(({ kind }) => kind))]).toEqual([]);
});

it("and its Secrets, which are not rendered, each by its name", () => {
  const secret = { apiVersion: "v1", kind: "Secret" };
  expect(["get", "list", "watch"].map((verb) => allows(rulesOf("nself-preview"), verb, secret))).toEqual([
    true,
    false,
    false,
  ]);
});

it.each<[string, Readonly<Record<string, string>>]>([
  ["production", { "platform:priorityClass": "high", "search:existingSecret": "keys", "platform:pullSecret": "pull" }],
  ["Gateway API", { "platform:traffic": "gateway", "platform:trafficClass": "envoy" }],
  ["calls on the nodes' networks", { "rtc:media": "hostNetwork", "rtc:replicas": "1" }],
])("and what is asked of a cluster before anything is made: %s", async (_, change) => {
  const rules = [...rulesOf("nself-preview"), ...rulesOf("nself-preview-cluster")];
  const [asked, refused]: [string[], string[]] = [[], []];
  const ask = async (verb: string, apiVersion: string, kind: string, namespace = "nself-chat") => {
    // What it would see elsewhere it goes without.
    if (!namespace.startsWith("nself-chat")) return undefined;
    asked.push(kind);
    if (!allows(rules, verb, { apiVersion, kind })) refused.push(`${verb} ${kind}`);
    return undefined;
  };
  const cluster: Cluster = {
    title: "a cluster that does not say",
    version: "v1.34.4",
    read: (apiVersion, kind, _name, namespace) => ask("get", apiVersion, kind, namespace),
    list: (apiVersion, kind) => ask("list", apiVersion, kind),
  };
  const settings = readSettings({ values: { ...PROD, ...change }, isSecret: () => false });
  await inspectCluster(settings, [], async () => cluster);
  expect(asked).toContain("StorageClass");
  expect(refused).toEqual([]);
});

it("and nothing else: it changes nothing, and names what it reads", () => {
  const rules = [...rulesOf("nself-preview"), ...rulesOf("nself-preview-cluster")];
  expect([...new Set(rules.flatMap(({ verbs }) => verbs))].sort()).toEqual(["get", "list"]);
  expect(rules.flatMap(({ apiGroups, resources }) => [...apiGroups, ...resources])).not.toContain("*");
});

it("holds in the stack's namespace, and beyond it for what belongs to none", () => {
  const bound = objects.flatMap(({ kind, metadata, roleRef, subjects }) =>
    roleRef
      ? [[kind, metadata.namespace, roleRef.name, subjects?.map(({ name, namespace }) => `${namespace}/${name}`)]]
      : [],
  );
  expect(bound).toEqual([
    ["RoleBinding", "nself-chat", "nself-preview", ["nself-chat/nself-preview"]],
    ["ClusterRoleBinding", undefined, "nself-preview-cluster", ["nself-chat/nself-preview"]],
  ]);
});
