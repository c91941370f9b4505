import { describe, expect, it } from "vitest";
import { readActionlint } from "../../lab/judges/actionlint.ts";
import { readCheckov } from "../../lab/judges/checkov.ts";
import { readGixy, readParser } from "../../lab/judges/gixy.ts";
import { readHadolint } from "../../lab/judges/hadolint.ts";
import { readKubeScore } from "../../lab/judges/kube-score.ts";
import { readKubeconform } from "../../lab/judges/kubeconform.ts";
import { readKubesec } from "../../lab/judges/kubesec.ts";
import { readPodSecurity } from "../../lab/judges/pod-security.ts";
import { readPromtool } from "../../lab/judges/promtool.ts";
import { expectJudged, parseJson } from "../../lab/judges/tool.ts";
import { readTrivy } from "../../lab/judges/trivy.ts";

/** Recorded from the tools themselves, on a Deployment with everything wrong, and shortened. */
const label = (file: string) => `of ${file}`;

describe("what judges print is understood", () => {
  it("kubeconform: an unknown field, a kind without a schema, an object that was skipped", () => {
    const resources = [
      { filename: "a.yaml", status: "statusValid", msg: "" },
      {
        filename: "b.yaml",
        status: "statusInvalid",
        msg: "problem validating schema. Check JSON formatting: jsonschema validation failed with 'file:///x.json#' - at '/spec': additional properties 'colour' not allowed",
      },
      { filename: "c.yaml", status: "statusError", msg: "could not find schema for Gateway" },
      { filename: "d.yaml", status: "statusSkipped" },
    ];
    const base = { judge: "kubeconform", severity: "error" };
    expect(readKubeconform({ resources }, label)).toEqual([
      {
        ...base,
        object: "of b.yaml",
        rule: "schema",
        message: "at '/spec': additional properties 'colour' not allowed",
      },
      { ...base, object: "of c.yaml", rule: "no-schema", message: "could not find schema for Gateway" },
      { ...base, object: "of d.yaml", rule: "skipped", message: "it was not judged" },
    ]);
  });

  it("kube-score: critical and warning, and nothing of what passed or was skipped", () => {
    const check = (id: string, grade: number, skipped: boolean, comments: object[] | null) => ({
      check: { id, name: `${id} in words` },
      grade,
      skipped,
      comments,
    });
    const limits = [{ path: "bad", summary: "CPU limit is not set", description: "Resource limits are recommended" }];
    const checks = [
      check("stable-version", 10, false, null),
      check("container-resources", 1, false, limits),
      check("deployment-replicas", 5, false, [{ path: "", summary: "Deployment few replicas" }]),
      check("service-type", 1, false, null),
      check("pod-probes", 0, true, null),
    ];
    const base = { judge: "kube-score", object: "of bad.yaml" };
    expect(readKubeScore([{ file_name: "bad.yaml", checks }], label)).toEqual([
      { ...base, rule: "container-resources", severity: "critical", message: "bad: CPU limit is not set" },
      { ...base, rule: "deployment-replicas", severity: "warning", message: "Deployment few replicas" },
      { ...base, rule: "service-type", severity: "critical", message: "service-type in words" },
    ]);
    expect(readKubeScore(null, label)).toEqual([]);
  });

  it("kubesec: critical points, points that are missing, an object that it could not read", () => {
    const rule = (id: string, reason: string) => ({ id, selector: ".spec", reason, points: 1 });
    const critical = [rule("HostNetwork", "Sharing the host's network namespace")];
    const advise = [rule("RunAsUser", "Run as a high-UID user")];
    const object = { object: "Deployment/bad.default", valid: true, message: "Failed", score: -39 };
    const base = { judge: "kubesec", object: "Deployment default/bad" };
    expect(readKubesec([{ ...object, scoring: { critical, passed: advise, advise } }])).toEqual([
      {
        ...base,
        rule: "HostNetwork",
        severity: "critical",
        message: "Sharing the host's network namespace (score -39)",
      },
      { ...base, rule: "RunAsUser", severity: "advice", message: "Run as a high-UID user (score -39)" },
    ]);
    expect(readKubesec([{ ...object, valid: false, message: "no schema", scoring: {} }])).toEqual([
      { ...base, rule: "schema", severity: "error", message: "no schema" },
    ]);
  });

  it("Pod Security: what the API server would refuse", () => {
    const violations = [
      { file: "bad.yaml", reason: "host namespaces", detail: "hostNetwork=true" },
      { file: "bad.yaml", reason: "runAsNonRoot != true", detail: 'pod or container "bad" must set it' },
    ];
    const base = { judge: "pod-security", object: "of bad.yaml", severity: "refused" };
    expect(readPodSecurity({ judged: 1, violations }, label)).toEqual([
      { ...base, rule: "host namespaces", message: "hostNetwork=true" },
      { ...base, rule: "runAsNonRoot", message: 'pod or container "bad" must set it' },
    ]);
  });

  it("checkov: what failed, and what an annotation wants skipped", () => {
    const check = (check_id: string, check_name: string) => ({ check_id, check_name, file_path: "/bad.yaml" });
    const results = {
      failed_checks: [check("CKV_K8S_12", "Memory requests should be set")],
      skipped_checks: [check("CKV_K8S_43", "Image should use digest")],
    };
    const base = { judge: "checkov", object: "of /bad.yaml" };
    expect(readCheckov({ results, summary: { passed: 1, failed: 1, parsing_errors: 0 } }, label)).toEqual([
      { ...base, rule: "CKV_K8S_12", severity: "failed", message: "Memory requests should be set" },
      { ...base, rule: "CKV_K8S_43", severity: "skipped", message: "Image should use digest" },
    ]);
  });

  it("trivy", () => {
    const failures = [{ file: "bad.yaml", rule: "KSV-0009", severity: "HIGH", message: "should not set hostNetwork" }];
    expect(readTrivy({ results: 98, failures }, label)).toEqual([
      {
        judge: "trivy",
        object: "of bad.yaml",
        rule: "KSV-0009",
        severity: "high",
        message: "should not set hostNetwork",
      },
    ]);
  });

  it("gixy, hadolint, actionlint", () => {
    const splitting = {
      plugin: "http_splitting",
      severity: "HIGH",
      reason: 'variable "$uri" can contain "\\n"',
      line: 87,
    };
    expect(readGixy([splitting, { ...splitting, line: null }], "nginx.conf")).toEqual([
      {
        judge: "gixy",
        object: "nginx.conf",
        rule: "http_splitting",
        severity: "high",
        message: 'variable "$uri" can contain "\\n" (line 87)',
      },
      expect.objectContaining({ message: 'variable "$uri" can contain "\\n"' }),
    ]);
    const latest = {
      code: "DL3007",
      level: "warning",
      message: "Using latest",
      file: "Dockerfile",
      line: 1,
      column: 1,
    };
    expect(readHadolint([latest])).toEqual([
      {
        judge: "hadolint",
        object: "Dockerfile",
        rule: "DL3007",
        severity: "warning",
        message: "Using latest (line 1)",
      },
    ]);
    const unknown = {
      message: 'label "ubuntu" is unknown',
      filepath: "w.yml",
      line: 4,
      column: 1,
      kind: "runner-label",
    };
    expect(readActionlint([unknown])).toEqual([
      {
        judge: "actionlint",
        object: "w.yml",
        rule: "runner-label",
        severity: "error",
        message: 'label "ubuntu" is unknown (line 4)',
      },
    ]);
    expect(readActionlint(null)).toEqual([]);
  });

  it("promtool, which has no output for programs", () => {
    const stdout = "Checking rules.yaml\n  SUCCESS: 1 rules found\n";
    expect(readPromtool({ stdout, stderr: "", exitCode: 0 }, "rules.yaml")).toEqual([]);
    const stderr = '  FAILED:\nrules.yaml: 5:15: group "a", rule 1, "b": could not parse expression\n';
    expect(readPromtool({ stdout: "Checking rules.yaml\n", stderr, exitCode: 1 }, "rules.yaml")).toEqual([
      {
        judge: "promtool",
        object: "rules.yaml",
        rule: "check-rules",
        severity: "error",
        message: 'rules.yaml: 5:15: group "a", rule 1, "b": could not parse expression',
      },
    ]);
    expect(readPromtool({ stdout: "", stderr: "", exitCode: 1 }, "rules.yaml")).toHaveLength(1);
  });
});

describe("silence is no praise", () => {
  it("a configuration that gixy cannot parse", () => {
    const error = 'unexpected end of file, expecting "}" in /tmp/nginx.conf:2';
    expect(readParser([{ error, line: 2, file: "/tmp/nginx.conf" }], "nginx.conf")).toEqual([
      {
        judge: "gixy",
        object: "nginx.conf",
        rule: "syntax",
        severity: "error",
        message: 'unexpected end of file, expecting "}" (line 2)',
      },
    ]);
    expect(readParser([], "nginx.conf")).toEqual([]);
  });
  it("a tool that prints nothing", () => {
    expect(() => parseJson("trivy", { stdout: "", stderr: "panic: out of memory" })).toThrow(
      "trivy gave no verdict:\n    panic: out of memory\n\nMend the cause named above.",
    );
  });
  it("output of another form", () => {
    expect(() => readTrivy({ Results: [] }, label)).toThrow();
    expect(() => readCheckov({ passed: 0, failed: 0 }, label)).toThrow();
  });
  it("a tool that judged less than it was given", () => {
    expect(() => expectJudged("kubesec", 2, 3)).toThrow("kubesec judged 2 of 3 objects.");
    expect(() => expectJudged("kubesec", 3, 3)).not.toThrow();
  });
});
