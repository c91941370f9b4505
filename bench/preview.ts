import { inTurns, table } from "./rounds.ts";
import { Workspace } from "./workspace.ts";

/** Names and ports beside those of a stack that may be running. */
const ELSEWHERE = `  platform:prefix: nchat-bench
  search:port: 17700
  rtc:port: 17880
  rtc:tcpPort: 17881
  rtc:mediaPorts: "17882"
  streaming:ingestPort: 11935
  streaming:httpPort: 18088`;

/** A preview of dev that finds no change, against the smallest program that loads the same two providers. */
export async function preview(env: NodeJS.ProcessEnv, rounds: number): Promise<string> {
  const workspace = new Workspace(env);
  const programs = { "smallest program": workspace.smallest(), "this project": await workspace.project(ELSEWHERE) };
  try {
    for (const cwd of Object.values(programs)) {
      await workspace.pulumi(cwd, "stack", "init", "dev");
      await workspace.pulumi(cwd, "up", "--yes", "--skip-preview");
    }
    const contestants = Object.entries(programs).map(([name, cwd]) => ({
      name,
      run: () => workspace.pulumi(cwd, "preview", "--expect-no-changes"),
    }));
    return table(await inTurns(contestants, rounds));
  } finally {
    for (const cwd of Object.values(programs)) await workspace.pulumi(cwd, "destroy", "--yes", "--skip-preview");
    workspace.remove();
  }
}
