import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(path, "utf8");
const importing = (what: RegExp) => files.filter((path) => what.test(read(path)));

/** The program: what Pulumi runs. */
const files = ["index.ts", ...globSync("components/**/*.ts")].map((path) => path.replaceAll("\\", "/")).sort();

it("only the platforms import a provider's SDK", () => {
  expect(importing(/from "@pulumi\/docker/)).toEqual(["components/docker.ts"]);
  const kubernetes = importing(/from "@pulumi\/kubernetes/);
  expect(kubernetes.filter((path) => !path.startsWith("components/kubernetes/"))).toEqual([]);
  expect(kubernetes).toContain("components/kubernetes/server.ts");
});

it("a service names no platform", () => {
  const services = files.filter((path) => /components\/(search|rtc|streaming)/.test(path));
  expect(services.length).toBeGreaterThanOrEqual(6);
  expect(services.filter((path) => /docker|kubernetes|container/i.test(read(path)))).toEqual([]);
});

it("only index.ts reads Pulumi's configuration", () => {
  expect(importing(/allConfig|new pulumi\.Config|getConfig|PULUMI_CONFIG/)).toEqual(["index.ts"]);
});

it("only index.ts picks the platform", () => {
  const platforms = ["components/docker.ts", "components/kubernetes/platform.ts"];
  expect(importing(/new (Docker|Kubernetes)Platform\(/).filter((path) => !platforms.includes(path))).toEqual([
    "index.ts",
  ]);
});

it("files stay small enough to hold one idea", () => {
  const long = [...files, ...globSync("{scripts,lab}/**/*.{ts,mjs}")].filter(
    (path) => read(path).split("\n").length > 275,
  );
  expect(long).toEqual([]);
});

it("no component makes a resource inside apply", () => {
  const inApply = files.filter((path) =>
    /\.apply\((?:[^()]|\([^()]*\))*new (?!Error|URL|pulumi\.RunError)[A-Z]/.test(read(path)),
  );
  expect(inApply).toEqual([]);
});
