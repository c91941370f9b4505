import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseOptions, splitArguments } from "../../lab/plugins/language-nodejs/options.ts";
import { requiredPlugins } from "../../lab/plugins/language-nodejs/packages.ts";
import { randomText } from "../../lab/plugins/random/strings.ts";

describe("nodeargs", () => {
  it.each([
    ["", []],
    ["--import ./a.mjs", ["--import", "./a.mjs"]],
    ['--title \'a b\' "c \\" d" e\\ f', ["--title", "a b", 'c " d', "e f"]],
    ["--x=1  # why", ["--x=1"]],
    ["--a=\"b c\"'d'", ["--a=b cd"]],
  ])("%j", (text, words) => expect(splitArguments(text)).toEqual(words));

  it("wants its quotes closed", () => {
    expect(() => splitArguments("--title 'a")).toThrow("EOF found when expecting closing quote");
  });
});

it("compiles TypeScript unless told otherwise", () => {
  expect(parseOptions({})).toEqual({ typescript: true, tsconfig: "", nodeargs: [] });
  expect(parseOptions({ typescript: false }).typescript).toBe(false);
  expect(() => parseOptions({ binary: "x" })).toThrow(
    'the runtime option "binary" is not implemented by this stand-in',
  );
});

it("finds the plugins of this project's own dependencies", () => {
  const names = requiredPlugins(fileURLToPath(new URL("../..", import.meta.url))).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["docker", "random"]));
});

describe("random texts", () => {
  const all = { lower: true, upper: true, numeric: true, special: true };
  const none = { minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 };

  it("keep to the kinds and minimums asked for", () => {
    const text = randomText({ ...all, ...none, special: false, upper: false, length: 40, minNumeric: 30 });
    expect(text).toMatch(/^[a-z0-9]{40}$/);
    expect(text.match(/\d/g)?.length).toBeGreaterThanOrEqual(30);
  });
  it("are refused when the minimums do not fit", () => {
    expect(() => randomText({ ...all, ...none, length: 2, minUpper: 3 })).toThrow(
      "length 2 is less than the 3 characters that the minimums add up to",
    );
  });
});
