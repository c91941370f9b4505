import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyDefinitions, parseKeys, parseRotation, versionOf } from "../../components/search/key-settings.ts";

const keys = (value: unknown) => parseKeys(JSON.stringify(value));
const valid = { actions: ["search"], indexes: ["messages"] };

describe("search:keys", () => {
  it("takes keys of one's own, and expiry dates of the stack's", () => {
    expect(
      keys({ reports: { ...valid, expiresAt: "2127-01-31" }, frontend: { expiresAt: "2127-01-31T01:00:00+01:00" } }),
    )
      // As the server writes them.
      .toEqual({
        value: {
          reports: { ...valid, expiresAt: "2127-01-31T00:00:00Z" },
          frontend: { expiresAt: "2127-01-31T00:00:00Z" },
        },
      });
  });

  it.each<[unknown, string]>([
    [
      { Reports: valid },
      "the key Reports needs another name: 1 to 32 lower-case letters, digits and dashes, starting with a letter",
    ],
    [
      { reports: { ...valid, expires: "2027" } },
      'the key reports has the field "expires", which is none of actions, indexes, expiresAt (did you mean expiresAt?)',
    ],
    [{ reports: { actions: ["search"] } }, "the key reports needs both actions and indexes"],
    [{ reports: { ...valid, actions: [] } }, 'the key reports has a value for "actions" that is not a list of names'],
    [{ reports: { ...valid, expiresAt: 2027 } }, 'the key reports has a value for "expiresAt" that is not a date'],
    [
      { reports: { ...valid, actions: ["serach"] } },
      'the key reports has the action "serach", which MeiliSearch does not know or a key should not have (did you mean search?)',
    ],
    [
      { reports: { ...valid, actions: ["keys.create"] } },
      'the key reports has the action "keys.create", which MeiliSearch does not know or a key should not have',
    ],
    [
      { reports: { ...valid, actions: ["dumps.create"] } },
      'the key reports has the action "dumps.create", which is of the whole server: its indexes must be ["*"]',
    ],
    [
      { reports: { ...valid, indexes: ["a b"] } },
      'the key reports has the index "a b": a uid has letters, digits, dashes and underscores, and may end in *',
    ],
    [
      { reports: { ...valid, expiresAt: "soon" } },
      'the key reports has expiresAt = "soon", which is no date. Write it as 2027-01-31 or 2027-01-31T12:00:00Z',
    ],
    [
      { reports: { ...valid, actions: ["get"] } },
      'the key reports has the action "get", which MeiliSearch does not know or a key should not have',
    ],
    ...["2027-02-30", "2027-02-29T12:00:00Z", "2027-13-01", "2027-01-31T25:00:00Z", "2027-01-31T12:00:00", ""].map(
      (expiresAt): [unknown, string] => [
        { reports: { ...valid, expiresAt } },
        `the key reports has expiresAt = "${expiresAt}", which is no date. Write it as 2027-01-31 or 2027-01-31T12:00:00Z`,
      ],
    ),
    [
      { frontend: valid },
      "the key frontend is one of the stack's: only its expiresAt can be set. Give yours another name",
    ],
  ])("%j is refused", (value, problem) => {
    expect(keys(value)).toEqual({ problems: [`search:keys: ${problem}`] });
  });

  it.each([
    ["2028-02-29", "2028-02-29T00:00:00Z"],
    ["2127-01-31T23:30:00-01:00", "2127-02-01T00:30:00Z"],
    ["2127-01-31T12:00:00.999Z", "2127-01-31T12:00:00Z"],
  ])("expiresAt %s is %s, as the server writes it", (expiresAt, written) => {
    expect(keys({ frontend: { expiresAt } })).toEqual({ value: { frontend: { expiresAt: written } } });
  });

  it("takes actions of the whole server where all indexes are meant", () => {
    const all = { actions: ["dumps.create", "metrics.get", "version"], indexes: ["*"] };
    expect(keys({ reports: all })).toEqual({ value: { reports: all } });
  });

  it("tells all problems of all keys", () => {
    const { problems } = keys({ A: valid, frontend: valid, b: { actions: ["x"], indexes: ["a b", "c d"] } }) as {
      problems: string[];
    };
    expect(problems.map((problem) => problem.slice("search:keys: the key ".length).split(" ")[0])).toEqual([
      "A",
      "frontend",
      "b",
      "b",
      "b",
    ]);
  });

  const EXAMPLE = 'such as {"reports":{"actions":["search"],"indexes":["messages"]}}';

  it.each(["", "[]", '"a"', "null"])("%s is no object", (text) => {
    expect(parseKeys(text)).toEqual({ problems: [`search:keys must be JSON, an object ${EXAMPLE}`] });
  });

  it.each(['{"a":1}', '{"a":[]}'])("%s has no object for its key", (text) => {
    expect(parseKeys(text)).toEqual({ problems: [`search:keys must have an object for each key, ${EXAMPLE}`] });
  });

  it("a name that JSON would quietly drop is refused", () => {
    const key = JSON.stringify(valid);
    expect(parseKeys(`{"a":${key},"a":${key}}`)).toEqual({
      problems: ['search:keys has "a" twice in one object, and the first would be lost. Make them one'],
    });
    expect(parseRotation('{"__proto__":2}')).toEqual({
      problems: ['search:rotation has "__proto__", which is no name. Remove it'],
    });
  });

  it("never fails in another way, whatever is written", () => {
    const names = fc.constantFrom("__proto__", "constructor", "toString", "frontend", "reports");
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(names, fc.jsonValue()).map((it) => JSON.stringify(it)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const parsed = parseKeys(text);
        if ("problems" in parsed) expect(parsed.problems.length).toBeGreaterThan(0);
        else expect(() => keyDefinitions({ keys: parsed.value, rotation: {} }, [], "stack")).not.toThrow();
      }),
    );
  });
});

