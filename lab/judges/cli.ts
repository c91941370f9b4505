import { resolve } from "node:path";
import { program } from "commander";
import { LabError } from "../errors.ts";
import { terminalProgress } from "../progress.ts";
import { judge } from "./judge.ts";
import { found, verdictTable } from "./report.ts";

program
  .name("npm run judge --")
  .description(
    "Has Kubernetes manifests judged by tools of others: schemas, Pod Security, kube-score, kubesec, checkov, trivy; and " +
      "nginx configurations, alert rules, Dockerfiles and workflows where there are any.",
  )
  .argument("<paths...>", "files and folders, such as a folder that `npm run render` wrote")
  .option("--json", "print the verdicts as JSON")
  .option("--foreign", "somebody else's manifests: no exceptions of ours")
  .addHelpText("after", "\nExit codes: 0 nothing found, 1 something found or no verdict.")
  .action(async (paths: string[], { json, foreign }: { json?: true; foreign?: true }) => {
    // npm runs scripts in the checkout, while paths are meant from where the command was typed.
    const from = process.env.INIT_CWD ?? process.cwd();
    const given = paths.map((path) => resolve(from, path));
    const verdicts = await judge(given, terminalProgress(), { foreign: foreign ?? false });
    process.stdout.write(`${json ? JSON.stringify(verdicts, null, 2) : verdictTable(verdicts)}\n`);
    if (found(verdicts).length > 0) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`\n${error instanceof LabError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
