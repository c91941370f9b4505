import { z } from "zod";
import { goTool } from "../build/judges-go.ts";
import { schemaLocation } from "../build/judges-schemas.ts";
import { labelOf } from "./input.ts";
import { judgePins } from "./pins.ts";
import { ask, expectJudged, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const output = z.object({
  resources: z.array(z.object({ filename: z.string(), status: z.string(), msg: z.string().default("") })),
});

/** Every object that is not valid is a finding, and so is one that was skipped or has no schema. */
export function readKubeconform(json: unknown, label: (file: string) => string): Finding[] {
  return output
    .parse(json)
    .resources.filter(({ status }) => status !== "statusValid")
    .map(({ filename, status, msg }) => ({
      judge: "kubeconform",
      object: label(filename),
      rule: status === "statusInvalid" ? "schema" : status === "statusSkipped" ? "skipped" : "no-schema",
      severity: "error",
      message: msg.replace(/.*jsonschema validation failed with '[^']*' - /s, "").trim() || "it was not judged",
    }));
}

/** The API's own schemas: an unknown field or a wrong type. */
export const kubeconform: Judge = {
  name: "kubeconform",
  version: judgePins.kubeconform,
  concerns: ({ objects }) => objects.length,
  async findings(input, progress) {
    const module = "github.com/yannh/kubeconform";
    const go = { module, version: judgePins.kubeconform, command: `${module}/cmd/kubeconform` };
    const location = await schemaLocation(progress);
    const flags = ["-strict", "-verbose", "-output", "json", "-schema-location", location];
    const json = parseJson(
      "kubeconform",
      await ask(await goTool("kubeconform", go, progress), [...flags, input.folder]),
    );
    expectJudged("kubeconform", output.parse(json).resources.length, input.objects.length);
    return readKubeconform(json, (file) => labelOf(input, file));
  },
};
