import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exceptions, excuse } from "../../lab/judges/exceptions.ts";
import { labelOf, readInput, workloads } from "../../lab/judges/input.ts";
import { judge } from "../../lab/judges/judge.ts";
import { found, verdictTable } from "../../lab/judges/report.ts";
import { inlined, schemasOf } from "../../lab/judges/schemas.ts";
import type { Finding } from "../../lab/judges/verdict.ts";
import type { Progress } from "../../lab/progress.ts";

let folder: string;
let work: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "judges-input-"));
  work = await mkdtemp(join(tmpdir(), "judges-work-"));
});
afterEach(() => Promise.all([folder, work].map((path) => rm(path, { recursive: true }))));

const put = async (name: string, content: string) => {
  await mkdir(join(folder, name, ".."), { recursive: true });
  await writeFile(join(folder, name), content);
};
const job = (name: string) => `apiVersion: batch/v1\nkind: Job\nmetadata: { name: ${name}, namespace: a }\n`;

describe("what there is to judge", () => {
  it("every object gets a file of its own: lists, and files of several documents", async () => {
    await put("jobs.yaml", `---\n${job("one")}---\n${job("two")}`);
    await put(
      "list.json",
      JSON.stringify({ apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind: "Pod" }] }),
    );
    const input = await readInput([folder], work);
    expect(input.objects.map(({ label }) => label)).toEqual(["Job a/one", "Job a/two", "Pod "]);
    expect(workloads(input)).toHaveLength(3);
    expect(labelOf(input, "/0001-Job-a-two.yaml")).toBe("Job a/two");
    expect(await readFile(join(input.folder, "0000-Job-a-one.yaml"), "utf8")).toContain("name: one");
  });

  it("numbers and words keep the meaning that Kubernetes reads", async () => {
    await put(
      "map.yaml",
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: m }\ndata: { a: "yes", b: "0400" }\nmode: 0400\n',
    );
    const { objects } = await readInput([folder], work);
    const text = await readFile(objects[0]?.file ?? "", "utf8");
    expect(text).toMatch(/a: "yes"\n.*b: "0400"\nmode: 256\n/s);
  });

  it("nginx and rules are found inside of objects, the rest by name", async () => {
    const data = { "nginx.conf": "events {\n}\n", "alerts.yaml": "groups:\n  - name: a\n", "other.conf": "a = b" };
    await put("map.json", JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data }));
    await put("nginx/edge.conf", "http {\n}\n");
    await put("rules.yml", "groups: []\n");
    await put("small.Dockerfile", "FROM scratch\n");
    await put(".github/workflows/test.yml", "on: push\n");
    await put("README.md", "apiVersion: v1\nkind: Pod\n");
    const input = await readInput([folder], work);
    const names = (files: readonly { label: string }[]) => files.map(({ label }) => label.replace(`${folder}/`, ""));
    expect(names(input.objects)).toEqual(["ConfigMap m"]);
    expect(names(input.nginx)).toEqual(["nginx/edge.conf", "ConfigMap m nginx.conf"]);
    expect(names(input.rules)).toEqual(["rules.yml", "ConfigMap m alerts.yaml"]);
    expect(names(input.dockerfiles)).toEqual(["small.Dockerfile"]);
    expect(names(input.workflows)).toEqual([".github/workflows/test.yml"]);
  });

  it("what cannot be read is said", async () => {
    await put("bad.yaml", "a: [");
    await expect(readInput([folder], work)).rejects.toThrow(/bad\.yaml is no YAML/);
    await expect(readInput([join(folder, "nothing")], work)).rejects.toThrow(
      /There is nothing to judge at .*nothing\./,
    );
  });

  it("an empty folder has no verdict", async () => {
    const silent: Progress = { note: () => {}, step: (_, task) => task(() => {}) };
    await expect(judge(folder, silent)).rejects.toThrow(`There is nothing to judge in ${folder}.`);
  });
});

describe("exceptions", () => {
  const finding = (judge: string, rule: string, object = "Pod a/b"): Finding => ({
    ...{ judge, rule, object },
    severity: "low",
    message: "m",
  });
  const known = [{ judge: "trivy", rule: "KSV-1", object: /^Pod /, reason: "r" }];

  it("excuse what they name, and nothing else", () => {
    const all = [finding("trivy", "KSV-1"), finding("trivy", "KSV-1", "Job a/b"), finding("checkov", "KSV-1")];
    expect(excuse(all, known)).toEqual({ excused: all.slice(0, 1), findings: all.slice(1), unused: [] });
  });
  it("are left over where nothing needs them", () => {
    expect(excuse([finding("trivy", "KSV-2")], known).unused).toEqual(known);
  });
  it("have a reason each, and stand once", () => {
    expect(exceptions.every(({ reason }) => reason.length > 40)).toBe(true);
    expect(new Set(exceptions.map(({ judge, rule, object }) => `${judge} ${rule} ${object}`)).size).toBe(
      exceptions.length,
    );
  });

  it("the table has what is excused apart", () => {
    const excused = [finding("trivy", "KSV-1")];
    const verdicts = [{ judge: "trivy", version: "v1", judged: 3, findings: [finding("trivy", "KSV-2")], excused }];
    expect(found(verdicts)).toHaveLength(1);
    expect(verdictTable(verdicts)).toBe(
      [
        "judge  version  judged  findings  excused",
        "trivy  v1       3       1         1",
        "",
        "trivy low  Pod a/b  KSV-2: m",
      ].join("\n"),
    );
  });
});

describe("schemas", () => {
  it("name nothing outside of themselves, and end where they hold themselves", () => {
    const node = { properties: { next: { $ref: "#/$defs/node" }, size: { $ref: "#/$defs/size" } } };
    const schema = inlined(
      { $ref: "x.json#/$defs/node" },
      { node, size: { type: "integer", description: "how much" } },
    );
    expect(schema).toEqual({ properties: { next: {}, size: { type: "integer" } } });
    expect(() => inlined({ $ref: "#/$defs/lost" }, {})).toThrow(
      'The schemas name "#/$defs/lost", which they do not define.',
    );
  });

  it("of custom resources refuse a field that is not listed", () => {
    const quantity = { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] };
    const spec = { type: "object", properties: { size: quantity, description: { type: "string", nullable: true } } };
    const free = {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { a: { type: "string" } },
    };
    const openAPIV3Schema = { type: "object", properties: { metadata: { type: "object" }, spec, free } };
    const names = { kind: "Certificate" };
    const definition = { group: "cert-manager.io", names, versions: [{ name: "v1", schema: { openAPIV3Schema } }] };
    const [file] = schemasOf(
      { kind: "CustomResourceDefinition", spec: definition },
      { type: "object", metadata: true },
    );
    expect(file?.name).toBe("certificate-cert-manager-v1.json");
    expect(file?.schema).toEqual({
      type: "object",
      additionalProperties: false,
      properties: {
        apiVersion: { enum: ["cert-manager.io/v1"] },
        kind: { enum: ["Certificate"] },
        metadata: { type: "object", metadata: true },
        free: { type: "object", properties: { a: { type: "string" } } },
        spec: {
          type: "object",
          additionalProperties: false,
          properties: {
            size: { anyOf: quantity.anyOf, type: ["integer", "string"] },
            description: { type: ["string", "null"] },
          },
        },
      },
    });
    expect(schemasOf({ kind: "ValidatingAdmissionPolicy" }, {})).toEqual([]);
  });
});
