import { z } from "zod";
import { goTool } from "../build/judges-go.ts";
import { judgePins } from "./pins.ts";
import { ask, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const output = z
  .array(z.object({ message: z.string(), filepath: z.string(), line: z.number(), kind: z.string() }))
  .nullable();

export function readActionlint(json: unknown): Finding[] {
  return (output.parse(json) ?? []).map(({ message, filepath, line, kind }) => ({
    judge: "actionlint",
    object: filepath,
    rule: kind,
    severity: "error",
    message: `${message} (line ${line})`,
  }));
}

/** Workflows of GitHub Actions. */
export const actionlint: Judge = {
  name: "actionlint",
  version: judgePins.actionlint,
  concerns: ({ workflows }) => workflows.length,
  async findings({ workflows }, progress) {
    const module = "github.com/rhysd/actionlint";
    const go = { module, version: judgePins.actionlint, command: `${module}/cmd/actionlint` };
    // Further linters that a machine may or may not have would make the verdict the machine's.
    const flags = ["-shellcheck=", "-pyflakes=", "-format", "{{json .}}"];
    const files = workflows.map(({ file }) => file);
    return readActionlint(
      parseJson("actionlint", await ask(await goTool("actionlint", go, progress), [...flags, ...files])),
    );
  },
};
