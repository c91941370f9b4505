import { z } from "zod";
import { goTool } from "../build/judges-go.ts";
import { labelOf } from "./input.ts";
import { judgePins, kubernetesRelease } from "./pins.ts";
import { ask, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const comment = z.object({ path: z.string(), summary: z.string() });
const check = z.object({
  check: z.object({ id: z.string(), name: z.string() }),
  grade: z.number(),
  skipped: z.boolean(),
  comments: z.array(comment).nullable(),
});
const output = z.array(z.object({ file_name: z.string(), checks: z.array(check) })).nullable();

/** kube-score's grades: 1 is critical, 5 a warning, 10 is fine. */
export function readKubeScore(json: unknown, label: (file: string) => string): Finding[] {
  return (output.parse(json) ?? []).flatMap(({ file_name, checks }) =>
    checks
      .filter(({ grade, skipped }) => grade < 10 && !skipped)
      .flatMap(({ check: { id, name }, grade, comments }) =>
        (comments?.length ? comments : [{ path: "", summary: name }]).map(({ path, summary }) => ({
          judge: "kube-score",
          object: label(file_name),
          rule: id,
          severity: grade <= 1 ? "critical" : "warning",
          message: path ? `${path}: ${summary}` : summary,
        })),
      ),
  );
}

/** How objects fit together: probes, limits, disruption budgets, policies that reach the pods, services that find them. */
export const kubeScore: Judge = {
  name: "kube-score",
  version: judgePins.kubeScore,
  concerns: ({ objects }) => objects.length,
  async findings(input, progress) {
    const module = "github.com/zegl/kube-score";
    const go = { module, version: judgePins.kubeScore, command: `${module}/cmd/kube-score` };
    const tool = await goTool("kube-score", go, progress);
    // An annotation on an object must not be able to silence a check.
    const flags = ["--disable-ignore-checks-annotations", "--kubernetes-version", kubernetesRelease];
    const files = input.objects.map(({ file }) => file);
    const json = parseJson("kube-score", await ask(tool, ["score", "--output-format", "json", ...flags, ...files]));
    return readKubeScore(json, (file) => labelOf(input, file));
  },
};
