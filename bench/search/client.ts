import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { SearchBenchError } from "./error.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** From the request's first byte to the answer's last. */
  readonly milliseconds: number;
}

interface Task {
  readonly status: "enqueued" | "processing" | "succeeded" | "failed" | "canceled";
  readonly error: { readonly message: string } | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** One server's HTTP API, on connections that stay. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #key: string;
  readonly #signal: AbortSignal;

  constructor(port: number, key: string, signal: AbortSignal) {
    this.#port = port;
    this.#key = key;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.close());
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @throws Error where there is no answer */
  async send(method: string, path: string, body?: Buffer, type = "application/json"): Promise<Answer> {
    try {
      return await this.#exchange(method, path, body, type);
    } catch (error) {
      this.#signal.throwIfAborted();
      // After five idle seconds the server closes a connection, perhaps in the moment in which it is used again.
      if (error instanceof StaleConnection) return this.#exchange(method, path, body, type);
      throw error;
    }
  }

  #exchange(method: string, path: string, body: Buffer | undefined, type: string): Promise<Answer> {
    this.#signal.throwIfAborted();
    const headers = {
      authorization: `Bearer ${this.#key}`,
      ...(body && { "content-type": type, "content-length": body.length }),
    };
    const began = performance.now();
    return new Promise<Answer>((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port: this.#port, agent: this.#agent, method, path, headers });
      // fetch sends head and body of a POST apart, and the second waits 40 ms until the server acknowledges the first.
      asked.setNoDelay(true);
      asked.on("error", (error) => reject(asked.reusedSocket ? new StaleConnection(error.message) : error));
      asked.on("response", (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => {
          const milliseconds = performance.now() - began;
          const { statusCode: status = 0, headers: answered } = response;
          resolve({ status, headers: answered, body: Buffer.concat(parts), milliseconds });
        });
      });
      asked.end(body);
    });
  }

  /** An answer's JSON. @throws SearchBenchError with the server's words for any status but 2xx */
  async json<T>(method: string, path: string, body?: Buffer, type?: string): Promise<T> {
    return parsed<T>(await this.send(method, path, body, type));
  }

  /** Starts a task and waits for its end. @throws SearchBenchError with the server's words where it fails */
  async change(method: string, path: string, body: unknown): Promise<void> {
    const { taskUid } = await this.json<{ taskUid: number }>(method, path, Buffer.from(JSON.stringify(body)));
    await this.finished(taskUid);
  }

  /** Waits for a task's end. @returns its milliseconds since 1970 */
  async finished(taskUid: number): Promise<{ readonly started: number; readonly ended: number }> {
    for (;;) {
      const { status, error, startedAt, finishedAt } = await this.json<Task>("GET", `/tasks/${taskUid}`);
      if (status === "succeeded" && startedAt && finishedAt) {
        return { started: Date.parse(startedAt), ended: Date.parse(finishedAt) };
      }
      if (error || status === "canceled")
        throw new SearchBenchError(`The server gave up: ${error?.message ?? "canceled"}`);
      await sleep(250, undefined, { signal: this.#signal });
    }
  }
}

class StaleConnection extends Error {}

export function parsed<T>({ status, body }: Answer): T {
  if (status < 200 || status > 299)
    throw new SearchBenchError(`The server answers ${status}: ${body.toString().slice(0, 500)}`);
  return JSON.parse(body.toString()) as T;
}
