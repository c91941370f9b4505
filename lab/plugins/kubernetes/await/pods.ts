/** What is wrong with a pod, as far as Kubernetes says so: images that cannot be pulled, containers that exit. */
import type { Properties } from "../../shared/properties.ts";
import type { KubernetesObject } from "../kinds.ts";
import { pluckList, pluckNumber, pluckText } from "../values.ts";
import { fullName, isOwnedBy } from "./judge.ts";

export function podWarnings(pods: readonly KubernetesObject[], owner: KubernetesObject | undefined): string[] {
  return pods.filter((pod) => isOwnedBy(pod, owner)).flatMap(podWarning);
}

/** The first of its conditions that does not hold; one that is not scheduled yet warns of nothing. */
export function podWarning(pod: KubernetesObject): string[] {
  if (conditionOf(pod, "PodScheduled")?.status !== "True") return [];
  for (const type of ["Initialized", "Ready"]) {
    const condition = conditionOf(pod, type);
    if (condition === undefined) return [];
    const succeeded = type === "Ready" && pluckText(pod, "status", "phase") === "Succeeded";
    if (condition.status === "True" || succeeded) continue;
    const problems = pluckList(pod, "status", "containerStatuses").flatMap(containerProblems);
    const message = pluckText(condition, "message");
    if (problems.length === 0 && message === "") return [];
    const reason = pluckText(condition, "reason") === "" ? "" : message;
    return [`[Pod ${fullName(pod)}]: ${reason}${problems.join("\n")}`];
  }
  return [];
}

export function conditionOf(object: KubernetesObject, type: string): Properties | undefined {
  return pluckList(object, "status", "conditions").find((condition) => condition.type === type);
}

function containerProblems(status: Properties): string[] {
  if (status.ready === true) return [];
  const name = JSON.stringify(status.name);
  const problems: string[] = [];
  const waiting = pluckText(status, "state", "waiting", "reason");
  if (waiting !== "" && waiting !== "ContainerCreating") {
    problems.push(`[${waiting}] ${trimmed(pluckText(status, "state", "waiting", "message"))}`);
  }
  const terminated = pluckText(status, "state", "terminated", "reason");
  if (terminated !== "") {
    const message = pluckText(status, "state", "terminated", "message");
    const code = pluckNumber(status, "state", "terminated", "exitCode") ?? 0;
    problems.push(
      message === "" ? `container ${name} completed with exit code ${code}` : `[${terminated}] ${trimmed(message)}`,
    );
  }
  const finished = pluckText(status, "lastState", "terminated", "finishedAt");
  if (finished !== "") {
    const reason = pluckText(status, "lastState", "terminated", "reason");
    const code = pluckNumber(status, "lastState", "terminated", "exitCode") ?? 0;
    problems.push(`container ${name} terminated at ${finished} (${reason}: exit code ${code})`);
    const message = pluckText(status, "lastState", "terminated", "message");
    if (message !== "") problems.push(message);
  }
  return problems;
}

function trimmed(message: string): string {
  const start = "rpc error: code = Unknown desc = Error response from daemon: ";
  return (message.startsWith(start) ? message.slice(start.length) : message).replace(/: manifest unknown$/, "");
}
