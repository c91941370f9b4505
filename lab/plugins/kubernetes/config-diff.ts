/** Changed provider settings: another cluster replaces all that the provider made, anything else does not. */
import proto, { type DiffRequest, type DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import { fromStruct, type Properties } from "../shared/properties.ts";
import { activeCluster } from "./kubeconfig.ts";
import { readSettings } from "./settings.ts";
import { equal, hasUnknowns, reveal } from "./values.ts";

const IDENTIFIER = "clusterIdentifier";
const LEADING_TO_A_CLUSTER = ["kubeconfig", "context", "cluster"];

export function diffConfig(request: DiffRequest): DiffResponse {
  const olds = reveal(fromStruct(request.getOlds()));
  const news = reveal(fromStruct(request.getNews()));
  const { changed, replaces } = settingsDiff(olds, news);
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse().setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  return response.setDiffsList(changed).setReplacesList(replaces);
}

export function settingsDiff(olds: Properties, news: Properties): { changed: string[]; replaces: string[] } {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const changed = keys.filter((key) => !equal(olds[key], news[key]));
  if (changed.length === 0) return { changed, replaces: [] };
  const [before, now] = [olds[IDENTIFIER], news[IDENTIFIER]];
  if (before !== undefined && before === now) return { changed, replaces: [] };
  const replaces = before !== undefined && now !== undefined ? [IDENTIFIER] : [];

  const unknown = LEADING_TO_A_CLUSTER.find((key) => hasUnknowns({ value: news[key] }));
  if (unknown !== undefined) return { changed: [unknown], replaces: [...replaces, unknown] };

  const [oldCluster, newCluster] = [activeCluster(readSettings(olds)), activeCluster(readSettings(news))];
  if (oldCluster && newCluster && !equal(oldCluster, newCluster)) {
    replaces.push(...LEADING_TO_A_CLUSTER.filter((key) => changed.includes(key)));
  }
  return { changed, replaces };
}
