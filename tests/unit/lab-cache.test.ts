import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Artefact, artefactDirectory, cached, cacheKey, sweepUnfinished } from "../../lab/cache.ts";
import type { Progress } from "../../lab/progress.ts";

const silent: Progress = { note: () => {}, step: (_, work) => work(() => {}) };
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lab-cache-"));
});
afterEach(() => rm(root, { recursive: true }));

const artefact = (version: string, build: Artefact["build"]): Artefact => ({
  name: "part",
  inputs: { version },
  build,
});
const writing = (text: string) => artefact(text, (directory) => writeFile(join(directory, "file"), text));

test("the key follows the inputs, not their order", () => {
  expect(cacheKey({ a: "1", b: "2" })).toBe(cacheKey({ b: "2", a: "1" }));
  expect(cacheKey({ a: "1", b: "2" })).not.toBe(cacheKey({ a: "1", b: "3" }));
  expect(cacheKey({ a: "1b" })).not.toBe(cacheKey({ a1: "b" }));
});

test("a finished build is kept until its inputs change", async () => {
  const first = await cached(writing("v1"), silent, root);
  const again = await cached(
    artefact("v1", () => Promise.reject(new Error("built twice"))),
    silent,
    root,
  );
  const changed = await cached(writing("v2"), silent, root);

  expect(again).toBe(first);
  expect(await readFile(join(first, "file"), "utf8")).toBe("v1");
  expect(await readFile(join(changed, "file"), "utf8")).toBe("v2");
});

test("a failed build leaves nothing that looks finished", async () => {
  const failing = artefact("v1", async (directory) => {
    await writeFile(join(directory, "file"), "half");
    throw new Error("no space left");
  });
  await expect(cached(failing, silent, root)).rejects.toThrow("no space left");

  expect(existsSync(artefactDirectory(failing, root))).toBe(false);
  expect(await readdir(join(root, "unfinished"))).toEqual([]);
});

test("what a killed build left is swept", async () => {
  await cached(writing("v1"), silent, root);
  await sweepUnfinished(root);
  expect(await readdir(root)).toEqual(["builds"]);
});
