import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judge, kubernetesJudges } from "../../lab/judges/judge.ts";
import { found, verdictTable } from "../../lab/judges/report.ts";
import type { Verdict } from "../../lab/judges/verdict.ts";
import { terminalProgress } from "../../lab/progress.ts";
import { badManifests, badNginx, badRules, badWorkflow } from "./helpers/bad-manifests.ts";
import { Checkout, ok } from "./helpers/checkout.ts";

const progress = terminalProgress();
const names = kubernetesJudges.map(({ name }) => name);

// On a fresh machine a test builds the judges first, which takes minutes.
describe("judged by others", { timeout: 1_800_000 }, () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
  });
  afterAll(() => checkout.remove());

  it("production has nothing that a judge wants otherwise", async () => {
    const out = join(checkout.path, "manifests");
    ok(await checkout.npm("render", "--stack", "prod", "--out", out));
    const verdicts = await judge(out, progress);
    expect(verdictTable(found(verdicts).length > 0 ? verdicts : [])).toBe("judge  version  judged  findings  excused");
    expect(verdicts.map(({ judge }) => judge)).toEqual(expect.arrayContaining(names));
  });

  it("neither have the workflows and what the lab makes its images of", async () => {
    const verdicts = await judge([join(checkout.path, ".github"), join(checkout.path, "lab", "images")], progress);
    expect(found(verdicts)).toEqual([]);
    expect(verdicts.map(({ judge }) => judge)).toEqual(["gixy", "hadolint", "actionlint"]);
  });
});

describe("a judge that cannot say no is worth nothing", () => {
  let folder: string;
  let verdicts: Verdict[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "judges-bad-"));
    const put = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    put("bad.yaml", badManifests);
    put("nginx.conf", badNginx);
    put("broken.conf", "http {\n  server {\n");
    put("rules.yaml", badRules);
    put("Dockerfile", "FROM debian:latest\nRUN cd /tmp\n");
    put(".github/workflows/bad.yml", badWorkflow);
    verdicts = await judge(folder, progress, { foreign: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const rules = (name: string) => [
    ...new Set(
      found(verdicts).flatMap(({ judge, object, rule }) =>
        judge === name ? [`${object.split("/").at(-1)} ${rule}`] : [],
      ),
    ),
  ];

  it.each([
    [
      "kubeconform",
      ["Deployment bad schema", "Certificate bad schema", "HTTPRoute bad schema", "Unheard of no-schema"],
    ],
    [
      "pod-security",
      ["Deployment bad host namespaces", "Deployment bad privileged", "StatefulSet careless runAsNonRoot"],
    ],
    ["kube-score", ["Deployment bad container-image-tag", "StatefulSet careless container-resources"]],
    ["kubesec", ["bad schema", "careless ServiceAccountName"]],
    ["checkov", ["Deployment bad CKV_K8S_43", "StatefulSet careless CKV_K8S_22"]],
    ["trivy", ["Deployment bad KSV-0009", "StatefulSet careless KSV-0014"]],
    ["gixy", ["nginx.conf http_splitting", "broken.conf syntax"]],
    ["promtool", ["rules.yaml check-rules"]],
    ["hadolint", ["Dockerfile DL3007", "Dockerfile DL3003"]],
    ["actionlint", ["bad.yml expression"]],
  ])("%s finds %j", (name, expected) => {
    expect(rules(name)).toEqual(expect.arrayContaining(expected));
  });
});
