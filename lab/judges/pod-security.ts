import { z } from "zod";
import { goProgram } from "../build/judges-go.ts";
import { labelOf, workloads } from "./input.ts";
import { judgePins, kubernetesRelease } from "./pins.ts";
import { ask, expectJudged, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const violation = z.object({ file: z.string(), reason: z.string(), detail: z.string() });
const output = z.object({ judged: z.number(), violations: z.array(violation) });

export function readPodSecurity(json: unknown, label: (file: string) => string): Finding[] {
  return output.parse(json).violations.map(({ file, reason, detail }) => ({
    judge: "pod-security",
    object: label(file),
    rule: reason.replace(/ [!=].*/, ""),
    severity: "refused",
    message: detail || reason,
  }));
}

/** What Kubernetes itself refuses in a namespace whose label enforces "restricted". */
export const podSecurity: Judge = {
  name: "pod-security",
  version: judgePins.podSecurity,
  concerns: (input) => workloads(input).length,
  async findings(input, progress) {
    const module = { module: "k8s.io/pod-security-admission", version: judgePins.podSecurity };
    const tool = await goProgram("podsecurity", module, progress);
    const files = input.objects.map(({ file }) => file);
    const json = parseJson("pod-security", await ask(tool, [kubernetesRelease, ...files]));
    expectJudged("pod-security", output.parse(json).judged, workloads(input).length);
    return readPodSecurity(json, (file) => labelOf(input, file));
  },
};
