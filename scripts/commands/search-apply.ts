import { searchTasks } from "../lib/search-tasks.ts";
import { openSession } from "../lib/session.ts";
import { say } from "../lib/terminal.ts";

/** Brings indexes, settings and keys to what was deployed last. Exit codes: 0 they are so; 1 they could not be. */
export async function searchApply(options: { stack: string }): Promise<void> {
  const tasks = await searchTasks(await openSession(options.stack));
  await tasks.run("meilisearch-setup", { onLine: say });
}
