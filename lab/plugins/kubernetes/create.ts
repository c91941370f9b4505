/**
 * The Create call. As upstream it is a plain creation, not an apply: an object that exists already is an error, and the
 * provider's field manager takes the fields over at the first update.
 */
import proto, { type CreateRequest, type CreateResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import { cancelled, pause } from "../shared/cancel.ts";
import { logStatus } from "../shared/engine-log.ts";
import { NotReadyError } from "../shared/failures.ts";
import { fromStruct, toStruct } from "../shared/properties.ts";
import { awaitReady } from "./await/loop.ts";
import { subErrorsOf } from "./await/outcome.ts";
import { toState } from "./checkpoint.ts";
import { NoMatchError } from "./cluster.ts";
import { applyError, forces } from "./field-managers.ts";
import { ApiError, alreadyExists, isForbidden, isNotFound } from "./http.ts";
import { apiVersionOf, idOf, type Kind, type KubernetesObject, kindOf } from "./kinds.ts";
import { fieldManagerName } from "./names.ts";
import { type Target, unreachableError } from "./target.ts";
import { hasUnknowns, quote, toObject } from "./values.ts";

const RETRIES = 5;
const EXISTS = `The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use \`pulumi import\`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create.`;

export async function create(target: Target, request: CreateRequest): Promise<CreateResponse> {
  const kind = kindOf(request.getType());
  const [urn, preview] = [request.getUrn(), request.getPreview()];
  const given = fromStruct(request.getProperties());
  const inputs = toObject(given);
  if (!preview) {
    const reason = await target.cluster.unreachable();
    if (reason !== undefined) throw unreachableError(reason);
  }
  const asGiven = () => new proto.CreateResponse().setProperties(request.getProperties());
  if (preview && (hasUnknowns(inputs) || !(await target.cluster.has(kind)))) return asGiven();

  const notes = { initialApiVersion: inputs.apiVersion ?? "", fieldManager: fieldManagerName(inputs, undefined) };
  const made = await make(target, kind, inputs, notes.fieldManager, urn, preview).catch((error: unknown) => {
    if (preview && (isForbidden(error) || alreadyExists(error) || lacksNamespace(error))) return undefined;
    throw creationError(error, urn, kind);
  });
  if (made === undefined) return asGiven();
  if (preview) {
    // An empty status would make programs that read it fail.
    const { status: _, ...rest } = made;
    return new proto.CreateResponse().setProperties(toStruct(toState(inputs, rest, given, notes)));
  }
  const waiting = { cluster: target.cluster, kind, urn, inputs, object: made, timeout: request.getTimeout() };
  const { live, error } = await awaitReady(waiting);
  const state = toState(inputs, live, given, notes);
  if (error === undefined) return new proto.CreateResponse().setId(idOf(live)).setProperties(toStruct(state));
  const introduction = `resource ${quote(urn)} was successfully created, but the Kubernetes API server`;
  const message = `${introduction} reported that it failed to fully initialize or become live: ${error.message}`;
  throw new NotReadyError(message, idOf(live), state, { reasons: subErrorsOf(error) });
}

/** Tries again while something it needs is not there, since other resources may be making it. */
async function make(
  { cluster, settings }: Target,
  kind: Kind,
  inputs: KubernetesObject,
  fieldManager: string,
  urn: string,
  preview: boolean,
): Promise<KubernetesObject> {
  for (let attempt = 0; ; attempt++) {
    try {
      await cluster.demand(kind);
      const writing = { fieldManager, dryRun: preview };
      const made = settings.upsertExistingObjects
        ? await cluster
            .apply(kind, inputs, forces(inputs, undefined, settings, preview), writing)
            .catch((error) => Promise.reject(applyError(error, fieldManager)))
        : await cluster.create(kind, inputs, { ...writing, fieldManager: "pulumi-kubernetes" });
      await logStatus(urn, "info", "");
      return made;
    } catch (error) {
      if (preview && lacksNamespace(error)) throw error;
      await logStatus(urn, "info", `Retry #${attempt}; creation failed: ${(error as Error).message}`);
      const worthwhile = isNotFound(error) || error instanceof NoMatchError;
      if (!worthwhile || attempt >= RETRIES || cancelled()) throw error;
      await pause(1000 * 2 ** attempt);
    }
  }
}

/** A preview cannot try an object whose namespace the same update makes. */
function lacksNamespace(error: unknown): boolean {
  return isNotFound(error) && error instanceof ApiError && error.details.kind === "namespaces";
}

function creationError(error: unknown, urn: string, kind: Kind): Error {
  const { message } = error as Error;
  if (error instanceof NoMatchError) {
    return new Error(
      `creation of resource ${quote(urn)} with kind ${apiVersionOf(kind)}/${kind.kind} failed because the Kubernetes ` +
        "API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs " +
        `have been created: ${message}`,
    );
  }
  const reason = alreadyExists(error) ? `${message}\n\n${EXISTS}` : message;
  return new Error(`resource ${quote(urn)} was not successfully created by the Kubernetes API server: ${reason}`);
}
