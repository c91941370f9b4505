import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { BACKUP, FETCH, type Place, shells, test } from "./helpers/search-scripts.ts";

const request = (place: Place) => readFileSync(join(place.data, "restore/request"), "utf8");
const backups = (place: Place) => join(place.data, "backups");

test.concurrent.for(shells)("a backup comes from the bucket when the volume is lost (%s)", async (shell, { place }) => {
  await place.run(BACKUP, { KINDS: "dump snapshot" }, shell);
  const name = place.latest();
  rmSync(backups(place), { recursive: true });
  const { exitCode, said } = await place.run(FETCH, { FROM: "latest" }, shell);
  expect(exitCode).toBe(0);
  const [, id] = /^Restore (\d{8}T\d{6}Z-[0-9a-f]{8}) is requested\.$/.exec(said.split("\n").at(-1) ?? "") ?? [];
  const file = join(backups(place), name);
  expect(request(place)).toBe(`id=${id}\nkind=dump\nfile=${file}.dump\ncounts=${file}.counts\n`);
  expect(place.onVolume()).toEqual(["counts", "dump", "sha256"].map((kind) => `${name}.${kind}`));
  expect(readFileSync(`${file}.dump`, "utf8")).toBe("task 0 of 2 documents\n");
  expect(readFileSync(join(place.data, "arguments"), "utf8")).not.toContain("sec/ret");

  await place.run(FETCH, { FROM: `${name}.snapshot` }, shell);
  expect(request(place)).toContain(`\nkind=snapshot\nfile=${file}.snapshot\n`);
  const list = (await place.run(FETCH, { FROM: "list" }, shell)).said.split("\n");
  expect(list.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "NAME.snapshot 0.0 MiB volume and bucket",
    "NAME.dump 0.0 MiB volume and bucket",
  ]);
});

test.concurrent("a backup on the volume needs no bucket, nor does the dump before an upgrade", async ({ place }) => {
  await place.run(BACKUP);
  place.s3.stop();
  expect((await place.run(FETCH, { FROM: place.latest() })).exitCode).toBe(0);
  expect(place.s3.requests.some((line) => line.startsWith("GET"))).toBe(false);
  const said = "Only the volume is looked at.\nNAME.dump is on the volume.\nRestore";
  expect((await place.run(FETCH, { FROM: "latest", S3_RETRIES: "0" })).said).toContain(said);

  writeFileSync(join(backups(place), "before-v1.50.0-1.dump"), "");
  await place.run(FETCH, { FROM: "before-v1.50.0-1", S3_ENDPOINT: "" });
  expect(request(place)).toMatch(/\nfile=.*\/before-v1\.50\.0-1\.dump\ncounts=\n$/);
});

test.concurrent("a damaged file is never restored: the other copy is, or none", async ({ place }) => {
  await place.run(BACKUP);
  const dump = `${place.latest()}.dump`;
  writeFileSync(join(backups(place), dump), "rotten");
  expect((await place.run(FETCH, { FROM: "latest" })).said).toMatch(
    /^NAME\.dump on the volume is damaged: .*\nFetching NAME\.dump from the bucket "backups" at S3 \.\.\.\nNAME/,
  );
  expect(readFileSync(join(backups(place), dump), "utf8")).toBe("task 0 of 2 documents\n");

  rmSync(join(place.data, "restore"), { recursive: true });
  for (const remove of place.onVolume()) rmSync(join(backups(place), remove));
  place.s3.objects.set(`chat/search/${dump}`, Buffer.from("rotten"));
  const { exitCode, said } = await place.run(FETCH, { FROM: "latest" });
  expect(said).toMatch(/\nNAME\.dump in the bucket is damaged: its SHA-256 is not the one that it was made with\.$/);
  expect(exitCode).toBe(1);
  expect(existsSync(join(place.data, "restore/request"))).toBe(false);
});

test.concurrent.for<[string, string]>([
  ["20200101T000000Z-v1.50.0", 'There is no usable backup "20200101T000000Z-v1.50.0"'],
  ["../restore/x", '"../restore/x" cannot be a backup\'s name'],
])("of a name that does not exist, %s, those are told that do", async ([FROM, problem], { place }) => {
  const said = async () => (await place.run(FETCH, { FROM })).said;
  const shown = problem.replaceAll("20200101T000000Z-v1.50.0", "NAME");
  expect(await said()).toBe(`${shown}. There are none.`);
  place.earlier("20250101T000000Z-v1.50.0");
  place.earlier("20250102T000000Z-v1.50.0", ["dump"]);
  expect(await said()).toBe(`${shown}. There are: NAME.dump`);
});
