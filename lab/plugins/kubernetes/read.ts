/** The Read call: a refresh, which also says when the object is not ready, or a lookup by id. */
import proto, { type ReadRequest, type ReadResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import { log } from "../shared/engine-log.ts";
import { NotReadyError } from "../shared/failures.ts";
import { fromStruct, type Properties, toStruct } from "../shared/properties.ts";
import { readReady } from "./await/loop.ts";
import { subErrorsOf } from "./await/outcome.ts";
import { fromState, identified, toState } from "./checkpoint.ts";
import { NoMatchError } from "./cluster.ts";
import { isNotFound } from "./http.ts";
import { type Kind, type KubernetesObject, kindOf, parseId } from "./kinds.ts";
import { fieldManagerName } from "./names.ts";
import { normalizeInputs } from "./normalize.ts";
import { pruneLive } from "./prune.ts";
import { markSecrets } from "./secrets.ts";
import type { Target } from "./target.ts";
import { isRecord, toObject } from "./values.ts";

/** A resource without an id is gone. */
const GONE = "";

export async function read(target: Target, request: ReadRequest): Promise<ReadResponse> {
  const kind = kindOf(request.getType());
  const [urn, id] = [request.getUrn(), request.getId()];
  const reason = await target.cluster.unreachable();
  if (reason !== undefined) return readUnreachable(target, request, reason);

  const { name, namespace } = parseId(id);
  if (name === "") {
    throw new Error(`failed to read resource because of a failure to parse resource name from request ID: ${id}`);
  }
  const state = fromStruct(request.getProperties());
  const given = fromStruct(request.getInputs());
  const old = fromState(state);
  const recorded = normalizeInputs(kind, toObject(given));
  const isLookup = recorded.kind === undefined && old.live.kind === undefined;
  const inputs = recorded.kind === undefined ? withIdentity(kind, recorded, namespace, name) : recorded;
  const notes = {
    initialApiVersion: old.initialApiVersion ?? inputs.apiVersion ?? "",
    fieldManager: fieldManagerName(inputs, old.fieldManager),
  };
  const object = await find(target, kind, inputs.metadata?.namespace ?? namespace, name);
  if (object === undefined) return new proto.ReadResponse().setId(GONE);

  const waiting = { cluster: target.cluster, kind, urn, inputs, object, timeout: 0 };
  const { live, error } = isLookup ? { live: object, error: undefined } : await readReady(waiting);
  const pruned = pruneLive(live, inputs);
  const liveInputs = isLookup && !kind.custom ? lookedUp(live) : pruned;
  const found = toState(liveInputs, live, given, notes);
  const markedInputs = markSecrets(liveInputs as Properties, given);
  if (error !== undefined) {
    throw new NotReadyError(error.message, id, found, { reasons: subErrorsOf(error), inputs: markedInputs });
  }
  return new proto.ReadResponse().setId(id).setProperties(toStruct(found)).setInputs(toStruct(markedInputs));
}

async function find({ cluster }: Target, kind: Kind, namespace: string, name: string) {
  try {
    await cluster.demand(kind);
    return await cluster.get(kind, namespace, name);
  } catch (error) {
    if (isNotFound(error) || error instanceof NoMatchError) return undefined;
    throw error;
  }
}

function withIdentity(kind: Kind, inputs: KubernetesObject, namespace: string, name: string): KubernetesObject {
  const { metadata } = inputs;
  const place = metadata?.namespace || namespace;
  return identified(kind, { ...inputs, metadata: { name, ...(place && { namespace: place }), ...metadata } });
}

/** All of the object that a program could have written. */
function lookedUp(live: KubernetesObject): KubernetesObject {
  const { status: _, metadata, ...rest } = live;
  const dropped = new Set(["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"]);
  const kept = Object.entries(metadata ?? {}).filter(([key]) => !dropped.has(key));
  const { annotations, ...others } = Object.fromEntries(kept);
  if (!isRecord(annotations)) return { ...rest, metadata: others };
  const ours = Object.entries(annotations).filter(
    ([key]) =>
      key !== "deployment.kubernetes.io/revision" && key !== "kubectl.kubernetes.io/last-applied-configuration",
  );
  return { ...rest, metadata: { ...others, annotations: Object.fromEntries(ours) as { [key: string]: string } } };
}

async function readUnreachable({ settings }: Target, request: ReadRequest, reason: string): Promise<ReadResponse> {
  const urn = request.getUrn();
  const introduction = "configured Kubernetes cluster is unreachable";
  await log(urn, "warning", `${introduction}: ${reason}`);
  if (settings.deleteUnreachable) {
    const option = "and the `deleteUnreachable` option is enabled";
    await log(urn, "info", `${introduction} ${option}. Deleting the unreachable resource from Pulumi state`);
    return new proto.ReadResponse().setId(GONE);
  }
  if (settings.skipUpdateUnreachable) {
    const option = "and the `skipUnreachable` option is enabled";
    const caution = "Returned data could not reflect the actual cluster configuration.";
    await log(urn, "info", `${introduction} ${option}. ${caution}`);
    const response = new proto.ReadResponse().setId(request.getId()).setProperties(request.getProperties());
    return response.setInputs(request.getInputs());
  }
  throw new Error(
    "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this " +
      "resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment " +
      'variable set to "true"',
  );
}
