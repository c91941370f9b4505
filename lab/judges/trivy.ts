import { z } from "zod";
import { goProgram } from "../build/judges-go.ts";
import { labelOf } from "./input.ts";
import { judgePins } from "./pins.ts";
import { ask, expectJudged, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const failure = z.object({ file: z.string(), rule: z.string(), severity: z.string(), message: z.string() });
const output = z.object({ results: z.number(), failures: z.array(failure) });

export function readTrivy(json: unknown, label: (file: string) => string): Finding[] {
  return output.parse(json).failures.map(({ file, rule, severity, message }) => ({
    judge: "trivy",
    object: label(file),
    rule,
    severity: severity.toLowerCase(),
    message,
  }));
}

/** Trivy's checks of misconfiguration, those that its scanner carries. */
export const trivy: Judge = {
  name: "trivy",
  version: judgePins.trivy,
  concerns: ({ objects }) => objects.length,
  async findings(input, progress) {
    // Its parsers are written for the second encoding/json, which Go 1.26 has behind a switch.
    const module = { module: "github.com/aquasecurity/trivy", version: judgePins.trivy, experiment: "jsonv2" };
    const json = parseJson("trivy", await ask(await goProgram("trivy", module, progress), [input.folder]));
    // Every object is asked by many checks: fewer answers than objects mean that it could not read them.
    expectJudged("trivy", output.parse(json).results, input.objects.length);
    return readTrivy(json, (file) => labelOf(input, file));
  },
};
