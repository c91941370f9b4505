import { execa } from "execa";
import { ROOT } from "./paths.ts";

/** Runs a project's tests; what passed and failed goes to `.local/results/` as well. @returns whether all passed */
export async function runTests(project: "unit" | "e2e", files: readonly string[] = []): Promise<boolean> {
  const results = ["--reporter=default", "--reporter=json", `--outputFile.json=.local/results/${project}.json`];
  const args = ["run", "--project", project, ...results, ...files];
  const { exitCode } = await execa("vitest", args, { cwd: ROOT, preferLocal: true, stdio: "inherit", reject: false });
  return exitCode === 0;
}
