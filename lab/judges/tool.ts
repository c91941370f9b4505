import { basename } from "node:path";
import { execa } from "execa";
import { LabError } from "../errors.ts";
import { lastLines } from "../run.ts";

/** What a tool printed: its exit code says only that it found something, which its output says better. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Nothing that a judge runs has a reason to call home. */
const env = { CHECKOV_RUN_SCA_PACKAGE_SCAN_V2: "false", BC_SKIP_MAPPING: "TRUE", NO_COLOR: "1" };

export async function ask(command: string, args: readonly string[], cwd?: string): Promise<Printed> {
  const options = { reject: false, stdin: "ignore", maxBuffer: 2 ** 28, env, ...(cwd && { cwd }) } as const;
  const { stdout, stderr, exitCode } = await execa(command, args, options);
  if (exitCode === undefined) throw silent(command, stderr || "it was stopped by a signal");
  return { stdout, stderr, exitCode };
}

export function parseJson(judge: string, { stdout, stderr }: Pick<Printed, "stdout" | "stderr">): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    throw silent(judge, stderr || stdout);
  }
}

function silent(judge: string, output: string): LabError {
  return new LabError(
    `${basename(judge)} gave no verdict:\n${lastLines(output || "(no output)")}`,
    "Mend the cause named above. Where the tool itself is broken, remove the lab's build of it: npm run lab -- clean",
  );
}

/** @throws LabError: a judge that skips what it does not understand says nothing at all about it. */
export function expectJudged(judge: string, judged: number, given: number): void {
  if (judged >= given) return;
  throw new LabError(
    `${judge} judged ${judged} of ${given} objects.`,
    "The others were skipped in silence, so this is no verdict. See whether they are of a kind that the judge knows.",
  );
}
