import { promtool as promtoolBinary } from "../build/judges-promtool.ts";
import { pins } from "../pins.ts";
import { ask, type Printed } from "./tool.ts";
import type { Finding, Judge } from "./verdict.ts";

/** It has no output for programs: what it complains of is on the lines after FAILED, or after a lint's heading. */
export function readPromtool({ stdout, stderr, exitCode }: Printed, object: string): Finding[] {
  if (exitCode === 0) return [];
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  const complaints = lines.filter((line) => line && !/^(Checking |FAILED:$|SUCCESS)/.test(line));
  return (complaints.length ? complaints : ["it did not accept the file"]).map((message) => ({
    judge: "promtool",
    object,
    rule: "check-rules",
    severity: "error",
    message,
  }));
}

/** Rules for alerts. */
export const promtool: Judge = {
  name: "promtool",
  version: `of Debian ${pins.debianSuite}`,
  concerns: ({ rules }) => rules.length,
  async findings({ rules }, progress) {
    const tool = await promtoolBinary(progress);
    const found = rules.map(async ({ file, label }) =>
      readPromtool(await ask(tool, ["check", "rules", "--lint=all", "--lint-fatal", file]), label),
    );
    return (await Promise.all(found)).flat();
  },
};
