/** The Delete call: it returns when the object is gone, dependents first unless an annotation says otherwise. */
import type { DeleteRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import { cancelled, pause } from "../shared/cancel.ts";
import { log, logStatus } from "../shared/engine-log.ts";
import { NotReadyError } from "../shared/failures.ts";
import { fromStruct } from "../shared/properties.ts";
import { isAnnotated, propagationPolicy, timeoutSeconds } from "./annotations.ts";
import { fromState, toState } from "./checkpoint.ts";
import { NoMatchError } from "./cluster.ts";
import { isNotFound } from "./http.ts";
import { idOf, type Kind, type KubernetesObject, kindOf, parseId } from "./kinds.ts";
import { fieldManagerName } from "./names.ts";
import type { Target } from "./target.ts";

/** An old quirk of upstream: for these kinds skipAwait is also for deletion. */
const SKIPPABLE = new Set(["Namespace", "Deployment", "StatefulSet", "Job"]);
const [FIRST_POLL_MILLISECONDS, POLL_MILLISECONDS] = [50, 500];

export async function deleteObject(target: Target, request: DeleteRequest): Promise<void> {
  const { cluster } = target;
  const kind = kindOf(request.getType());
  const urn = request.getUrn();
  const state = fromStruct(request.getProperties());
  const old = fromState(state);
  const reason = await cluster.unreachable();
  if (reason !== undefined) return deleteUnreachable(target, urn, reason);

  const { name } = parseId(request.getId());
  try {
    await cluster.demand(kind);
    await cluster.delete(kind, old.live, name, propagationPolicy(old.inputs));
  } catch (error) {
    if (isNotFound(error) || error instanceof NoMatchError) return;
    throw error;
  }
  if (isAnnotated(old.inputs, "skipAwait") && SKIPPABLE.has(kind.kind)) return;
  const seconds = timeoutSeconds(old.inputs, request.getTimeout());
  const left = await untilGone(target, kind, old.live, name, seconds);
  if (left === undefined) return logStatus(urn, "info", "");
  await log(
    urn,
    "warning",
    `finalizers might be preventing deletion (${(left.metadata?.finalizers ?? []).join(", ")})`,
  );
  const notes = {
    initialApiVersion: old.initialApiVersion ?? "",
    fieldManager: fieldManagerName(old.inputs, old.fieldManager),
  };
  const message = cancelled() ? "context canceled" : "timed out waiting for the condition";
  throw new NotReadyError(message, idOf(left), toState(old.live, left, state, notes));
}

/** What is left when the time is up. */
async function untilGone(
  { cluster }: Target,
  kind: Kind,
  object: KubernetesObject,
  name: string,
  seconds: number,
): Promise<KubernetesObject | undefined> {
  const until = Date.now() + seconds * 1000;
  let last = object;
  for (let wait = FIRST_POLL_MILLISECONDS; ; wait = Math.min(wait * 2, POLL_MILLISECONDS)) {
    try {
      const found = await cluster.get(kind, object.metadata?.namespace, name);
      // Another object of the name is not the one that was deleted.
      if (found.metadata?.uid !== object.metadata?.uid) return undefined;
      last = found;
    } catch (error) {
      if (isNotFound(error)) return undefined;
    }
    if (Date.now() >= until || cancelled()) return last;
    await pause(wait);
  }
}

async function deleteUnreachable({ settings }: Target, urn: string, reason: string): Promise<void> {
  const introduction = "configured Kubernetes cluster is unreachable";
  await log(urn, "warning", `${introduction}: ${reason}`);
  if (!settings.deleteUnreachable) {
    throw new Error(
      `${introduction}. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the ` +
        'operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }
  const option = "and the `deleteUnreachable` option is enabled";
  await log(urn, "info", `${introduction} ${option}. Deleting the unreachable resource from Pulumi state`);
}
