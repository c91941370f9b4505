import type { Finding } from "./verdict.ts";

/** A finding that we know and live with. */
export interface Exception {
  readonly judge: string;
  readonly rule: string;
  /** Which objects; all of them where absent. */
  readonly object?: RegExp;
  readonly reason: string;
}

/** All of them: a judge's own ways to be silenced, annotations and comments, are switched off. */
export const exceptions: readonly Exception[] = [
  {
    judge: "kubesec",
    rule: "SeccompAny",
    reason:
      "It reads an annotation that Kubernetes dropped in 1.27; the field seccompProfile is set, as pod-security checks.",
  },
  {
    judge: "kubesec",
    rule: "ApparmorAny",
    reason:
      "It reads an annotation for a container named nginx; where AppArmor is there, the runtime's default profile applies.",
  },
  {
    judge: "trivy",
    rule: "KSV-0125",
    reason: "It trusts the registries of three cloud companies. The registry of each image is a setting.",
  },
  {
    judge: "kube-score",
    rule: "networkpolicy-targets-pod",
    object: /^NetworkPolicy .*\/nself-frontend/,
    reason: "The policy is for the app's pods, which somebody else deploys: they are not among the manifests.",
  },
  {
    judge: "checkov",
    rule: "CKV_K8S_43",
    object: /^(Deployment|StatefulSet|Job|CronJob) /,
    reason:
      "Images are pinned by release; their digest is the operator's to set, as name:tag@sha256:… in search:image and its like.",
  },
];

export interface Sorted {
  readonly findings: readonly Finding[];
  readonly excused: readonly Finding[];
  /** What excuses nothing: it has to go, or it will hide the next mistake. */
  readonly unused: readonly Exception[];
}

export function excuse(all: readonly Finding[], known: readonly Exception[] = exceptions): Sorted {
  const used = new Set<Exception>();
  const isExcused = (finding: Finding) => {
    const fitting = known.filter((exception) => fits(exception, finding));
    for (const exception of fitting) used.add(exception);
    return fitting.length > 0;
  };
  const excused = all.filter(isExcused);
  return {
    excused,
    findings: all.filter((finding) => !excused.includes(finding)),
    unused: known.filter((exception) => !used.has(exception)),
  };
}

const fits = ({ judge, rule, object }: Exception, finding: Finding) =>
  judge === finding.judge && rule === finding.rule && (object?.test(finding.object) ?? true);
