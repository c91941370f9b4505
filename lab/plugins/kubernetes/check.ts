/** The Check call: names, the default namespace, normal form; and what the stand-in does not do is refused. */
import proto, { type CheckRequest, type CheckResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import { log } from "../shared/engine-log.ts";
import { fromStruct, type Properties, toStruct } from "../shared/properties.ts";
import { refusedAnnotations } from "./annotations.ts";
import { type Kind, type KubernetesObject, kindOf } from "./kinds.ts";
import { type Autonaming, named } from "./names.ts";
import { normalizeInputs } from "./normalize.ts";
import { markSecrets } from "./secrets.ts";
import type { Target } from "./target.ts";
import { isRecord, isUnknownValue, toObject } from "./values.ts";

export async function check({ cluster }: Target, request: CheckRequest): Promise<CheckResponse> {
  const kind = kindOf(request.getType());
  const given = fromStruct(request.getNews());
  const object = normalizeInputs(kind, toObject(given));
  if (isRecord(object.metadata?.annotations) && object.metadata?.annotations["pulumi.com/autonamed"] !== undefined) {
    const message = 'ignoring user-specified value for internal annotation "pulumi.com/autonamed"';
    await log(request.getUrn(), "warning", message);
  }
  const olds = fromStruct(request.getOlds());
  const old = Object.keys(olds).length > 0 ? toObject(olds) : undefined;
  const withName = named(object, old, request.getName(), request.getRandomseed_asU8(), autonamingOf(request));
  if (!withName.metadata?.name && withName.metadata?.generateName) {
    throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  }
  const placed = withNamespace(kind, withName, cluster.namespace);
  const reasons = refusedAnnotations(placed);
  if (kind.readOnly) reasons.push(`${request.getType()} can only be read in this stand-in: use the official plugin`);
  const response = new proto.CheckResponse().setInputs(toStruct(markSecrets(placed as Properties, given)));
  return response.setFailuresList(reasons.map((reason) => new proto.CheckFailure().setReason(reason)));
}

/** Metadata that only an update will know is left alone. */
export function withNamespace(kind: Kind, object: KubernetesObject, namespace: string): KubernetesObject {
  if (!kind.namespaced || namespace === "" || isUnknownValue(object.metadata)) return object;
  if (object.metadata?.namespace) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function autonamingOf(request: CheckRequest): Autonaming | undefined {
  const options = request.getAutonaming();
  if (options === undefined) return undefined;
  const { DISABLE, ENFORCE } = proto.CheckRequest.AutonamingOptions.Mode;
  const mode = options.getMode();
  const name = mode === DISABLE ? "disable" : mode === ENFORCE ? "enforce" : "propose";
  return { mode: name, proposedName: options.getProposedName() };
}
