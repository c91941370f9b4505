/** A StatefulSet is ready when all its pods are, and of the newest revision unless they are only replaced by hand. */
import { pluckNumber, pluckText, quote } from "../values.ts";
import { DEFAULTS, info, type Judge, type Message } from "./judge.ts";
import { podWarnings } from "./pods.ts";

export const statefulSet: Judge = {
  ...DEFAULTS,
  needs: ["v1/pods"],
  judge({ object, related }) {
    const generation = object.metadata?.generation ?? 0;
    const observed = pluckNumber(object, "status", "observedGeneration") ?? 0;
    const seen = generation > 0 && observed >= generation;
    const count = (...path: string[]) => (seen ? (pluckNumber(object, ...path) ?? 0) : 0);
    const wanted = count("spec", "replicas");
    const ready = count("status", "readyReplicas");
    const complete = wanted === count("status", "replicas") && wanted === ready;
    const [current, newest] = ["currentRevision", "updateRevision"].map((name) =>
      seen ? pluckText(object, "status", name) : "",
    );
    const byHand = generation > 1 && pluckText(object, "spec", "updateStrategy", "type") === "OnDelete";
    const replicasReady = seen && complete && (byHand || wanted === count("status", "currentReplicas"));
    const revisionReady = seen && (byHand || (current !== "" && current === newest));
    // While it rolls out, ready pods may be of the former revision.
    const progress = revisionReady ? ready : Math.min(ready, count("status", "updatedReplicas"));

    const reasons: string[] = [];
    if (!replicasReady) reasons.push(`${progress} out of ${wanted} replicas succeeded readiness checks`);
    if (!revisionReady) {
      const revisions = `from revision ${quote(current ?? "")} to revision ${quote(newest ?? "")}`;
      reasons.push(`StatefulSet controller failed to advance ${revisions}`);
    }
    const warnings = podWarnings(related("pods"), object);
    return {
      ready: replicasReady && revisionReady,
      status: [statusOf({ replicasReady, revisionReady, generation, progress, wanted })],
      podWarnings: warnings,
      reasons: [...reasons, ...warnings],
    };
  },
};

function statusOf(state: {
  replicasReady: boolean;
  revisionReady: boolean;
  generation: number;
  progress: number;
  wanted: number;
}): Message {
  const { replicasReady, revisionReady, generation, progress, wanted } = state;
  if (replicasReady && revisionReady) return info("✅ StatefulSet initialization complete");
  const pods = `(${progress}/${wanted} Pods ready)`;
  if (generation <= 1) return info(`[1/2] Waiting for StatefulSet to create Pods ${pods}`);
  if (!replicasReady) return info(`[1/3] Waiting for StatefulSet update to roll out ${pods}`);
  return info("[2/3] Waiting for StatefulSet to update .status.currentRevision");
}
