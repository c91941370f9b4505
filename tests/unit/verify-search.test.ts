import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { readSettings } from "../../components/settings.ts";
import type { Check } from "../../scripts/verify/check.ts";
import { adviceFor } from "../../scripts/verify/servers.ts";
import { type Target, type VerifyOptions, verify as verifyWith } from "../../scripts/verify/verify.ts";

const ADVICE = adviceFor("dev", readSettings({ values: {}, isSecret: () => false }));
const verify = (target: Target, options?: VerifyOptions) => verifyWith(target, ADVICE, undefined, options);

const MASTER = "master-key-0123456789abcdef";
const SEARCH = "search-key-0123456789abcdef";

interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

type Behaviour = (route: string, key: string | undefined) => Reply | undefined;

const running: { close: () => void }[] = [];
afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

/** As much of MeiliSearch as is asked for; `twist` may answer differently. */
async function fakeMeili(twist: Behaviour = () => undefined) {
  const indexes = new Set<string>();
  const tasks: object[] = [];
  const routes: string[] = [];
  const searches: object[] = [];
  const task = (result: object = { status: "succeeded" }): Reply => {
    tasks.push(result);
    return { status: 202, body: { taskUid: tasks.length - 1 } };
  };

  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const key = request.headers.authorization?.replace("Bearer ", "");
    const path = request.url ?? "";
    const route = `${request.method} ${path.replace(/verify-[0-9a-f-]{36}/, "INDEX")}`;
    const text = Buffer.concat(await request.toArray()).toString();
    const [, , index = ""] = path.split("/");
    routes.push(route);
    const twisted = twist(route, key);
    if (twisted) return twisted;
    if (route === "GET /health") return { status: 200, body: { status: "available" } };
    if (key === undefined) return { status: 401 };
    if (route === "POST /indexes/nchat_messages/search" && [MASTER, SEARCH].includes(key)) {
      searches.push(JSON.parse(text));
      return { status: 200, body: { hits: [] } };
    }
    if (key !== MASTER) return { status: 403 };
    if (route === "POST /indexes/INDEX/search") {
      return { status: 200, body: { hits: JSON.parse(text).q === "chanel" ? [{ id: 1 }] : [] } };
    }
    if (route === "POST /indexes") {
      indexes.add(JSON.parse(text).uid);
      return task();
    }
    if (route.startsWith("GET /tasks/")) return { status: 200, body: tasks[Number(index)] };
    if (route === "GET /indexes/INDEX") return { status: indexes.has(index) ? 200 : 404 };
    if (route === "POST /indexes/INDEX/documents") return task();
    if (route === "DELETE /indexes/INDEX") {
      if (indexes.delete(index)) return task();
      return task({ status: "failed", error: { code: "index_not_found", message: "gone" } });
    }
    return { status: 500, body: `unexpected ${route}` };
  };

  const server = createServer(async (request, response) => {
    const { status, body } = await answer(request);
    response.writeHead(status).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push({ close: () => server.closeAllConnections() ?? server.close() });
  const { port } = server.address() as AddressInfo;
  const target = { search: { url: `http://127.0.0.1:${port}`, masterKey: MASTER, searchKey: SEARCH } };
  return { port, indexes, routes, searches, target };
}

const outcomes = (checks: readonly Check[]) =>
  checks.filter(({ service }) => service === "MeiliSearch").map(({ name, status }) => `${status} ${name}`);

const failures = (checks: readonly Check[]) =>
  checks.filter(({ status }) => status === "failed").map(({ name, detail, advice }) => ({ name, detail, advice }));

describe("a server that works", () => {
  it("passes, and keeps no index", async () => {
    const meili = await fakeMeili();
    const checks = await verify(meili.target);
    expect(outcomes(checks)).toEqual([
      "passed health",
      "passed refuses requests without a key",
      "passed stores a document",
      "passed finds it in spite of a typo",
      "passed lets browsers search the messages as the app does",
      "passed lets their key do nothing else",
      "passed removes its test index",
    ]);
    expect(meili.indexes.size).toBe(0);
    expect(checks[0]).toMatchObject({ service: "MeiliSearch", port: meili.port, name: "health" });
    expect(meili.routes).toContain("POST /indexes/INDEX/documents");
    // As the app's search page does: refused where the index lacks its settings.
    expect(meili.searches).toEqual([{ q: "hello", filter: "is_deleted = false", sort: ["created_at:desc"], limit: 1 }]);
    expect(meili.routes.filter((route) => route.includes("/nchat_messages/"))).toEqual([
      "POST /indexes/nchat_messages/search",
      "POST /indexes/nchat_messages/documents",
    ]);
  });

  it("is reported beside services that are switched off", async () => {
    const checks = await verify((await fakeMeili()).target);
    expect(checks.slice(-2)).toEqual([
      { service: "LiveKit", port: 7880, name: "health", status: "skipped", detail: "switched off", milliseconds: 0 },
      { service: "RTMP Stats", port: 8088, name: "health", status: "skipped", detail: "switched off", milliseconds: 0 },
    ]);
  });
});

describe("the test index is removed", () => {
  it.each<[string, Behaviour]>([
    ["the document is not taken", (route) => (route.endsWith("/documents") ? { status: 500 } : undefined)],
    ["indexing fails", (route) => (route === "GET /tasks/1" ? { status: 200, body: FULL_DISK } : undefined)],
    [
      "the typo finds nothing",
      (route) => (route.endsWith("/search") ? { status: 200, body: { hits: [] } } : undefined),
    ],
    ["the search fails", (route) => (route.endsWith("/search") ? { status: 500 } : undefined)],
    ["an answer is no JSON of ours", (route) => (route.endsWith("/search") ? { status: 200, body: null } : undefined)],
  ])("when %s", async (_, twist) => {
    const meili = await fakeMeili(twist);
    const checks = await verify(meili.target);
    expect(failures(checks).length).toBeGreaterThan(0);
    expect(failures(checks).every(({ advice }) => advice)).toBe(true);
    expect(outcomes(checks).at(-1)).toBe("passed removes its test index");
    expect(meili.indexes.size).toBe(0);
  });

  it("when the time is up", async () => {
    const meili = await fakeMeili((route) =>
      route === "GET /tasks/1" ? { status: 200, body: { status: "processing" } } : undefined,
    );
    const checks = await verify(meili.target, { limit: 400 });
    expect(outcomes(checks)).toContain("failed stores a document");
    expect(meili.indexes.size).toBe(0);
  });

  it("or the command that removes it is told, without a key in it", async () => {
    const meili = await fakeMeili((route) => (route.startsWith("DELETE") ? { status: 500 } : undefined));
    const [failure, ...others] = failures(await verify(meili.target));
    const [uid] = meili.indexes;
    expect(failure).toEqual({
      name: "removes its test index",
      detail: `the index ${uid} is still there: expected 202, got 500: {}`,
      advice: `Remove it: curl -X DELETE -H "Authorization: Bearer $MEILISEARCH_MASTER_KEY" ${meili.target.search.url}/indexes/${uid}`,
    });
    expect(others).toEqual([]);
  });
});

const FULL_DISK = { status: "failed", error: { code: "no_space_left_on_device", message: "No space left on device" } };

const OTHER_STACK =
  "The outputs seem to belong to another stack or to older keys: run `npm run up`, then `npm run verify`. " +
  "Is nchat_meilisearch this stack's container?";

it("says when the keys are another stack's, once, and asks for no removal", async () => {
  const meili = await fakeMeili((route, key) =>
    key !== undefined && route !== "GET /health" ? { status: 403 } : undefined,
  );
  expect(failures(await verify(meili.target))).toEqual([
    { name: "stores a document", detail: "the server refuses the key (403)", advice: OTHER_STACK },
  ]);
  expect(meili.routes.filter((route) => route.startsWith("DELETE"))).toEqual([]);
});

it("says when the search key is not registered", async () => {
  const meili = await fakeMeili((_, key) => (key === SEARCH ? { status: 403 } : undefined));
  expect(failures(await verify(meili.target))).toEqual([
    {
      name: "lets browsers search the messages as the app does",
      detail: "the server refuses the key (403)",
      advice: OTHER_STACK,
    },
  ]);
});

it.each([
  ["lack the settings that the app searches with", 400, { message: "Attribute `is_deleted` is not filterable." }],
  ["have no index", 404, { code: "index_not_found" }],
])("says when the messages %s", async (_, status, body) => {
  const meili = await fakeMeili((route) =>
    route === "POST /indexes/nchat_messages/search" ? { status, body } : undefined,
  );
  expect(failures(await verify(meili.target))).toEqual([
    {
      name: "lets browsers search the messages as the app does",
      detail: `expected 200, got ${status}: ${JSON.stringify(body)}`,
      advice: "The index is not as the stack wants it: `npm run search:apply`.",
    },
  ]);
});

it.each([
  ["write", "POST /indexes/nchat_messages/documents", 202],
  ["search in an index that is not the app's", "POST /indexes/INDEX/search", 200],
])("says when the search key may %s", async (_, allowed, status) => {
  const meili = await fakeMeili((route, key) =>
    key === SEARCH && route === allowed ? { status, body: { taskUid: 0, hits: [] } } : undefined,
  );
  expect(failures(await verify(meili.target))).toEqual([
    {
      name: "lets their key do nothing else",
      detail: `expected 403, got ${status}`,
      advice: "The search key may do too much: rotate it, pulumi config set search:rotation '{\"frontend\":2}'.",
    },
  ]);
});

it("does not call a server closed that fails where it should refuse", async () => {
  const meili = await fakeMeili((route, key) =>
    key === SEARCH && route === "POST /indexes/INDEX/search" ? { status: 500 } : undefined,
  );
  expect(failures(await verify(meili.target))).toMatchObject([
    {
      name: "lets their key do nothing else",
      detail: "expected 403, got 500",
      advice: "`docker logs nchat_meilisearch` says more.",
    },
  ]);
});

it("says when there is no master key", async () => {
  const meili = await fakeMeili((route, key) =>
    route === "GET /indexes" && key === undefined ? { status: 200, body: { results: [] } } : undefined,
  );
  expect(failures(await verify(meili.target))).toEqual([
    {
      name: "refuses requests without a key",
      detail: "expected 401, got 200",
      advice: "The server runs without a master key: run `npm run up`.",
    },
  ]);
});

it("prints no secret that a server repeats", async () => {
  const meili = await fakeMeili((route) =>
    route === "POST /indexes" ? { status: 400, body: `${MASTER} is odd` } : undefined,
  );
  const checks = await verify(meili.target);
  expect(failures(checks)[0]?.detail).toBe('expected 202, got 400: "[secret] is odd"');
  expect(JSON.stringify(checks)).not.toContain(MASTER);
});
