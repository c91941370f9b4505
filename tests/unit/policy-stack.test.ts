import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { plain } from "../../policy/plain.ts";
import { type Resource, UNKNOWN } from "../../policy/rule.ts";
import { allStackRules, resourceRules } from "../../policy/rules.ts";
import { isSecretName, publishedIn, secretForm } from "../../policy/secrets.ts";
import { deployment, dockerContainer, goodPod, object, stack } from "./helpers/policy-resources.ts";

type Case = readonly [readonly Resource[], readonly string[]];
const fine = (...resources: readonly Resource[]): Case => [resources, []];
const server = deployment();
const selector = { matchLabels: { app: "server" } };
const budget = (spec: object) => object("PodDisruptionBudget", { spec }, "policy/v1");
const policy = (podSelector: object, policyTypes: readonly string[], namespace: unknown = "a") =>
  object("NetworkPolicy", { metadata: { namespace }, spec: { podSelector, policyTypes } }, "networking.k8s.io/v1");
const namespace = (level: string) =>
  object("Namespace", { metadata: { name: "a", labels: { "pod-security.kubernetes.io/enforce": level } } });
const onHost = deployment({ ...goodPod, hostNetwork: true });
const LEAVE = "Leave that, or keep it in a namespace with the label pod-security.kubernetes.io/enforce: privileged";
const template = readFileSync("config-templates/nginx-rtmp.conf", "utf8");
const nginx = (file: string) => object("ConfigMap", { data: { "nginx.conf": file } });
const bare = "rtmp {\n  server {\n    application live {\n      live on;\n    }\n  }\n}\n";

const cases: Readonly<Record<string, readonly Case[]>> = {
  "kubernetes-node-network": [
    [[onHost, namespace("restricted")], [`a/deployment: it is on the network of its node. ${LEAVE}`]],
    [
      [
        deployment({ ...goodPod, containers: [{ ports: [{ hostPort: 80 }] }] }),
        object("Service", { spec: { type: "NodePort" } }),
      ],
      [`a/deployment: it takes ports of its node. ${LEAVE}`, `a/service: it is a NodePort. ${LEAVE}`],
    ],
    fine(onHost, namespace("privileged")),
    fine(server, object("Service", { spec: { type: "LoadBalancer" } })),
  ],
  "kubernetes-disruption-budget": [
    [[server], ["a/deployment has no PodDisruptionBudget. Make one that selects its pods"]],
    [
      [server, budget({ selector: { matchLabels: { app: "other" } } })],
      ["a/deployment has no PodDisruptionBudget. Make one that selects its pods"],
    ],
    fine(server, budget({ selector })),
    fine(object("Job", { spec: { template: { spec: {} } } }, "batch/v1")),
  ],
  "kubernetes-network-policy": [
    [
      [server, policy(selector, ["Ingress"]), policy({}, ["Egress"], "b")],
      ["a/deployment has no NetworkPolicy for Egress. Make one that selects its pods"],
    ],
    fine(server, policy(selector, ["Ingress"]), policy({}, ["Egress"])),
    fine(server, policy({}, ["Ingress", "Egress"], UNKNOWN)),
  ],
  "no-published-secret": [
    [
      [
        dockerContainer({ envs: ["MEILI_MASTER_KEY=nchat-search-dev-key-32-chars-long"] }),
        object("Secret", { data: { keys: Buffer.from("devkey: devsecret").toString("base64") } }),
      ],
      [
        "server: envs[0] holds the published secret nchat-search-dev-key-32-chars-long. Generate one",
        "a/secret: data.keys holds the published secret devkey. Generate one",
      ],
    ],
    fine(dockerContainer({ envs: ["KEY=my-devkey-of-my-own"] })),
  ],
  "no-open-publishing": [
    [[nginx(bare), server], ["a/configmap: anybody may publish. Set streaming:publish to key"]],
    [
      [object("Secret", { data: { "nginx.conf": Buffer.from(bare).toString("base64") } })],
      ["a/secret: anybody may publish. Set streaming:publish to key"],
    ],
    [
      [nginx(template.replace("default 0; #= withoutKey", "default 1;"))],
      ["a/configmap: anybody may publish. Set streaming:publish to key"],
    ],
    fine(nginx(template)),
    fine(dockerContainer({ uploads: [{ file: "/etc/nginx/nginx.conf", content: bare }] })),
  ],
  "encrypted-urls": [
    [
      [server, stack({ url: "http://a.example.com", env: { public: { LIVEKIT_URL: "ws://b.example.com" } } })],
      [
        "the output url is http://a.example.com. Serve it with TLS: https://a.example.com",
        "the output env.public.LIVEKIT_URL is ws://b.example.com. Serve it with TLS: wss://b.example.com",
      ],
    ],
    fine(server, stack({ url: "https://a.example.com", ingest: "rtmp://a.example.com", later: UNKNOWN })),
    fine(dockerContainer(), stack({ url: "http://localhost:7700" })),
  ],
};

