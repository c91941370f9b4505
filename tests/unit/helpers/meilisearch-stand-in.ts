import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

interface Task {
  readonly kind: string;
  readonly enqueuedAt: string;
  polls: number;
}

/** A stand-in for the routes of MeiliSearch that make backups; its files are of a few bytes. */
export class MeiliStandIn {
  readonly #data: string;
  readonly #key: string;
  readonly tasks: Task[] = [];
  /** Message with which the next task fails. */
  failure = "";
  /** Whether tasks stay at work for ever. */
  busy = false;
  documents = 2;
  /** Called when a task is made. */
  onTask: () => void = () => undefined;
  url = "";
  readonly #server = createServer((request, response) => {
    const route = `${request.method} ${request.url}`;
    const known = route === "GET /health" || request.headers.authorization === `Bearer ${this.#key}`;
    const [status, body] = known ? this.#answer(route) : [403, {}];
    response.writeHead(status).end(JSON.stringify(body));
  });

  constructor(data: string, key: string) {
    this.#data = data;
    this.#key = key;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(route: string): [number, object] {
    if (route === "GET /health") return [200, { status: "available" }];
    if (route === "GET /version") return [200, { commitSha: "unknown", commitDate: "unknown", pkgVersion: "1.50.0" }];
    if (route === "GET /stats") {
      const index = (numberOfDocuments: number) => ({
        numberOfDocuments,
        isIndexing: false,
        fieldDistribution: { id: 1 },
      });
      return [200, { databaseSize: 1, indexes: { messages: index(this.documents), channels: index(10) } }];
    }
    const made = /^POST \/(dump|snapshot)s$/.exec(route)?.[1];
    if (made) {
      this.tasks.push({ kind: made, enqueuedAt: new Date().toISOString(), polls: 0 });
      const uid = this.tasks.length - 1;
      this.onTask();
      return [202, { taskUid: uid, indexUid: null, status: "enqueued", enqueuedAt: this.tasks[uid]?.enqueuedAt }];
    }
    const uid = Number(/^GET \/tasks\/(\d+)$/.exec(route)?.[1]);
    const task = this.tasks[uid];
    if (!task) return [404, { message: `Task ${uid} not found.`, code: "task_not_found" }];
    return [200, this.#task(uid, task)];
  }

  /** At work when it is asked for the first time, and ended at the second. */
  #task(uid: number, task: Task): object {
    const ended = task.polls++ > 0 && !this.busy;
    const message = ended ? this.failure : "";
    const dumpUid = `20260101-00000000${uid}`;
    const status = message ? "failed" : ended ? "succeeded" : "processing";
    if (status === "succeeded")
      this.#write(task.kind === "dump" ? `dumps/${dumpUid}.dump` : "snapshots/data.ms.snapshot", uid);
    const details = task.kind === "dump" ? { dumpUid: status === "succeeded" ? dumpUid : null } : null;
    const error = message ? { message, code: "internal", type: "internal", link: "" } : null;
    return { uid, indexUid: null, status, type: `${task.kind}Creation`, details, error, enqueuedAt: task.enqueuedAt };
  }

  #written = new Set<number>();

  #write(file: string, uid: number): void {
    if (this.#written.has(uid)) return;
    this.#written.add(uid);
    mkdirSync(join(this.#data, file, ".."), { recursive: true });
    writeFileSync(join(this.#data, file), `task ${uid} of ${this.documents} documents\n`);
  }
}
