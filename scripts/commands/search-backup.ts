import { Failure } from "../lib/failure.ts";
import { searchTasks, setSetting } from "../lib/search-tasks.ts";
import { openSession } from "../lib/session.ts";
import { say } from "../lib/terminal.ts";

/** Makes a backup now, like the scheduled ones. Exit codes: 0 it is complete; 1 it is not. */
export async function searchBackup(options: { stack: string }): Promise<void> {
  const session = await openSession(options.stack);
  if (session.settings.search.backupEvery === "off") {
    const set = setSetting(options.stack, "search:backupEvery", "24");
    throw new Failure(`Backups are off for the stack ${options.stack}. Turn them on and deploy:\n  ${set}`);
  }
  await (await searchTasks(session)).run("meilisearch-backup", { onLine: say });
}