describe.each(allStackRules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  it.each(cases[name] ?? [])("%#", (resources, wrong) => {
    expect(rule.checkStack(resources)).toEqual(wrong);
  });
  it("is seen to fire, and to let pass", () => {
    const outcomes = (cases[name] ?? []).map(([, wrong]) => wrong.length > 0);
    expect(outcomes).toContain(true);
    expect(outcomes).toContain(false);
  });
});

/** The rules as the code has them. */
function ruleTable(): string {
  const rows = [...resourceRules, ...allStackRules].map(
    ({ name, level, description }) => `| \`${name}\` | ${level} | ${description} |`,
  );
  return ["| rule | level | what it wants |", "|---|---|---|", ...rows].join("\n");
}

it("the README's table of rules is the code's", async () => {
  const file = new URL("../../policy/README.md", import.meta.url).pathname;
  const section = /(<!-- rules -->\n)[\s\S]*(<!-- \/rules -->)/;
  const text = readFileSync(file, "utf8").replace(section, (_, head, tail) => `${head}${ruleTable()}\n${tail}`);
  await expect(text).toMatchFileSnapshot(file);
});

describe("the pack", () => {
  const rules = [...resourceRules, ...allStackRules];
  it("has a name of its own for each rule, and a sentence that says what is wanted", () => {
    const names = rules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, description } of rules) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(description).toMatch(/^[A-Z].*\.$/);
    }
  });
  it("warns of what somebody may want, and stops everything else", () => {
    const advisory = rules.filter(({ level }) => level === "advisory").map(({ name }) => name);
    expect(advisory).toEqual(["docker-image-pinned", "kubernetes-rtmp-sources"]);
  });
  it("asks for the same SDK as the program", () => {
    const { dependencies } = JSON.parse(readFileSync("policy/package.json", "utf8"));
    const project = JSON.parse(readFileSync("package.json", "utf8"));
    expect(dependencies["@pulumi/pulumi"]).toBe(project.dependencies["@pulumi/pulumi"]);
    expect(parse(readFileSync("policy/PulumiPolicy.yaml", "utf8"))).toMatchObject({ runtime: "nodejs" });
  });
});

it("what one rule likes, all others do", () => {
  const good = [deployment(), dockerContainer(), object("Service")];
  expect(good.flatMap((resource) => resourceRules.flatMap((rule) => rule.check(resource)))).toEqual([]);
});

it("what a preview does not know yet keeps nothing else from being judged", () => {
  const sdk = new Proxy({ image: "?", list: [{ name: "known" }] } as Record<string, unknown>, {
    get(target, key) {
      if (key === "image")
        throw Object.assign(new Error("can't be known during preview"), { unknownTypeSentinel: "?" });
      return target[String(key)];
    },
  });
  expect(plain(sdk)).toEqual({ image: UNKNOWN, list: [{ name: "known" }] });
});

it("every rule has cases", () => {
  const tests = globSync("tests/unit/policy-*.test.ts").map((file) => readFileSync(file, "utf8"));
  const rules = [...resourceRules, ...allStackRules].map(({ name }) => name);
  expect(rules.filter((name) => !tests.some((text) => text.includes(`"${name}": [`)))).toEqual([]);
});

describe("what a secret looks like", () => {
  it.each(["API_SECRET", "db.password", "master-key", "TOKEN"])("%s is the name of one", (name) => {
    expect(isSecretName(name)).toBe(true);
  });
  it.each(["API_SECRET_FILE", "SECRET_NAME", "KEYBOARD", "tokens", "monkey"])("%s is not", (name) => {
    expect(isSecretName(name)).toBe(false);
  });
  it.each([
    ["-----BEGIN RSA PRIVATE KEY-----", "a private key"],
    [`AKIA${"A".repeat(16)}`, "an access key of AWS"],
    [`ghp_${"a".repeat(36)}`, "a token of GitHub"],
    [`pul-${"0".repeat(40)}`, "a token of Pulumi"],
    ["eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "a signed token"],
    ["https://user:word@example.com", "an address with a password in it"],
    ["https://example.com:443/@handle", undefined],
  ])("%s: %s", (content, form) => expect(secretForm(content)).toBe(form));
  it("a published one counts as a word of its own", () => {
    expect(publishedIn("keys:\n  devkey: x")).toBe("devkey");
    expect(publishedIn("devkeys")).toBeUndefined();
  });
});
