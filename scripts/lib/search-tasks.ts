import { readTemplate } from "../../components/templates.ts";
import { npmRun } from "./npm-run.ts";
import type { Session } from "./session.ts";

/** The tasks beside the search server that can be run by hand, by the names that the service gives them. */
export type SearchTask = "meilisearch-setup" | "meilisearch-backup";

export interface TaskRun {
  /** Another shell script than the task's own, with what the task is given. */
  readonly script?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Told each line that the task prints. */
  readonly onLine: (line: string) => void;
}

/** Runs tasks where they are: nothing has to reach the server from here. */
export interface SearchTasks {
  /** Resolves when the task has ended well. @throws Failure with what to do where there is no such task, or it fails */
  run(task: SearchTask, run: TaskRun): Promise<void>;
  /** Starts the server again, and resolves when it is ready. @throws Failure where it is not within `seconds` */
  restartServer(seconds: number): Promise<void>;
}

/** Each platform loads its own client. */
export async function searchTasks({ stack, settings }: Session): Promise<SearchTasks> {
  if (settings.platform.kind === "docker") {
    const { DockerSearchTasks } = await import("./search-tasks-docker.ts");
    return new DockerSearchTasks(stack, settings);
  }
  const { KubernetesSearchTasks } = await import("./search-tasks-kubernetes.ts");
  return new KubernetesSearchTasks(stack, settings);
}

/** What a script of `config-templates/` needs in front of it to work with the server and the bucket. */
export const FETCH = ["api", "folder", "s3", "fetch"].map((name) => readTemplate(`search-${name}.sh`)).join("\n");

/** How a setting of this stack is written on the command line. */
export const setSetting = (stack: string, key: string, value: string) =>
  npmRun("pulumi", stack, "config", "set", key, value);

/** Splits what arrives in pieces into lines. */
export function lines(onLine: (line: string) => void): { push(text: string): void; end(): void } {
  let rest = "";
  return {
    push(text) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) onLine(line);
    },
    end() {
      if (rest) onLine(rest);
      rest = "";
    },
  };
}
