import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  plainSettings,
  readStackFile,
  type StackFile,
  withChanges,
  workingCopy,
} from "../../scripts/lib/stack-file.ts";

const GIT = "# why\nconfig:\n  search:port: 7700 # usual\n  list:\n    - a\n";
const SALTED = { encryptionsalt: "v1:mine", config: { "search:masterKey": { secure: "x" }, "old:plain": 1 } };

describe("the working copy of a stack's file", () => {
  it("is what git has, with this checkout's salt and secrets, and no plain setting of before", () => {
    expect(parse(workingCopy(readStackFile(GIT), SALTED, true))).toEqual({
      encryptionsalt: "v1:mine",
      config: { "search:masterKey": { secure: "x" }, "search:port": 7700, list: ["a"] },
    });
  });

  const theirs = { encryptionsalt: "v1:theirs", config: { a: { secure: "y" }, b: 1, c: [{ d: { secure: "z" } }] } };

  it("leaves out what somebody else's passphrase encrypted, however deep", () => {
    expect(parse(workingCopy(theirs, {}, true))).toEqual({ config: { b: 1 } });
  });

  it("is what git has and nothing else where others use the backend too", () => {
    expect(parse(workingCopy(theirs, SALTED, false))).toEqual(theirs);
  });
});

it("settings are text, as the program gets them", () => {
  const index = { secure: { primaryKey: "id" } };
  expect(plainSettings({ config: { a: 1, b: "x", c: ["y"], d: { secure: "z" }, e: false, f: index } })).toEqual({
    a: "1",
    b: "x",
    c: '["y"]',
    e: "false",
    // An index of that name, and no secret.
    f: '{"secure":{"primaryKey":"id"}}',
  });
});

describe("after pulumi config", () => {
  const BEFORE = readStackFile(GIT);
  const working = (config: Readonly<Record<string, unknown>>): StackFile => ({ encryptionsalt: "v1:mine", config });
  const SET = { "search:port": "7701", list: ["a"], "rtc:port": 7980, "search:masterKey": { secure: "x" } };

  it("what was set is in the file in git, comments and all, and secrets are not", () => {
    expect(withChanges(GIT, BEFORE, working(SET), true)).toBe(
      '# why\nconfig:\n  search:port: "7701" # usual\n  list:\n    - a\n  rtc:port: 7980\n',
    );
  });

  it("secrets are there too, with what decrypts them, where others use the backend", () => {
    expect(withChanges(GIT, BEFORE, working(SET), false)).toBe(
      '# why\nconfig:\n  search:port: "7701" # usual\n  list:\n    - a\n  rtc:port: 7980\n  search:masterKey:\n    secure: x\nencryptionsalt: v1:mine\n',
    );
  });

  it("what was removed is gone, encrypted or not", () => {
    expect(withChanges(GIT, BEFORE, working({ "search:port": 7700 }), true)).toBe(
      "# why\nconfig:\n  search:port: 7700 # usual\n",
    );
    const shared = `${GIT}  search:masterKey:\n    secure: x\nencryptionsalt: v1:mine\n`;
    expect(withChanges(shared, readStackFile(shared), working({ "search:port": 7700, list: ["a"] }), false)).toBe(
      `${GIT}encryptionsalt: v1:mine\n`,
    );
  });

  it("another provider of secrets replaces the one before", () => {
    const before = "config:\n  a: 1\nencryptionsalt: v1:mine\n";
    const now = { secretsprovider: "awskms://key", encryptedkey: "k", config: { a: 1 } };
    expect(withChanges(before, readStackFile(before), now, false)).toBe(
      "config:\n  a: 1\nsecretsprovider: awskms://key\nencryptedkey: k\n",
    );
    expect(withChanges(before, readStackFile(before), now, true)).toBe(before);
  });

  it("what another backend encrypted stays in git when this checkout's own sets and removes", () => {
    const git = "config:\n  a:\n    secure: theirs\n  b: 1\nencryptionsalt: v1:theirs\n";
    const before = readStackFile(workingCopy(readStackFile(git), SALTED, true));
    const now = { encryptionsalt: "v1:mine", config: { a: { secure: "mine" } } };
    expect(withChanges(git, before, now, true)).toBe("config:\n  a:\n    secure: theirs\nencryptionsalt: v1:theirs\n");
  });

  it("a plain setting that became a secret is no longer in git in clear", () => {
    const git = "config:\n  a: clear\n";
    expect(withChanges(git, readStackFile(git), working({ a: { secure: "x" } }), true)).toBe("config: {}\n");
    expect(withChanges(git, readStackFile(git), working({ a: { secure: "x" } }), false)).toBe(
      "config:\n  a:\n    secure: x\nencryptionsalt: v1:mine\n",
    );
  });

  it("what somebody wrote meanwhile stays", () => {
    const meanwhile = GIT.replace("7700", "7799");
    const config = { "search:port": "7700", list: ["a"], more: "1" };
    expect(withChanges(meanwhile, BEFORE, working(config), true)).toBe(`${meanwhile}  more: "1"\n`);
  });

  it("a file without a change is left as it is, to the letter, though Pulumi writes numbers as texts", () => {
    const odd = "config: {a: 1,   b: true, c: 0.5}\n";
    expect(withChanges(odd, readStackFile(odd), working({ a: "1", b: "true", c: "0.5" }), true)).toBe(odd);
  });

  it.each(["", "# nothing yet\n", "config:\n"])("a file without settings takes the first: %j", (empty) => {
    expect(parse(withChanges(empty, readStackFile(empty), working({ a: "1" }), true))).toEqual({ config: { a: "1" } });
  });
});
