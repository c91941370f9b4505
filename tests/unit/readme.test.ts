import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Entry, schema } from "../../components/settings-schema.ts";

const README = new URL("../../README.md", import.meta.url);
const SETTINGS = /(<!-- settings:.*-->\n)([\s\S]*)(<!-- \/settings -->)/;

/** The table of settings as the code has it. */
function settingsTable(): string {
  const rows = Object.entries(schema).flatMap(([namespace, keys]) =>
    Object.entries<Entry>(keys).map(([key, [kind, does, only]]) => {
      const fallback =
        kind.fallback === undefined ? (does.includes("generated") ? "generated" : "") : `\`${kind.fallback}\``;
      return `| \`${namespace}:${key}\` | ${fallback} | ${kind.rule} | ${does} | ${only ?? ""} |`;
    }),
  );
  return ["| key | default | must be | what it does | only on |", "|---|---|---|---|---|", ...rows].join("\n");
}

it("the README's table of settings is the code's", async () => {
  const readme = readFileSync(README, "utf8");
  await expect(
    readme.replace(SETTINGS, (_, head, __, tail) => `${head}${settingsTable()}\n${tail}`),
  ).toMatchFileSnapshot(README.pathname);
});

it("the README names every output", async () => {
  const outputs = [...readFileSync(new URL("../../index.ts", import.meta.url), "utf8").matchAll(/^ {4}(\w+): /gm)];
  const section = /## Outputs\n([\s\S]*?)\n## /.exec(readFileSync(README, "utf8"))?.[1] ?? "";
  const names = outputs.map(([, name]) => name).filter((name) => name !== "names");
  expect(names.filter((name) => /Url|Key|Secret|Env|Src/.test(name ?? "") && !section.includes(`\`${name}\``))).toEqual(
    [],
  );
  expect(names).toContain("searchUrl");
});
