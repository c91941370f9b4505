import confirm from "@inquirer/confirm";
import { program } from "commander";
import {
  cleanLab,
  clusterEnvironment,
  clusterRuns,
  LabError,
  labEnvironment,
  labStatus,
  startCluster,
  startLab,
  stopLab,
  terminalProgress,
} from "./lab.ts";
import { cacheRoot } from "./paths.ts";
import { quote } from "./plugins.ts";
import { statusText } from "./status-text.ts";

/** Like `systemctl status`: a script can tell "down" from "broken". */
const exitDown = 3;

const progress = terminalProgress();
const print = (text: string) => void process.stdout.write(`${text}\n`);
const additions = () =>
  Object.entries({ ...labEnvironment(), ...(clusterRuns() && clusterEnvironment()) }).map(
    ([key, value]) => `export ${key}=${quote(value ?? "")}`,
  );

program
  .name("npm run lab --")
  .description("Runs this project for real on a machine that reaches only package registries.")
  .addHelpText("after", "\nExit codes: 0 done, 1 failed, 3 the lab is not up.");

program
  .command("up")
  .description("build what is missing, start Docker Engine and the image mirror")
  .option("--kubernetes", "start a Kubernetes cluster of one node, too")
  .action(async ({ kubernetes }: { kubernetes?: true }) => {
    await startLab(progress);
    if (kubernetes) await startCluster(progress);
    print(statusText(await labStatus()));
    print('\nFor a shell that uses it: eval "$(npm run --silent lab -- env)"');
  });

program
  .command("down")
  .description("stop the cluster, the engine with its containers and the mirror; keep what was built")
  .action(async () => {
    const stopped = await stopLab(progress);
    print(stopped.length > 0 ? `Stopped: ${stopped.join(", ")}.` : "The lab was not running.");
  });

program
  .command("status")
  .description("say what runs and which parts are stand-ins; exit code 3 when the lab is not up")
  .action(async () => {
    const status = await labStatus();
    print(statusText(status));
    if (!status.up) process.exitCode = exitDown;
  });

program
  .command("env")
  .description("print the environment as export lines, for eval")
  .action(async () => {
    if ((await labStatus()).up) return print(additions().join("\n"));
    process.stderr.write("The lab is not up. Start it with: npm run lab -- up\n");
    process.exitCode = exitDown;
  });

program
  .command("clean")
  .description("stop the lab and remove all that it made: builds, images, containers, their data")
  .option("--yes", "do not ask")
  .action(async ({ yes }: { yes?: true }) => {
    if (!yes && !(await agreed())) return print("Nothing was removed.");
    await progress.step("Removing the lab", () => cleanLab(progress));
    print("Debian packages and Go's own caches stay (go clean -cache -modcache empties those).");
  });

function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new LabError("There is no terminal to ask on.", "Add --yes to remove without asking.");
  return confirm({ message: `Remove ${cacheRoot} and the containers and volumes of the lab?`, default: false });
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`\n${error instanceof LabError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
