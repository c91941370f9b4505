import type { Advice } from "./advice.ts";
import { Failure } from "./check.ts";
import { type Answer, type Request, until } from "./http.ts";

/** Milliseconds for a task: it queues behind whatever the app is indexing. */
const TASK_LIMIT = 15_000;

interface Task {
  readonly status: "enqueued" | "processing" | "succeeded" | "failed" | "canceled";
  readonly error?: { readonly code: string; readonly message: string } | null;
}

/**
 * As much of MeiliSearch's API as the checks need, with the plain status of every answer: whether a request is refused
 * is what is being checked.
 * @see https://www.meilisearch.com/docs/reference/api/overview
 */
export class MeiliClient {
  readonly url: string;
  readonly #request: Request;
  readonly #advice: Advice;
  readonly #key: string | undefined;

  constructor(url: string, request: Request, advice: Advice, key?: string) {
    this.url = url;
    this.#request = request;
    this.#advice = advice;
    this.#key = key;
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#request(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.#key && { Authorization: `Bearer ${this.#key}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** @throws Failure where the answer has another status. */
  read<T>({ status, text }: Answer, expected: number): T {
    if (status === expected) return JSON.parse(text) as T;
    if (status === 401 || status === 403) {
      throw new Failure(`the server refuses the key (${status})`, this.#advice.otherStack);
    }
    throw new Failure(`expected ${expected}, got ${status}: ${text.slice(0, 200)}`, this.#advice.seeLogs);
  }

  /** Waits for the task that an answer announces. */
  async finish(answer: Answer, tolerated: readonly string[] = []): Promise<void> {
    const { taskUid } = this.read<{ taskUid: number }>(answer, 202);
    const task = await until(TASK_LIMIT, async () => {
      const now = this.read<Task>(await this.send("GET", `/tasks/${taskUid}`), 200);
      return now.status === "enqueued" || now.status === "processing" ? undefined : now;
    });
    if (!task) {
      throw new Failure(
        `task ${taskUid} is not done after ${TASK_LIMIT / 1_000} s`,
        `The server is busy with other documents: wait for it, then run ${this.#advice.npm("verify")} again.`,
      );
    }
    if (task.status === "succeeded" || tolerated.includes(task.error?.code ?? "")) return;
    throw new Failure(
      `task ${taskUid} ${task.status}: ${task.error?.message ?? "no reason given"}`,
      `A full disk is the usual cause. ${this.#advice.seeLogs}`,
    );
  }
}
