import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pins } from "../pins.ts";

/** The versions of the judges: a newer one may find more, so that it comes in by a change of its own. */
export const judgePins = {
  kubeconform: "v0.8.0",
  kubeScore: "v1.20.0",
  kubesec: "v2.14.2",
  trivy: "v0.74.0",
  actionlint: "v1.7.12",
  certManager: "v1.21.2",
  prometheusOperator: "v0.85.0",
  /** Kubernetes' own evaluator has the number of its release with another major version. */
  podSecurity: pins.kubernetes.replace(/^v1\./, "v0."),
} as const;

/** `v1.34`: the release against which manifests are judged, that of the lab. */
export const kubernetesRelease = pins.kubernetes.split(".").slice(0, 2).join(".");

export const requirements = readFileSync(join(import.meta.dirname, "requirements.txt"), "utf8");

/** @throws Error for a package that requirements.txt does not pin. */
export function pythonPin(name: string): string {
  const line = requirements.split("\n").find((candidate) => candidate.startsWith(`${name}==`));
  if (!line) throw new Error(`lab/judges/requirements.txt does not pin ${name}.`);
  return line.slice(name.length + 2);
}
