import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withBlock } from "../../scripts/lib/dotenv.ts";

const HEAD =
  "# >>> nself-chat services, stack dev: written by `npm run env`, which overwrites what stands between these lines";
const block = (...lines: string[]) => [HEAD, ...lines, "# <<< nself-chat services"].join("\n");

describe("the block in a dotenv file", () => {
  it.each([
    ["an empty file", "", `${block("A=1")}\n`],
    ["other lines", "MINE=1\n", `MINE=1\n\n${block("A=1")}\n`],
    ["other lines without an end", "MINE=1", `MINE=1\n\n${block("A=1")}\n`],
    ["a block of before, in its place", `X=1\n${block("OLD=1")}\nY=2\n`, `X=1\n${block("A=1")}\nY=2\n`],
  ])("%s", (_, before, after) => {
    expect(withBlock(before, { A: "1" }, "dev")).toBe(after);
  });

  it("keeps every other line, and is the same the second time", () => {
    const line = fc.stringMatching(/^[\w #=$.'"]{0,20}$/);
    fc.assert(
      fc.property(fc.array(line), fc.string({ unit: "grapheme-ascii" }), (lines, value) => {
        const before = lines.join("\n");
        const once = withBlock(before, { A: value }, "dev");
        expect(withBlock(once, { A: value }, "dev")).toBe(once);
        expect(once.startsWith(before)).toBe(true);
      }),
    );
  });
});
