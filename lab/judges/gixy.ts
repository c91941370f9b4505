import { join } from "node:path";
import { z } from "zod";
import { pythonTools } from "../build/judges-python.ts";
import { pythonPin } from "./pins.ts";
import { ask, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const output = z.array(
  z.object({ plugin: z.string(), severity: z.string(), reason: z.string(), line: z.number().nullish() }),
);

export function readGixy(json: unknown, object: string): Finding[] {
  return output.parse(json).map(({ plugin, severity, reason, line }) => ({
    judge: "gixy",
    object,
    rule: plugin,
    severity: severity.toLowerCase(),
    message: line ? `${reason} (line ${line})` : reason,
  }));
}

/** gixy finds nothing in what it cannot parse, and says so to nobody: its parser is asked apart. */
const PARSE = `import crossplane, json, sys
print(json.dumps(crossplane.parse(sys.argv[1], single=True, check_ctx=False, check_args=False)["errors"]))`;

const parseErrors = z.array(z.object({ error: z.string(), line: z.number().nullable() }));

export function readParser(json: unknown, object: string): Finding[] {
  return parseErrors.parse(json).map(({ error, line }) => ({
    judge: "gixy",
    object,
    rule: "syntax",
    severity: "error",
    message: `${error.replace(/ in \S+$/, "")} (line ${line})`,
  }));
}

/** Configurations of nginx. */
export const gixy: Judge = {
  name: "gixy",
  version: pythonPin("gixy-ng"),
  concerns: ({ nginx }) => nginx.length,
  async findings({ nginx }, progress) {
    const python = join(await pythonTools(progress), "python");
    const found = nginx.map(async ({ file, label }) => {
      const printed = await ask(python, ["-m", "gixy", "--disable-includes", "--format", "json", file]);
      const parsed = await ask(python, ["-c", PARSE, file]);
      return [...readParser(parseJson("gixy", parsed), label), ...readGixy(parseJson("gixy", printed), label)];
    });
    return (await Promise.all(found)).flat();
  },
};
