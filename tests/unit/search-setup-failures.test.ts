import { expect } from "vitest";
import { planText } from "../../components/search/plan.ts";
import { shells } from "./helpers/search-scripts.ts";
import { SEED, test } from "./helpers/search-setup.ts";

const DONE = "Search is set up.";
const index = (uid: string, stopWords = ["the"]) => ({ uid, primaryKey: "id", settings: { stopWords } });
const KEY = { name: "reports", version: 1, description: "Reports", actions: ["search"], indexes: ["a"] };
const INVALID =
  '{"message":"The provided API key is invalid.","code":"invalid_api_key","type":"invalid_request","link":""}';

test.concurrent.for(shells)("a failed task is told in the server's words (%s)", async (shell, { setup }) => {
  setup.server.fails = (line) => (line.startsWith("PATCH") ? 'Attribute "x" of `y`: no "z"' : undefined);
  expect(await setup.run({ indexes: [index("a")] }, {}, shell)).toEqual({
    exitCode: 1,
    said: ["a: stopWords", 'The settings of a: Attribute "x" of `y`: no "z"'],
  });
});

test.concurrent("an index that cannot be made is told, and no settings are sent", async ({ setup }) => {
  setup.server.fails = () => "No space left on device";
  expect(await setup.run({ indexes: [index("a")] })).toEqual({
    exitCode: 1,
    said: ["The index a: No space left on device"],
  });
  expect(setup.server.changes()).toEqual(["POST /indexes"]);
});

test.concurrent("a refused request is told with the answer", async ({ setup }) => {
  setup.server.twist = (line) => (line === "POST /keys" ? [400, { code: "invalid_api_key_actions" }] : undefined);
  expect(await setup.run({ keys: [KEY] })).toEqual({
    exitCode: 1,
    said: ['The key reports: MeiliSearch answered 400: {"code":"invalid_api_key_actions"}'],
  });
});

test.concurrent.for<[string, object, string]>([
  ["the first index", { indexes: [index("a")] }, "The index a"],
  ["the first key", { keys: [KEY] }, "The key reports"],
  ["the list of keys", {}, "The list of keys"],
])("a wrong master key is told at %s", async ([, plan, what], { setup }) => {
  expect(await setup.run(plan, { API_KEY: "wrong" })).toEqual({
    exitCode: 1,
    said: [`${what}: MeiliSearch answered 403: ${INVALID}`],
  });
});

test.concurrent.for(shells)(
  "a server that does not get healthy is waited for, and told (%s)",
  async (shell, { setup }) => {
    setup.server.healthy = false;
    expect(await setup.run({}, { WAIT_SECONDS: "1" }, shell)).toEqual({
      exitCode: 1,
      said: ["MeiliSearch at URL did not get healthy within 1 s."],
    });
    expect(setup.server.requests).toEqual([]);
  },
);

test.concurrent("a server that gets healthy late is waited for", async ({ setup }) => {
  setup.server.healthy = false;
  setTimeout(() => {
    setup.server.healthy = true;
  }, 700);
  expect(await setup.run({ indexes: [index("a")] })).toEqual({ exitCode: 0, said: ["a: stopWords", DONE] });
});

test.concurrent("a task that takes too long is told", async ({ setup }) => {
  setup.server.twist = (line) => (line === "GET /tasks/0" ? [200, { uid: 0, status: "processing" }] : undefined);
  expect(await setup.run({ indexes: [index("a")] }, { WAIT_SECONDS: "1" })).toEqual({
    exitCode: 1,
    said: ["The index a: not done within 1 s. MeiliSearch goes on with it (task 0); run this again later."],
  });
});

test.concurrent("settings that cannot be read are not taken for those of another index", async ({ setup }) => {
  for (const uid of ["a", "b"]) setup.server.indexes.set(uid, { primaryKey: "id", settings: { synonyms: {} } });
  setup.server.twist = (line) => (line === "GET /indexes/b/settings/stop-words" ? [404, {}] : undefined);
  const indexes = ["a", "b"].map((uid) => ({ uid, primaryKey: "id", settings: { stopWords: [], synonyms: {} } }));
  for (const { settings } of setup.server.indexes.values()) settings.stopWords = [];
  const { exitCode, said } = await setup.run({ indexes });
  expect(said.at(-1)).toBe("The settings of b could not be read.");
  expect(exitCode).toBe(1);
});

const OWNERS = ["stack", "app"];
const moments = ["POST /indexes", "GET /tasks/0", "PATCH /indexes/a/settings", "GET /tasks/2", "POST /keys"];
test.concurrent.for(OWNERS.flatMap((owner) => moments.map((moment): [string, string] => [moment, owner])))(
  "when the server dies at %s, the next run makes up for it (%s)",
  async ([moment, OWNER], { setup }) => {
    const plan = { indexes: [index("a"), index("b", ["of"])], keys: [KEY] };
    const { server } = setup;
    server.twist = (line) => (line === moment ? "dies" : undefined);
    const { exitCode, said } = await setup.run(plan, { OWNER });
    expect(exitCode).toBe(1);
    expect(said.at(-1)).toMatch(/: MeiliSearch answered 000, cut off: URL does not answer\.$/);

    server.twist = () => undefined;
    await server.start();
    expect((await setup.run(plan, { OWNER })).exitCode).toBe(0);
    const made = [...server.indexes].map(([uid, { settings }]) => [uid, settings.stopWords]);
    expect(made).toEqual([
      ["a", ["the"]],
      ["b", ["of"]],
    ]);
    const bodies = [...server.keys.values()].map((key) => JSON.stringify(key));
    expect(planText({ indexes: [], keys: [KEY], keepPrevious: true }, SEED)).toContain(bodies.join());
    expect(await setup.run(plan, { OWNER })).toEqual({ exitCode: 0, said: [DONE] });
    expect(server.changes()).toEqual([]);
  },
);
