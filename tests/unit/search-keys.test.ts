import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apiKey, FRONTEND, keyUid, standardKeys } from "../../components/search/keys.ts";

const SEED = "01234567-89ab-4cde-8f01-23456789abcd";
const UID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("the value of a key", () => {
  /** `printf %s UID | openssl dgst -sha256 -hmac KEY`. */
  it.each([
    [
      "key",
      "The quick brown fox jumps over the lazy dog",
      "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
    ],
    ["m".repeat(32), SEED, "20d8ad3dfef57c00baba9540d26b0346385a87b7945afee0fe732f0805b6e8e0"],
  ])("is the HMAC of its uid under the master key", (masterKey, uid, value) => {
    expect(apiKey(masterKey, uid)).toBe(value);
  });
});

describe("the uid of a key", () => {
  it("is the stack's own for the first one of browsers, which is older than the others", () => {
    expect(keyUid(SEED, FRONTEND, 1)).toBe(SEED);
  });

  /** `printf '%s\n%s\n%s' SEED NAME VERSION | sha256sum`, the first half, with the version's digits of a uuid. */
  it.each([
    ["frontend", 2, "0db611c9-81ed-44bf-ac41-126d1f518e04"],
    ["indexer", 1, "bee56946-ec27-4191-8f3d-c9061198d942"],
    ["backup", 7, "e07d31b3-9dc1-450c-a4cc-36037950d703"],
  ])("is made of name and version: %s %i", (name, version, uid) => {
    expect(keyUid(SEED, name, version)).toBe(uid);
  });

  it("is a version 4 uuid, the same each time, and another for another key", () => {
    const key = fc.tuple(fc.uuid(), fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/), fc.integer({ min: 2, max: 1000 }));
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(keyUid(...a)).toMatch(UID);
        expect(keyUid(...a)).toBe(keyUid(...a));
        expect(keyUid(...a) === keyUid(...b)).toBe(a.join() === b.join());
      }),
    );
  });
});

describe("the stack's keys", () => {
  const rights = (owner: "stack" | "app") =>
    Object.entries(standardKeys(["messages", "notes"], owner)).map(([name, { actions, indexes }]) => [
      name,
      actions.join(" "),
      indexes.join(" "),
    ]);

  it("can do what each is for", () => {
    expect(rights("stack")).toEqual([
      ["frontend", "search", "messages notes"],
      ["indexer", "search documents.* indexes.get settings.get stats.get tasks.get", "messages notes"],
      ["tenant", "search", "messages notes"],
      ["metrics", "metrics.get", "*"],
      ["backup", "dumps.create snapshots.create stats.get tasks.get version", "*"],
    ]);
  });

  it("let the app change settings where they are the app's, and nothing else differs", () => {
    const [frontend, , ...others] = rights("stack");
    expect(rights("app")).toEqual([
      frontend,
      ["indexer", "search documents.* indexes.* settings.* stats.get tasks.get", "messages notes"],
      ...others,
    ]);
  });
});
