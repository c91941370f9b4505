import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Checkout, ok } from "./helpers/checkout.ts";
import { PlainPulumi } from "./helpers/plain.ts";

/** A program of somebody else, who knows the pack by its path alone. */
const PROGRAM = `
const k8s = require("@pulumi/kubernetes");
const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
const labels = { app: "bad" };
const containers = [{ name: "bad", image: "nginx", env: [{ name: "API_SECRET", value: "devsecret1234567890123456789012" }] }];
const template = { metadata: { labels }, spec: { hostNetwork: true, containers } };
new k8s.apps.v1.Deployment("bad", { metadata: { name: "bad", namespace: "a" }, spec: { selector: { matchLabels: labels }, template } }, { provider });
exports.stats = ["http://chat.example.com/stat"];
`;

/** Apart from everything that other tests run. */
const APART = {
  "platform:prefix": "policy",
  "search:port": 27_700,
  "rtc:port": 27_880,
  "rtc:tcpPort": 27_881,
  "rtc:mediaPorts": 27_882,
  "streaming:ingestPort": 21_935,
  "streaming:httpPort": 28_088,
};

let checkout: Checkout;
let folder: string;
beforeAll(async () => {
  checkout = await Checkout.create(APART);
  folder = mkdtempSync(join(tmpdir(), "policy-"));
});
afterAll(() => {
  checkout.remove();
  rmSync(folder, { recursive: true });
});

/** Runs the CLI on the careless program. */
const careless = (...args: string[]) => new PlainPulumi(checkout, { KUBECONFIG: "" }).run("--cwd", folder, ...args);

describe("the policy pack, under the real engine", () => {
  it("finds nothing that stops the developer's stack", async () => {
    const pulumi = new PlainPulumi(checkout, { PULUMI_OPTION_POLICY_PACK: "policy" });
    ok(await pulumi.run("stack", "init", "dev"));
    const { exitCode, all } = await pulumi.run("preview", "--stack", "dev");
    expect(exitCode, all).toBe(0);
    expect(all).toContain("nself-chat@v");
    expect(all).toMatch(/\[advisory\] +docker-image-pinned .*rtmp-image/);
    expect(all).not.toContain("[mandatory]");
  });

  it("nor production's, and warns of RTMP ingest that is open to all networks", async () => {
    const noCluster = { KUBECONFIG: "", HOME: folder };
    const pulumi = new PlainPulumi(checkout, { PULUMI_OPTION_POLICY_PACK: "policy", ...noCluster });
    ok(await pulumi.run("stack", "init", "prod"));
    const { exitCode, all } = await pulumi.run("preview", "--stack", "prod");
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(/\[advisory\] +kubernetes-rtmp-sources .*rtmp-public/);
    expect(all).not.toContain("[mandatory]");
  });

  it("stops a stack that is careless, and says why", async () => {
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      "name: careless\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.cjs\n",
    );
    writeFileSync(join(folder, "index.cjs"), PROGRAM);
    symlinkSync(join(checkout.path, "node_modules"), join(folder, "node_modules"));
    ok(await careless("stack", "init", "t"));
    const { exitCode, all } = await careless("preview", "--stack", "t", "--policy-pack", join(checkout.path, "policy"));
    expect(exitCode).not.toBe(0);
    for (const [rule, sentence] of [
      ["kubernetes-image-pinned", "container bad: nginx has no tag. Name a release or a digest: nginx:v1.2.3"],
      ["kubernetes-restricted", "container bad: set securityContext.readOnlyRootFilesystem to true"],
      ["kubernetes-secret-in-pod", "container bad: the variable API_SECRET holds a secret in plain text."],
      ["kubernetes-node-network", "a/bad: it is on the network of its node."],
      ["kubernetes-network-policy", "a/bad has no NetworkPolicy for Ingress and Egress."],
      ["no-published-secret", "a/bad: spec.template.spec.containers[0].env[0].value holds the published secret"],
      ["encrypted-urls", "the output stats[0] is http://chat.example.com/stat. Serve it with TLS:"],
    ]) {
      expect(all).toContain(`[mandatory]  ${rule}`);
      expect(all).toContain(sentence);
    }
  });

  it("takes levels from a file", async () => {
    const levels = join(folder, "levels.json");
    writeFileSync(levels, JSON.stringify({ all: "advisory", "kubernetes-resources": "disabled" }));
    const pack = ["--policy-pack", join(checkout.path, "policy"), "--policy-pack-config", levels];
    const { exitCode, all } = await careless("preview", "--stack", "t", ...pack);
    expect(exitCode, all).toBe(0);
    expect(all).toContain("[advisory]  kubernetes-restricted");
    expect(all).not.toContain("kubernetes-resources");
  });
});
