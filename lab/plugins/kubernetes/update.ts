/** The Update call: server-side apply, a dry run of it in a preview. */
import proto, { type UpdateRequest, type UpdateResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import { NotReadyError } from "../shared/failures.ts";
import { fromStruct, toStruct } from "../shared/properties.ts";
import { awaitReady } from "./await/loop.ts";
import { subErrorsOf } from "./await/outcome.ts";
import { fromState, toState } from "./checkpoint.ts";
import { NoMatchError } from "./cluster.ts";
import { applyError, forces, takenOver, withIgnored } from "./field-managers.ts";
import { isForbidden } from "./http.ts";
import { idOf, type Kind, type KubernetesObject, kindOf, nameOf } from "./kinds.ts";
import { fieldManagerName } from "./names.ts";
import { normalizeInputs } from "./normalize.ts";
import { type Target, unreachableError } from "./target.ts";
import { hasUnknowns, quote, toObject } from "./values.ts";

export async function update(target: Target, request: UpdateRequest): Promise<UpdateResponse> {
  const { cluster } = target;
  const kind = kindOf(request.getType());
  const [urn, preview] = [request.getUrn(), request.getPreview()];
  const given = fromStruct(request.getNews());
  const inputs = normalizeInputs(kind, toObject(given));
  const reason = await cluster.unreachable();
  if (!preview && reason !== undefined) throw unreachableError(reason);
  const asGiven = () => new proto.UpdateResponse().setProperties(request.getNews());
  if (preview && (hasUnknowns(inputs) || !(await cluster.has(kind)))) return asGiven();

  const old = fromState(fromStruct(request.getOlds()));
  const fieldManager = fieldManagerName(inputs, old.fieldManager);
  const former = fieldManagerName(old.inputs, old.fieldManager);
  const notes = { initialApiVersion: old.initialApiVersion ?? old.inputs.apiVersion ?? "", fieldManager };
  const { namespace } = old.live.metadata ?? {};
  const live = () => cluster.get(kind, namespace, nameOf(old.live));
  try {
    await cluster.demand(kind);
    const before = await live();
    const ignored = request.getIgnorechangesList();
    const applied = await applyTo(target, kind, before, inputs, { fieldManager, dryRun: preview }, ignored);
    const timeout = request.getTimeout();
    const waiting = { cluster, kind, urn, inputs, object: applied, before, timeout };
    const { live: settled, error } = preview ? { live: applied, error: undefined } : await awaitReady(waiting);
    if (error !== undefined) throw error;
    // An apply of nothing gives up what the former manager had.
    if (!preview && former !== fieldManager) await relinquish(target, kind, settled, former);
    return new proto.UpdateResponse().setProperties(toStruct(toState(inputs, settled, given, notes)));
  } catch (failure) {
    const error = failure as Error;
    if (preview && isForbidden(error)) return asGiven();
    if (error instanceof NoMatchError) {
      throw new Error(
        `update of resource ${quote(urn)} failed because the Kubernetes API server reported that the apiVersion for ` +
          `this resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
      );
    }
    const found = await live().catch((lost: Error) => {
      throw new Error(
        `update of resource ${quote(urn)} failed: ${error.message}\nunable to get cluster state: ${lost.message}`,
      );
    });
    const introduction = `the Kubernetes API server reported that ${quote(idOf(found))} failed to fully initialize`;
    const message = `${introduction} or become live: ${error.message}`;
    throw new NotReadyError(message, idOf(found), toState(inputs, found, given, notes), {
      reasons: subErrorsOf(error),
    });
  }
}

async function applyTo(
  { cluster, settings }: Target,
  kind: Kind,
  before: KubernetesObject,
  inputs: KubernetesObject,
  writing: { fieldManager: string; dryRun: boolean },
  ignoreChanges: readonly string[],
): Promise<KubernetesObject> {
  const { fieldManager, dryRun } = writing;
  const managers = dryRun ? undefined : takenOver(before.metadata?.managedFields ?? [], fieldManager);
  const mine = managers
    ? await cluster.patch(kind, before, [
        { op: "replace", path: "/metadata/managedFields", value: managers },
        { op: "replace", path: "/metadata/resourceVersion", value: before.metadata?.resourceVersion },
      ])
    : before;
  const wanted = withIgnored(inputs, mine, fieldManager, ignoreChanges);
  const named = { ...wanted, metadata: { ...wanted.metadata, name: nameOf(before) } };
  return cluster.apply(kind, named, forces(inputs, mine, settings, dryRun), writing).catch((error) => {
    throw applyError(error, fieldManager);
  });
}

async function relinquish({ cluster }: Target, kind: Kind, live: KubernetesObject, fieldManager: string) {
  const { apiVersion, kind: name, metadata } = live;
  const nothing = {
    apiVersion: apiVersion ?? "",
    kind: name ?? "",
    metadata: { name: metadata?.name ?? "", ...(metadata?.namespace && { namespace: metadata.namespace }) },
  };
  await cluster.apply(kind, nothing, false, { fieldManager, dryRun: false });
}
