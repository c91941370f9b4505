import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { goTool } from "../build/judges-go.ts";
import { schemaLocation } from "../build/judges-schemas.ts";
import { type Input, workloads } from "./input.ts";
import { judgePins } from "./pins.ts";
import { ask, expectJudged, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const rule = z.object({ id: z.string(), selector: z.string(), reason: z.string() });
const scoring = z.object({ critical: z.array(rule).default([]), advise: z.array(rule).default([]) });
const output = z.array(
  z.object({ object: z.string(), valid: z.boolean(), message: z.string(), score: z.number(), scoring }),
);

/**
 * Points that are missing are findings, beside the critical ones: how many can be had depends on the kind, so that a
 * minimum would either ask too much of a Deployment or too little of a StatefulSet.
 */
export function readKubesec(json: unknown): Finding[] {
  return output.parse(json).flatMap(({ object, valid, message, score, scoring }) => {
    const [, kind, name, namespace] = /^(\w+)\/(.*)\.([^.]*)$/.exec(object) ?? [];
    const base = { judge: "kubesec", object: name ? `${kind} ${namespace}/${name}` : object };
    if (!valid) return [{ ...base, rule: "schema", severity: "error", message }];
    const of = (severity: string, rules: readonly z.infer<typeof rule>[]) =>
      rules.map(({ id, reason }) => ({ ...base, rule: id, severity, message: `${reason} (score ${score})` }));
    return [...of("critical", scoring.critical), ...of("advice", scoring.advise)];
  });
}

/** Jobs and CronJobs it does not judge. */
const judged = (input: Input) =>
  workloads(input).filter(({ manifest: { kind } }) => /^(Pod|Deployment|StatefulSet|DaemonSet)$/.test(kind));

/** A score of what a pod is allowed to do. */
export const kubesec: Judge = {
  name: "kubesec",
  version: judgePins.kubesec,
  concerns: (input) => judged(input).length,
  async findings(input, progress) {
    const module = "github.com/controlplaneio/kubesec/v2";
    const tool = await goTool("kubesec", { module, version: judgePins.kubesec, command: module }, progress);
    const documents = await Promise.all(judged(input).map(({ file }) => readFile(file, "utf8")));
    const file = join(dirname(input.folder), "kubesec.yaml");
    await writeFile(file, documents.join("---\n"));
    const args = ["scan", "--schema-location", await schemaLocation(progress), file];
    const json = parseJson("kubesec", await ask(tool, args));
    expectJudged("kubesec", output.parse(json).length, documents.length);
    return readKubesec(json);
  },
};
