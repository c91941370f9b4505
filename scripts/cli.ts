import { Command, Option } from "commander";
import { Failure } from "./lib/failure.ts";

const stack = () => new Option("--stack <name>", "the stack: Pulumi.<name>.yaml").default("dev");
const yes = (what: string) => new Option("-y, --yes", what);

/** Each command loads its own code: `--help` answers at once. */
const program = new Command("npm run")
  .description("Search, calls and live streaming for nself-chat.")
  .usage("<command> -- [options]")
  .showHelpAfterError("(add --help for the options)")
  .configureHelp({ sortSubcommands: false })
  .enablePositionalOptions();

program
  .command("up")
  .description("Deploy, wait until everything is healthy, write the app's environment, print the URLs.")
  .addOption(stack())
  .addOption(yes("ask nothing; build the lab where Docker, the CLI or the registry is out of reach"))
  .option("--out <file>", "dotenv file to write", ".env.local")
  .option("--no-env", "write no dotenv file")
  .action(async (options) => (await import("./commands/up.ts")).up(options));

program
  .command("preview")
  .description("Show what `up` would change; changes nothing.")
  .addOption(stack())
  .option("--diff", "show every property")
  .option("--expect-no-changes", "fail if something would change")
  .action(async (options) => (await import("./commands/preview.ts")).preview(options));

program
  .command("down")
  .description("Remove the services. Data volumes stay, and so does a network that somebody else uses.")
  .addOption(stack())
  .addOption(yes("do not ask"))
  .option("--volumes", "remove the data too; asks once more")
  .action(async (options) => (await import("./commands/down.ts")).down(options));

program
  .command("env")
  .description("Write the app's environment to a dotenv file (mode 0600), keeping every other line of it.")
  .addOption(stack())
  .option("--out <file>", "the file", ".env.local")
  .option("--public-only", "leave out what only the app's server may know")
  .action(async (options) => (await import("./commands/env.ts")).env(options));

program
  .command("render")
  .description("Write the Kubernetes manifests that `up` would apply, for review or GitOps. Needs no cluster.")
  .addOption(stack().default("prod"))
  .requiredOption("--out <folder>", "where to write them, a file for each object")
  .addOption(
    new Option("--secrets <how>", "reference: name Secrets that somebody else makes; refuse: fail where one is needed")
      .choices(["reference", "refuse"])
      .default("reference"),
  )
  .option("--check", "validate them against the schema of the Kubernetes API")
  .action(async (options) => (await import("./commands/render.ts")).render(options));

program
  .command("verify")
  .description("Search a document, join a room, publish and play a stream.")
  .addOption(stack())
  .option("--json", "print the result as JSON")
  .action(async (options) => (await import("./commands/verify.ts")).verify(options));

program
  .command("search:apply")
  .description("Bring indexes, settings and API keys of search to what was deployed last, whoever changed them.")
  .addOption(stack())
  .action(async (options) => (await import("./commands/search-apply.ts")).searchApply(options));

program
  .command("search:backup")
  .description("Make a backup of search now, and copy it to where the scheduled ones go.")
  .addOption(stack())
  .action(async (options) => (await import("./commands/search-backup.ts")).searchBackup(options));

program
  .command("search:restore")
  .description("Replace what search holds by a backup, after a question. The old data stays on the volume.")
  .addOption(stack())
  .option("--from <backup>", "name of a backup, or latest")
  .option("--list", "show the backups that there are")
  .addOption(yes("do not ask"))
  .action(async (options) => (await import("./commands/search-restore.ts")).searchRestore(options));

program
  .command("pulumi")
  .description("Any command of Pulumi's CLI, with the backend and the files that the other commands use.")
  .usage("-- [--stack <name>] <command> [options]")
  .addOption(stack())
  .passThroughOptions()
  .argument("<arguments...>")
  .action(async (args, options) => (await import("./commands/pulumi.ts")).pulumi(args, options));

program
  .command("test")
  .description("Format check, lint, type check, unit and contract tests.")
  .action(async () => (await import("./commands/test.ts")).test());

program
  .command("e2e")
  .description("The real stack in the lab: up, verify, change, break, heal, down.")
  .argument("[files...]", "only the test files whose path contains this")
  .action(async (files) => (await import("./commands/e2e.ts")).e2e(files));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure) && !isInterrupt(error)) throw error;
  process.exitCode = error instanceof Failure ? error.exitCode : 130;
  if (error instanceof Failure && error.message) console.error(`\n${error.message}`);
}

/** Ctrl-C at a question. */
function isInterrupt(error: unknown): boolean {
  return error instanceof Error && error.name === "ExitPromptError";
}
