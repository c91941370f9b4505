import { expect } from "vitest";
import { type KeyDefinition, keyUid } from "../../components/search/keys.ts";
import { shells } from "./helpers/search-scripts.ts";
import { SEED, test } from "./helpers/search-setup.ts";

const DONE = "Search is set up.";
const REPORTS: KeyDefinition = {
  name: "reports",
  version: 1,
  description: "Reports",
  actions: ["search", "documents.get"],
  indexes: ["messages", "users"],
};
const uid = (version = 1) => keyUid(SEED, "reports", version);
const body = {
  name: "reports",
  description: "Reports. Managed by nself-chat.",
  uid: uid(),
  actions: REPORTS.actions,
  indexes: REPORTS.indexes,
  expiresAt: null,
};

test.concurrent.for(shells)("a key is registered, and a second run leaves it (%s)", async (shell, { setup }) => {
  const expiresAt = "2127-01-31T00:00:00Z";
  const keys = [REPORTS, { ...REPORTS, name: "other", expiresAt }];
  expect(await setup.run({ keys }, {}, shell)).toEqual({
    exitCode: 0,
    said: ["key reports: registered", "key other: registered", DONE],
  });
  expect(setup.server.bodies("POST /keys")).toEqual([
    body,
    { ...body, name: "other", uid: keyUid(SEED, "other", 1), expiresAt },
  ]);
  expect(await setup.run({ keys }, {}, shell)).toEqual({ exitCode: 0, said: [DONE] });
  expect(setup.server.changes()).toEqual([]);
});

test.concurrent.for<[string, Partial<KeyDefinition>]>([
  ["actions", { actions: ["search"] }],
  ["indexes", { indexes: ["messages"] }],
  ["indexes and actions, a name moved between them", { actions: ["search"], indexes: ["documents.get", "messages"] }],
  ["an expiry date", { expiresAt: "2127-01-31T00:00:00Z" }],
  ["words about it", { description: "Reports of the week" }],
])("a key with other %s is made again under its uid", async ([, change], { setup }) => {
  setup.server.keys.set(uid(), body);
  expect(await setup.run({ keys: [{ ...REPORTS, ...change }] })).toEqual({
    exitCode: 0,
    said: ["key reports: registered", DONE],
  });
  expect(setup.server.changes()).toEqual([`DELETE /keys/${uid()}`, "POST /keys"]);
  const description = `${change.description ?? REPORTS.description}. Managed by nself-chat.`;
  expect(setup.server.keys.get(uid())).toEqual({ ...body, ...change, description });
});

test.concurrent.for(shells)(
  "a key that has expired is left as it is, since it could not be made again (%s)",
  async (shell, { setup }) => {
    const expiresAt = "2025-01-31T00:00:00Z";
    setup.server.keys.set(uid(), { ...body, expiresAt });
    const keys = [
      { ...REPORTS, actions: ["search"], expiresAt },
      { ...REPORTS, name: "other" },
    ];
    expect(await setup.run({ keys }, {}, shell)).toEqual({
      exitCode: 0,
      said: [`key reports: expired on ${expiresAt}, and left as it is`, "key other: registered", DONE],
    });
    expect(setup.server.changes()).toEqual(["POST /keys"]);
  },
);

test.concurrent("the stack's keys that it names no more are removed, and nobody else's", async ({ setup }) => {
  const foreign = { ...body, uid: "f0000000-0000-4000-8000-000000000000", description: "Somebody's" };
  const unnamed = { ...body, uid: "f0000000-0000-4000-8000-000000000001", description: null, name: null };
  for (const key of [foreign, { ...body, uid: uid(1) }, unnamed, { ...body, uid: uid(2) }]) {
    setup.server.keys.set(key.uid, key);
  }
  const plan = { keys: [{ ...REPORTS, version: 3 }] };
  expect(await setup.run(plan)).toEqual({
    exitCode: 0,
    said: ["key reports: registered", `key ${uid(1)}: removed, it is in use no more`, DONE],
  });
  expect([...setup.server.keys.keys()]).toEqual([foreign.uid, unnamed.uid, uid(2), uid(3)]);

  expect((await setup.run({ ...plan, keepPrevious: false })).said).toEqual([
    `key ${uid(2)}: removed, it is in use no more`,
    DONE,
  ]);
});
