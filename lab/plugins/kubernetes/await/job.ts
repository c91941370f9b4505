/** A Job is ready when it is complete; it fails with its backoff limit or its deadline, any other end is waited out. */
import type { KubernetesObject } from "../kinds.ts";
import { pluck, pluckNumber, pluckText, quote } from "../values.ts";
import { DEFAULTS, fullName, info, type Judge, warning } from "./judge.ts";
import { conditionOf, podWarnings } from "./pods.ts";

/** An unready pod is a normal part of a job's life, hence no warning while it runs. */
const NORMAL = "containers with unready status";

export const jobReady = (job: KubernetesObject): boolean =>
  pluck(job, "status", "startTime") !== undefined &&
  failureOf(job) === undefined &&
  conditionOf(job, "Complete")?.status === "True";

export const job: Judge = {
  ...DEFAULTS,
  needs: ["v1/pods"],
  remembers: true,
  judge({ object, related }) {
    const failure = failureOf(object);
    const started = pluck(object, "status", "startTime") !== undefined;
    const [active, succeeded, failed] = ["active", "succeeded", "failed"].map(
      (name) => pluckNumber(object, "status", name) ?? 0,
    );
    const progress = `(Active: ${active} | Succeeded: ${succeeded} | Failed: ${failed})`;
    const status = [info(`Waiting for Job ${quote(fullName(object))} to start`)];
    if (started) status.push(info(`Waiting for Job ${quote(fullName(object))} to succeed ${progress}`));
    const warnings = podWarnings(related("pods"), object);
    status.push(...warnings.filter((text) => !text.includes(NORMAL)).map(warning));
    return {
      ready: jobReady(object),
      failed: started && failure !== undefined,
      status,
      reasons: [...warnings, ...(failure === undefined ? [] : [failure])],
    };
  },
};

function failureOf(job: KubernetesObject): string | undefined {
  const condition = conditionOf(job, "Failed");
  if (condition?.status !== "True") return undefined;
  const reason = pluckText(condition, "reason");
  if (reason !== "BackoffLimitExceeded" && reason !== "DeadlineExceeded") return undefined;
  return `[${reason}] ${pluckText(condition, "message")}`;
}
