import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabError } from "../errors.ts";
import type { Progress } from "../progress.ts";
import { actionlint } from "./actionlint.ts";
import { checkov } from "./checkov.ts";
import { type Exception, exceptions, excuse } from "./exceptions.ts";
import { gixy } from "./gixy.ts";
import { hadolint } from "./hadolint.ts";
import { readInput } from "./input.ts";
import { kubeScore } from "./kube-score.ts";
import { kubeconform } from "./kubeconform.ts";
import { kubesec } from "./kubesec.ts";
import { podSecurity } from "./pod-security.ts";
import { promtool } from "./promtool.ts";
import { trivy } from "./trivy.ts";
import type { Finding, Judge, Verdict } from "./verdict.ts";

/** Those who judge Kubernetes objects. */
export const kubernetesJudges: readonly Judge[] = [kubeconform, podSecurity, kubeScore, kubesec, checkov, trivy];

const judges: readonly Judge[] = [...kubernetesJudges, gixy, promtool, hadolint, actionlint];

export interface Options {
  /** Somebody else's: our exceptions do not count. */
  readonly foreign?: boolean;
}

/**
 * Has manifests and configuration judged by tools of others, offline once they are built.
 * @param paths files and folders; what concerns no judge is left alone
 * @returns a verdict of each judge that was concerned, and one of our own list of exceptions where it has leftovers
 * @throws LabError where there is nothing to judge, or a judge did not judge all that it was given
 */
export async function judge(
  paths: string | readonly string[],
  progress: Progress,
  options: Options = {},
): Promise<Verdict[]> {
  const work = await mkdtemp(join(tmpdir(), "judges-"));
  try {
    const input = await readInput([paths].flat(), work);
    const concerned = judges.filter((candidate) => candidate.concerns(input) > 0);
    if (concerned.length === 0) {
      throw new LabError(
        `There is nothing to judge in ${[paths].flat().join(", ")}.`,
        "Give rendered Kubernetes manifests, nginx configurations, alert rules, Dockerfiles or workflows.",
      );
    }
    const said: [Judge, readonly Finding[]][] = [];
    for (const each of concerned) said.push([each, await each.findings(input, progress)]);

    const known = options.foreign ? [] : exceptions;
    const sorted = excuse(
      said.flatMap(([, findings]) => findings),
      known,
    );
    const verdicts = said.map(([{ name, version, concerns }, all]) => ({
      judge: name,
      version,
      judged: concerns(input),
      findings: all.filter((finding) => sorted.findings.includes(finding)),
      excused: all.filter((finding) => sorted.excused.includes(finding)),
    }));
    return [...verdicts, ...leftOver(sorted.unused, concerned)];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** An exception for a judge that had nothing to do is not left over: it may be needed for the next input. */
function leftOver(unused: readonly Exception[], concerned: readonly Judge[]): Verdict[] {
  const findings = unused
    .filter(({ judge }) => concerned.some(({ name }) => name === judge))
    .map(({ judge, rule, object, reason }) => ({
      judge: "exceptions",
      object: "lab/judges/exceptions.ts",
      rule: "unused",
      severity: "error",
      message: `${judge} ${rule}${object ? ` on ${object}` : ""} excuses nothing any more. Remove it (${reason})`,
    }));
  return findings.length > 0
    ? [{ judge: "exceptions", version: "ours", judged: unused.length, findings, excused: [] }]
    : [];
}
