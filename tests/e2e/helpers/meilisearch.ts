import { expect, vi } from "vitest";

export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  readonly body: any;
}

/** A client of the search server's API with one key. */
export class Meilisearch {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  async send(method: string, path: string, body?: unknown): Promise<Answered> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.#key}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.status, body: isJson ? await answer.json() : await answer.text() };
  }

  get(path: string): Promise<Answered> {
    return this.send("GET", path);
  }

  /** The ids of the documents that a search finds, in its order. */
  async found(index: string, search: object): Promise<unknown[]> {
    const { status, body } = await this.send("POST", `/indexes/${index}/search`, search);
    expect(status, JSON.stringify(body)).toBe(200);
    return body.hits.map(({ id }: { id: unknown }) => id);
  }

  /** Sends what the server does later, and waits until it has done it. */
  async done(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await this.send(method, path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    await vi.waitFor(
      async () => {
        const task = await this.get(`/tasks/${answer.body.taskUid}`);
        expect(task.body.status, JSON.stringify(task.body.error)).toBe("succeeded");
      },
      { timeout: 60_000, interval: 100 },
    );
  }
}

/** Messages of two channels, as the app stores them. */
export const MESSAGES = [
  { id: "1", content: "The deployment is ready", channel_id: "public", is_deleted: false, created_at: 1 },
  { id: "2", content: "Deployment of the secret plan", channel_id: "private", is_deleted: false, created_at: 2 },
  { id: "3", content: "An old deployment", channel_id: "public", is_deleted: true, created_at: 3 },
];
