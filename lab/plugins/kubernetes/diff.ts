/**
 * The Diff call: the program's inputs against the live object of the last update or refresh, in the shape of the old
 * inputs. It asks no cluster: what changes outside of Pulumi shows after a refresh.
 */
import proto, { type DiffRequest, type DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import { log } from "../shared/engine-log.ts";
import { fromStruct, type Properties } from "../shared/properties.ts";
import { isAnnotated } from "./annotations.ts";
import { jobReady } from "./await/job.ts";
import { fromState } from "./checkpoint.ts";
import { type Difference, detailedDiff } from "./detailed-diff.ts";
import { forceNewFields, type Mutability } from "./force-new.ts";
import { type Kind, type KubernetesObject, kindOf, nameOf } from "./kinds.ts";
import { mergePatch } from "./merge-patch.ts";
import { isNamed } from "./names.ts";
import { normalizeInputs } from "./normalize.ts";
import { pruneLive } from "./prune.ts";
import type { Target } from "./target.ts";
import { isUnknownValue, toObject } from "./values.ts";

const KINDS = {
  add: [proto.PropertyDiff.Kind.ADD, proto.PropertyDiff.Kind.ADD_REPLACE],
  delete: [proto.PropertyDiff.Kind.DELETE, proto.PropertyDiff.Kind.DELETE_REPLACE],
  update: [proto.PropertyDiff.Kind.UPDATE, proto.PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

export async function diff(target: Target, request: DiffRequest): Promise<DiffResponse> {
  const kind = kindOf(request.getType());
  const state = fromStruct(request.getOlds());
  const news = toObject(fromStruct(request.getNews()));
  const { differences, replaces, deleteBeforeReplace } = objectDiff(
    kind,
    state,
    news,
    request.getIgnorechangesList(),
    target.settings,
  );
  if (isAnnotated(news, "replaceUnready") && (await isUnready(target, kind, state, request.getUrn()))) {
    replaces.push('.metadata.annotations["pulumi.com/replaceUnready"]');
  }
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse().setHasdetaileddiff(true).setReplacesList(replaces);
  response.setChanges(differences.size + replaces.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDeletebeforereplace(deleteBeforeReplace(replaces.length > 0));
  for (const [path, { kind: change, replace, inputDiff }] of differences) {
    const detail = new proto.PropertyDiff().setKind(KINDS[change][replace ? 1 : 0]).setInputdiff(inputDiff);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

export function objectDiff(
  kind: Kind,
  state: Properties,
  news: KubernetesObject,
  ignoreChanges: readonly string[],
  mutability: Mutability,
): {
  differences: Map<string, Difference>;
  replaces: string[];
  deleteBeforeReplace: (replaced: boolean) => boolean;
} {
  const { inputs, live } = fromState(state);
  const now = inNamespace(kind, normalizeInputs(kind, news));
  const before = inNamespace(kind, pruneLive(live, normalizeInputs(kind, inputs)));
  const old: KubernetesObject = isNamed(now)
    ? { ...before, metadata: { ...before.metadata, name: nameOf(live) } }
    : before;
  const patch = mergePatch(old as Properties, now as Properties);
  const fields = forceNewFields(kind, now, mutability);
  const differences = detailedDiff(patch, old as Properties, now as Properties, fields);
  for (const path of differences.keys()) {
    if (ignoreChanges.some((ignored) => holds(ignored, path))) differences.delete(path);
  }
  const replaces = [...differences].flatMap(([path, { kind: change, replace }]) =>
    replace || (change === "delete" && path === "metadata") ? [path] : [],
  );
  // Two of one name cannot exist at once, unless the provider made the name up and will make up another.
  const sameName = nameOf(now) === nameOf(live) && !isAnnotated(now, "autonamed") && isNamed(now);
  const samePlace = (now.metadata?.namespace ?? "") === (live.metadata?.namespace ?? "");
  return { differences, replaces, deleteBeforeReplace: (replaced) => replaced && sameName && samePlace };
}

function inNamespace(kind: Kind, object: KubernetesObject): KubernetesObject {
  if (isUnknownValue(object.metadata)) return object;
  const { namespace, ...metadata } = object.metadata ?? {};
  return { ...object, metadata: kind.namespaced ? { ...metadata, namespace: namespace || "default" } : metadata };
}

/** `ignored` may have `*` for any key or index. */
function holds(ignored: string, path: string): boolean {
  const [outer, inner] = [stepsOf(ignored), stepsOf(path)];
  return outer.length <= inner.length && outer.every((step, index) => step === "*" || step === inner[index]);
}

function stepsOf(path: string): string[] {
  const steps = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...steps].map(([, quoted, index, plain]) => quoted?.replaceAll('\\"', '"') ?? index ?? plain ?? "");
}

async function isUnready({ cluster }: Target, kind: Kind, state: Properties, urn: string): Promise<boolean> {
  if ((await cluster.unreachable()) !== undefined) {
    await log(urn, "warning", "Cluster is unreachable, skipping replaceUnready check");
    return false;
  }
  if (kind.kind !== "Job") {
    await log(urn, "warning", "replaceUnready annotation is not supported for this resource");
    return false;
  }
  const { live } = fromState(state);
  const found = await cluster.get(kind, live.metadata?.namespace, nameOf(live)).catch(() => undefined);
  return found !== undefined && !jobReady(found);
}
