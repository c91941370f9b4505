import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { plainSettings, readStackFile, withPlainSettings, workingCopy } from "../../scripts/lib/stack-file.ts";

const GIT = "# why\nconfig:\n  search:port: 7700 # usual\n  list:\n    - a\n";
const SALTED = { encryptionsalt: "v1:mine", config: { "search:masterKey": { secure: "x" }, "old:plain": 1 } };

describe("the working copy of a stack's file", () => {
  it("is what git has, with this checkout's salt and secrets, and no plain setting of before", () => {
    expect(parse(workingCopy(readStackFile(GIT), SALTED, true))).toEqual({
      encryptionsalt: "v1:mine",
      config: { "search:masterKey": { secure: "x" }, "search:port": 7700, list: ["a"] },
    });
  });

  it("leaves out what somebody else's passphrase encrypted, unless the backend is theirs", () => {
    const theirs = { encryptionsalt: "v1:theirs", config: { a: { secure: "y" }, b: 1 } };
    expect(parse(workingCopy(theirs, {}, true))).toEqual({ config: { b: 1 } });
    expect(parse(workingCopy(theirs, {}, false))).toEqual(theirs);
  });
});

it("settings are text, as the program gets them", () => {
  expect(plainSettings({ config: { a: 1, b: "x", c: ["y"], d: { secure: "z" }, e: false } })).toEqual({
    a: "1",
    b: "x",
    c: '["y"]',
    e: "false",
  });
});

describe("after pulumi config", () => {
  const working = (config: object) => ({ encryptionsalt: "v1:mine", config: { ...config } });

  it("what was set is in the file in git, comments and all, and secrets are not", () => {
    const config = { "search:port": "7701", list: ["a"], "rtc:port": 7980, "search:masterKey": { secure: "x" } };
    expect(withPlainSettings(GIT, working(config))).toBe(
      '# why\nconfig:\n  search:port: "7701" # usual\n  list:\n    - a\n  rtc:port: 7980\n',
    );
  });

  it("what was removed is gone", () => {
    expect(withPlainSettings(GIT, working({ "search:port": 7700 }))).toBe(
      "# why\nconfig:\n  search:port: 7700 # usual\n",
    );
  });

  it("a file without a change is left as it is, to the letter", () => {
    const odd = "config: {a: 1,   b: 2}\n";
    expect(withPlainSettings(odd, working({ a: 1, b: 2 }))).toBe(odd);
  });
});
