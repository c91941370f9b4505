import { join } from "node:path";
import { z } from "zod";
import { pythonTools } from "../build/judges-python.ts";
import { labelOf } from "./input.ts";
import { pythonPin } from "./pins.ts";
import { ask, expectJudged, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const check = z.object({ check_id: z.string(), check_name: z.string(), file_path: z.string() });
const summary = z.object({ passed: z.number(), failed: z.number(), parsing_errors: z.number() });
const output = z.object({
  results: z.object({ failed_checks: z.array(check), skipped_checks: z.array(check).default([]) }),
  summary,
});

/** A check that an annotation on the object switches off counts as failed: exceptions have a place of their own. */
export function readCheckov(json: unknown, label: (file: string) => string): Finding[] {
  const { failed_checks, skipped_checks } = output.parse(json).results;
  const of = (severity: string, checks: readonly z.infer<typeof check>[]) =>
    checks.map(({ check_id, check_name, file_path }) => ({
      judge: "checkov",
      object: label(file_path),
      rule: check_id,
      severity,
      message: check_name,
    }));
  return [...of("failed", failed_checks), ...of("skipped", skipped_checks)];
}

/** Some hundred rules about what objects say. */
export const checkov: Judge = {
  name: "checkov",
  version: pythonPin("checkov"),
  concerns: ({ objects }) => objects.length,
  async findings(input, progress) {
    const python = join(await pythonTools(progress), "python");
    // --skip-download: the rules that it carries, and no call to its makers for the texts of others.
    const flags = ["--framework", "kubernetes", "--compact", "--skip-download", "--output", "json"];
    const printed = await ask(python, ["-m", "checkov.main", ...flags, "--directory", input.folder]);
    const json = parseJson("checkov", printed);
    const { passed, failed, parsing_errors } = summary.parse((json as { summary?: unknown }).summary ?? json);
    expectJudged(
      "checkov",
      parsing_errors > 0 || passed + failed === 0 ? 0 : input.objects.length,
      input.objects.length,
    );
    return readCheckov(json, (file) => labelOf(input, file));
  },
};
