/** A stand-in's list of changes as the engine's DiffResponse. */
import proto, { type DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import type { Change } from "./diff.ts";

const { Kind } = proto.PropertyDiff;
const KINDS = {
  add: { stay: Kind.ADD, replace: Kind.ADD_REPLACE },
  delete: { stay: Kind.DELETE, replace: Kind.DELETE_REPLACE },
  update: { stay: Kind.UPDATE, replace: Kind.UPDATE_REPLACE },
} as const;

export function diffResponse(changes: Change[], deleteBeforeReplace: boolean): DiffResponse {
  const response = new proto.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList([...new Set(changes.map(({ property }) => property))]);
  const replaces = [...new Set(changes.filter(({ replace }) => replace).map(({ property }) => property))];
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(replaces.length > 0 && deleteBeforeReplace);
  // Without details the engine would show the inputs only, and they do not show drift in what Read found.
  response.setHasdetaileddiff(true);
  for (const { path, kind, replace } of changes) {
    const detail = new proto.PropertyDiff().setKind(KINDS[kind][replace ? "replace" : "stay"]);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}