describe("search:rotation", () => {
  it("counts from 1 to 1000", () => {
    expect(parseRotation('{"masterKey":2,"frontend":1000}')).toEqual({ value: { masterKey: 2, frontend: 1000 } });
  });

  it.each(["", "[]", "2"])("%s is no object", (text) => {
    expect(parseRotation(text)).toEqual({
      problems: ['search:rotation must be JSON, an object such as {"masterKey":2,"frontend":3}'],
    });
  });

  it.each(['{"frontend":0}', '{"frontend":1001}', '{"frontend":1.5}', '{"frontend":"2"}'])("%s is refused", (text) => {
    expect(parseRotation(text)).toEqual({
      problems: ['search:rotation must have whole numbers from 1 to 1000, such as {"masterKey":2,"frontend":3}'],
    });
  });

  it("counts what it does not name as 1, also where every object has something of that name", () => {
    expect(versionOf({ frontend: 3 }, "frontend")).toBe(3);
    expect(versionOf({}, "frontend")).toBe(1);
    expect(versionOf({}, "constructor")).toBe(1);
  });
});

describe("the keys of a stack", () => {
  it("are the standard ones, with dates and versions, and the user's own", () => {
    const settings = {
      keys: { frontend: { expiresAt: "2127-01-31T00:00:00Z" }, constructor: valid, reports: valid },
      rotation: { frontend: 2, reports: 4 },
    };
    const made = keyDefinitions(settings, ["messages"], "stack");
    expect(made.map(({ name, version, expiresAt }) => [name, version, expiresAt])).toEqual([
      ["frontend", 2, "2127-01-31T00:00:00Z"],
      ["indexer", 1, undefined],
      ["tenant", 1, undefined],
      ["metrics", 1, undefined],
      ["backup", 1, undefined],
      ["constructor", 1, undefined],
      ["reports", 4, undefined],
    ]);
    expect(made.at(-1)).toEqual({
      name: "reports",
      version: 4,
      description: "From the setting search:keys",
      ...valid,
    });
  });
});
