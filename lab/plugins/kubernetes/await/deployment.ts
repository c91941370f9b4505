/** A Deployment is ready when it is available and the ReplicaSet of its current revision has all its pods ready. */
import type { KubernetesObject } from "../kinds.ts";
import { nameOf } from "../kinds.ts";
import { isRecord, pluck, pluckList, pluckNumber, pluckText, quote } from "../values.ts";
import { DEFAULTS, info, isOwnedBy, type Judge, type Message, type Verdict, type View, warning } from "./judge.ts";
import { conditionOf, podWarnings } from "./pods.ts";

const revisionOf = (object: KubernetesObject | undefined): string =>
  object?.metadata?.annotations?.["deployment.kubernetes.io/revision"] ?? "";

export const deployment: Judge = {
  ...DEFAULTS,
  needs: ["apps/v1/replicasets", "v1/pods", "v1/persistentvolumeclaims"],
  judge(view) {
    const { object, once } = view;
    const observed = pluckNumber(object, "status", "observedGeneration");
    if (!once && observed !== object.metadata?.generation) return verdict(view, waiting, []);
    const available = conditionOf(object, "Available");
    const progressing = conditionOf(object, "Progressing");
    const revision = revisionOf(object);
    const replicaSet = view
      .related("replicasets")
      .find((candidate) => isOwnedBy(candidate, object) && revisionOf(candidate) === revision);
    const wanted = pluckNumber(replicaSet, "spec", "replicas") ?? 1;
    const ready = pluckNumber(replicaSet, "status", "readyReplicas");
    const status = [available, progressing].flatMap((condition): Message[] => {
      const text = conditionText(condition);
      return text === undefined ? [] : [warning(text)];
    });
    const state: Rollout = {
      replicaSet,
      revision,
      available: available?.status === "True",
      progressed: progressing?.status === "True" && progressing.reason === "NewReplicaSetAvailable",
      replicaSetReady: replicaSet !== undefined && (ready === undefined ? wanted === 0 : ready >= wanted),
      unboundClaims: unboundClaims(view),
    };
    if (replicaSet !== undefined && !state.replicaSetReady) {
      status.push(info(`Waiting for app ReplicaSet to be available (${ready ?? 0}/${wanted} Pods available)`));
    }
    if (state.replicaSetReady && wanted === 0) {
      status.push(warning(`Replicas scaled to 0 for Deployment ${quote(nameOf(object))}`));
    }
    for (const claim of state.unboundClaims) {
      const phase = pluckText(claim, "status", "phase");
      status.push(
        warning(`PersistentVolumeClaim: [${nameOf(claim)}] is not ready. status.phase currently at: ${phase}`),
      );
    }
    return verdict(view, state, status);
  },
};

interface Rollout {
  readonly replicaSet: KubernetesObject | undefined;
  readonly revision: string;
  readonly available: boolean;
  readonly progressed: boolean;
  readonly replicaSetReady: boolean;
  readonly unboundClaims: readonly KubernetesObject[];
}
/** The controller has not seen this generation yet: what the status says is about an older one. */
const waiting: Rollout = {
  replicaSet: undefined,
  revision: "",
  available: false,
  progressed: false,
  replicaSetReady: false,
  unboundClaims: [],
};

function verdict(view: View, state: Rollout, status: Message[]): Verdict {
  // The first revision is simply created: there is no roll-out to be through with.
  const rolledOut = state.revision === "1" || state.progressed;
  const ready = state.available && rolledOut && state.replicaSetReady && state.unboundClaims.length === 0;
  const warnings = podWarnings(view.related("pods"), state.replicaSet);
  const conditions = status.filter(({ text }) => text.startsWith("[")).map(({ text }) => text);
  return {
    ready,
    status: ready ? [...status, info("✅ Deployment initialization complete")] : status,
    podWarnings: warnings,
    reasons: [...conditions, ...shortfalls(state), ...warnings],
  };
}

function shortfalls({ revision, available, progressed, replicaSetReady, unboundClaims }: Rollout): string[] {
  const found: string[] = [];
  if (unboundClaims.length > 0) {
    found.push(`Failed to bind PersistentVolumeClaim(s): ${quote(unboundClaims.map(nameOf).join(","))}`);
  }
  const notLive = "Minimum number of Pods to consider the application live was not attained";
  if (!available) found.push("Minimum number of live Pods was not attained");
  else if (revision !== "1" && !progressed) found.push(notLive);
  else if (!replicaSetReady) {
    const notRolled = "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live";
    found.push(revision === "1" ? notLive : notRolled);
  }
  return found;
}

function conditionText(condition: ReturnType<typeof conditionOf>): string | undefined {
  if (condition === undefined || condition.status === "True") return undefined;
  const { reason, message } = condition;
  return typeof reason === "string" && typeof message === "string" ? `[${reason}] ${message}` : undefined;
}

function unboundClaims(view: View): KubernetesObject[] {
  const volumes = pluckList(view.object, "spec", "template", "spec", "volumes");
  const names = volumes.flatMap((volume) => {
    const name = isRecord(volume) ? pluck(volume, "persistentVolumeClaim", "claimName") : undefined;
    return typeof name === "string" ? [name] : [];
  });
  const claims = view.related("persistentvolumeclaims").filter((claim) => names.includes(nameOf(claim)));
  return claims.filter((claim) => pluckText(claim, "status", "phase") !== "Bound");
}
