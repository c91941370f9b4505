import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Index {
  primaryKey: string | null;
  settings: Record<string, unknown>;
}
type Key = Readonly<Record<string, unknown>> & { readonly uid: string };
interface Task {
  readonly type: string;
  readonly indexUid: string;
  readonly work: () => void;
  readonly failure: string | undefined;
  polls: number;
}
type Answer = readonly [status: number, body?: unknown];

/** What an index has that nobody set, of the settings that the tests know. */
const DEFAULTS = {
  searchableAttributes: ["*"],
  filterableAttributes: [],
  separatorTokens: [],
  stopWords: [],
  synonyms: {},
  pagination: { maxTotalHits: 1000 },
  typoTolerance: {
    enabled: true,
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
    disableOnWords: [],
    disableOnAttributes: [],
    disableOnNumbers: false,
  },
  embedders: {},
};

/**
 * A stand-in for the routes of MeiliSearch that indexes, settings and keys are made with, in memory. It holds no
 * documents. A task is at work when it is asked for the first time, and ended at the second.
 */
export class SearchServer {
  readonly #key: string;
  readonly indexes = new Map<string, Index>();
  readonly keys = new Map<string, Key>();
  /** `METHOD path`, in order, and the body that came with it. Questions for its health are left out. */
  readonly requests: { readonly line: string; readonly body: string }[] = [];
  /** Message with which a task fails, by the request that makes it. */
  fails: (line: string) => string | undefined = () => undefined;
  /** What it answers instead of what is asked for; "dies" is no answer, now and ever after. */
  twist: (line: string) => Answer | "dies" | undefined = () => undefined;
  healthy = true;
  url = "";
  readonly #tasks: Task[] = [];
  #server: Server | undefined;

  constructor(key: string) {
    this.#key = key;
  }

  async start(): Promise<this> {
    this.#server = createServer(async (request, response) => {
      const line = `${request.method} ${request.url}`;
      const body = Buffer.concat(await request.toArray().catch(() => [])).toString();
      if (line !== "GET /health") this.requests.push({ line, body });
      const answer = this.#refuses(line, request.headers.authorization) ?? this.twist(line) ?? this.#answer(line, body);
      if (answer === "dies") return this.stop();
      response.writeHead(answer[0]).end(answer[1] === undefined ? undefined : JSON.stringify(answer[1]));
    });
    const port = Number(new URL(this.url || "http://any:0").port);
    await new Promise<void>((resolve) => this.#server?.listen(port, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** Requests that change something. */
  changes = () => this.requests.map(({ line }) => line).filter((line) => !line.startsWith("GET"));
  /** Bodies that came with a request. */
  bodies = (line: string) =>
    this.requests.filter((request) => request.line === line).map(({ body }) => JSON.parse(body) as unknown);

  #refuses(line: string, authorization: string | undefined): Answer | undefined {
    if (line === "GET /health") return this.healthy ? [200, { status: "available" }] : [503, {}];
    if (authorization === `Bearer ${this.#key}`) return undefined;
    return [403, error("The provided API key is invalid.", "invalid_api_key")];
  }

  #answer(line: string, text: string): Answer {
    const [method, path = ""] = line.split(" ");
    const [, kind, uid = "", part, route = ""] = path.split(/[/?]/);
    const body = text ? JSON.parse(text) : undefined;
    if (kind === "tasks") return [200, path.includes("?") ? this.#list(path) : this.#polled(Number(uid))];
    if (kind === "keys") return this.#ofKeys(method, path.includes("?") ? "" : uid, body);
    const index = this.indexes.get(uid);
    if (method === "POST") {
      const fresh = { primaryKey: body.primaryKey ?? null, settings: structuredClone(DEFAULTS) };
      return this.#enqueue(line, body.uid, "indexCreation", () => this.indexes.set(body.uid, fresh));
    }
    if (method === "PATCH" && part) {
      return this.#enqueue(line, uid, "settingsUpdate", () => {
        const at = this.indexes.get(uid) as Index;
        for (const [name, value] of Object.entries(body)) at.settings[name] = stored(at.settings[name], value);
      });
    }
    if (!index) return [404, error(`Index \`${uid}\` not found.`, "index_not_found")];
    if (method === "PATCH") return this.#enqueue(line, uid, "indexUpdate", () => Object.assign(index, body));
    const times = { createdAt: "2026-11-26T14:38:01.391Z", updatedAt: "2026-11-26T14:38:01.391Z" };
    if (!part) return [200, { uid, ...times, primaryKey: index.primaryKey }];
    return [200, masked(index.settings[route.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase())])];
  }

  #ofKeys(method: string | undefined, uid: string, body: Key): Answer {
    if (method === "POST") {
      this.keys.set(body.uid, body);
      return [201, this.#shown(body)];
    }
    if (!uid) return [200, { results: [...this.keys.values()].map((key) => this.#shown(key)), offset: 0, limit: 1000 }];
    const key = this.keys.get(uid);
    if (!key) return [404, error(`API key \`${uid}\` not found.`, "api_key_not_found")];
    if (method === "DELETE") this.keys.delete(uid);
    return method === "DELETE" ? [204] : [200, this.#shown(key)];
  }

  #shown({ name, description, uid, actions, indexes, expiresAt }: Key) {
    const times = { createdAt: "2026-11-26T14:38:01Z", updatedAt: "2026-11-26T14:38:01Z" };
    return { name, description, key: "0123", uid, actions, indexes, expiresAt, ...times };
  }

  #enqueue(line: string, indexUid: string, type: string, work: () => void): Answer {
    this.#tasks.push({ type, indexUid, work, failure: this.fails(line), polls: 0 });
    return [202, { taskUid: this.#tasks.length - 1, indexUid, status: "enqueued", type }];
  }

  #polled(uid: number): object {
    const task = this.#tasks[uid] as Task;
    if (++task.polls === 2 && !task.failure) task.work();
    return view(task, uid);
  }

  /** The newest first, and here all that nobody asked for are done as well. */
  #list(path: string): object {
    const { searchParams } = new URL(path, this.url);
    const among = (name: string, value: string) => searchParams.get(name)?.split(",").includes(value) ?? true;
    for (const [uid, { polls }] of this.#tasks.entries()) if (polls < 2) this.#polled(uid);
    const results = this.#tasks
      .map(view)
      .filter((task) => among("indexUids", task.indexUid) && among("types", task.type))
      .filter((task) => among("statuses", task.status))
      .reverse();
    return { results: results.slice(0, Number(searchParams.get("limit"))), total: results.length };
  }
}

function view({ type, indexUid, failure, polls }: Task, uid: number) {
  const ended = polls > 1;
  const status = ended ? (failure ? "failed" : "succeeded") : "processing";
  const why = ended && failure ? error(failure, "any") : null;
  return { uid, batchUid: uid, indexUid, status, type, canceledBy: null, details: {}, error: why };
}

const error = (message: string, code: string) => ({ message, code, type: "invalid_request", link: "" });

/** Objects are merged, but for synonyms, and null takes a member out; lists of names come back sorted. */
function stored(old: unknown, value: unknown): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject || Object.values(value).some(Array.isArray)) return value;
  return Object.fromEntries(Object.entries({ ...(old as object), ...value }).filter(([, member]) => member !== null));
}

/** Of a key only what it begins with is shown. */
const masked = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (name, inner) => (name === "apiKey" ? `${inner.slice(0, 4)}XXXX...` : inner));
