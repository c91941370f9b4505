import confirm from "@inquirer/confirm";
import { Failure } from "../lib/failure.ts";
import { FETCH, searchTasks, setSetting } from "../lib/search-tasks.ts";
import { openSession } from "../lib/session.ts";
import { paint, progress, say } from "../lib/terminal.ts";

interface RestoreOptions {
  readonly stack: string;
  readonly from?: string;
  readonly list?: boolean;
  readonly yes?: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Replaces what the search server holds by a backup. The server imports it beside its old data and changes over when
 * the documents are there; the old data stays on the volume until the next time.
 * Exit codes: 0 restored; 1 not, and the data is as it was.
 */
export async function searchRestore({ stack, from, list, yes }: RestoreOptions): Promise<void> {
  if (!list && !from)
    throw new Failure("Which backup? Name one, or the newest: npm run search:restore -- --from latest");
  if (from && !NAME.test(from)) {
    throw new Failure(
      `--from = "${from}" must be the name of a backup, or latest. See them: npm run search:restore -- --list`,
    );
  }
  const session = await openSession(stack);
  const { search } = session.settings;
  if (search.backupEvery === "off") {
    throw new Failure(
      `Backups are off for the stack ${stack}, and what makes them also brings them back. Turn them on and deploy:\n  ${setSetting(stack, "search:backupEvery", "24")}`,
    );
  }
  const tasks = await searchTasks(session);
  const fetch = (FROM: string, onLine: (line: string) => void) =>
    tasks.run("meilisearch-backup", { script: FETCH, env: { FROM }, onLine });
  if (list) return fetch("list", say);

  await sure(`Replace everything that search holds on the stack ${stack} by the backup ${from}?`, yes);
  let id: string | undefined;
  await fetch(from as string, (line) => {
    id = /^Restore (\S+) is requested\.$/.exec(line)?.[1] ?? id;
    say(line);
  });
  if (!id) throw new Failure("The backup was brought, and the restore was not requested.");

  await progress.step("Importing; searches fail until it is done", () => tasks.restartServer(search.startup + 60));
  let status = "";
  await tasks.run("meilisearch-backup", {
    script: 'cat "$DATA/restore/result"',
    onLine: (line) => {
      status += `${line}\n`;
    },
  });
  const field = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(status)?.[1];
  if (field("id") !== id || field("status") !== "done") {
    throw new Failure(`The backup was not restored: ${field("message") ?? "the server did not say why"}`);
  }
  say(`Restored ${field("message")}.`);
  // A backup brings the settings and keys of its day.
  await tasks.run("meilisearch-setup", { onLine: say });
  say(paint("green", "Search holds the backup, with the indexes, settings and keys of this stack."));
}

async function sure(message: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new Failure("This replaces data. Say that you mean it: --yes");
  if (!(await confirm({ message, default: false }))) throw new Failure("Nothing was changed.");
}
