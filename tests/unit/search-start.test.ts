import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { shells } from "./helpers/search-scripts.ts";
import { KEY, type Numbers, test } from "./helpers/search-volume.ts";

const ALL: Numbers = { channels: 10, messages: 300, users: 20 };
/** What nothing comes of: the shell becomes the server. */
const SERVED = ["--http-addr PRIVATE --db-path DATA/data.ms", ""];
const DUMP = "DATA/backups/before-v1.51.0-1.dump";
const GOING_BACK = "going back to the dump from before";
const WENT_BACK = "1.51.0 runs with the data of the dump; what could not be upgraded is in DATA/data.ms.replaced";

test.concurrent.for(shells)(
  "where there is nothing to do the shell becomes the server, with room on the volume (%s)",
  async (shell, { volume }) => {
    volume.database("1.51.0", ALL);
    volume.write("tmp/left-behind", "");
    expect(await volume.run({ shell })).toEqual({
      exitCode: 0,
      said: [],
      numbers: ALL,
      served: { numbers: ALL, pid: expect.any(Number), isShell: true, TMPDIR: "DATA/tmp" },
    });
    expect(volume.launches()).toEqual([""]);
    expect([volume.has("tmp"), volume.has("tmp/left-behind")]).toEqual([true, false]);
  },
);

test.concurrent("a new volume is served at once", async ({ volume }) => {
  expect(await volume.run()).toMatchObject({ exitCode: 0, said: [], numbers: {} });
});

test.concurrent.for<[string, string | undefined, string[]]>([
  [
    "of unknown origin",
    undefined,
    [
      "DATA/data.ms holds files, and nothing says which version of MeiliSearch made them: they are left alone. Move them away, or give the service another volume.",
    ],
  ],
  [
    "of a newer version",
    "1.52.0",
    [
      "The data is of MeiliSearch 1.52.0, and this is 1.51.0: it cannot go back. Set search:image to 1.52.0 or later, or restore a dump that was made before: npm run search:restore -- --list",
    ],
  ],
  [
    "of an older version, without a dump,",
    "1.9.3",
    [
      "The data is of MeiliSearch 1.9.3, this is 1.51.0, and no dump was taken before. Set search:image back to 1.9.3, deploy, and then the new one: the deployment takes the dump by itself.",
    ],
  ],
])("data %s is not opened", async ([, version, said], { volume }) => {
  volume.write("data.ms/data.mdb", "as it is");
  if (version) volume.write("data.ms/VERSION", version);
  expect(await volume.run()).toMatchObject({ exitCode: 1, said, numbers: undefined });
  expect(volume.launches()).toEqual([]);
  expect(volume.read("data.ms/data.mdb")).toBe("as it is");
});

test.concurrent("the record of a dump before an upgrade that did not come is removed", async ({ volume }) => {
  volume.database("1.51.0", ALL);
  volume.record("1.51.0", { messages: 1 });
  expect(await volume.run()).toMatchObject({ exitCode: 0, said: [], numbers: ALL });
  expect(volume.has("upgrade/dump")).toBe(false);
  expect(volume.launches()).toEqual([""]);
});

test.concurrent.for(shells)("older data is upgraded, counted, and then served (%s)", async (shell, { volume }) => {
  volume.database("1.50.2", { ...ALL, empty: 0 });
  volume.record("1.50.2", { ...ALL, empty: 0 });
  const { served, ...rest } = await volume.run({ shell });
  expect(rest).toEqual({
    exitCode: 0,
    said: ["upgrading the data of MeiliSearch 1.50.2 to 1.51.0", "upgraded, and the documents are there"],
    numbers: { ...ALL, empty: 0 },
  });
  // What allows an upgrade is for this one alone.
  expect(served).toEqual({ numbers: rest.numbers, pid: expect.any(Number), isShell: true, TMPDIR: "DATA/tmp" });
  expect(volume.launches()).toEqual(SERVED);
  expect([volume.has("upgrade/dump"), volume.has("upgrade/last-dump")]).toEqual([false, true]);
});

test.concurrent("an upgrade that was cut off after it wrote the version is finished", async ({ volume }) => {
  volume.database("1.51.0", ALL);
  volume.record("1.50.2", ALL);
  const said = ["upgrading the data of MeiliSearch 1.50.2 to 1.51.0", "upgraded, and the documents are there"];
  expect(await volume.run()).toMatchObject({ exitCode: 0, said, numbers: ALL });
});

test.concurrent("the key can stand in the server's configuration", async ({ volume }) => {
  const file = join(volume.folder, "config.toml");
  writeFileSync(file, `master_key = "${KEY}"\n`);
  volume.database("1.50.2", ALL);
  volume.record("1.50.2", ALL);
  const { said } = await volume.run({ env: { MEILI_CONFIG_FILE_PATH: file } });
  expect(said.at(-1)).toBe("upgraded, and the documents are there");
});

const failures: [string, object, string][] = [
  ["of which the task fails", { upgrade: "fails" }, 'No "space" left'],
  ["in which the server ends", { upgrade: "dies" }, "asked for it, MeiliSearch answered 000, cut off"],
  ["that does not begin", { upgrade: "cannot start" }, "it ended, and its reason stands above in its log"],
  ["that loses an index", { after: { messages: -1 } }, "the index messages has 0 of 300 documents"],
  [
    "that loses documents of two indexes",
    { after: { users: 8, messages: 269 } },
    "the index messages has 269 of 300 documents; the index users has 8 of 20 documents",
  ],
  [
    "after which an index cannot be read",
    { unreadable: "users" },
    "the index users cannot be read: MDB_CORRUPTED: Located page was wrong type",
  ],
];
test.concurrent.for(failures)("an upgrade %s goes back to the dump", async ([, twist, reason], { volume }) => {
  volume.database("1.50.2", { ...ALL, old: 1 });
  volume.record("1.50.2", ALL);
  const { exitCode, said, numbers } = await volume.run({ twist });
  expect({ exitCode, numbers }).toEqual({ exitCode: 0, numbers: ALL });
  expect(said.filter((line) => !/^(Error|curl): /.test(line))).toEqual([
    "upgrading the data of MeiliSearch 1.50.2 to 1.51.0",
    `the upgrade failed: ${reason}`,
    GOING_BACK,
    WENT_BACK,
  ]);
  expect(volume.launches()).toEqual([
    "--http-addr PRIVATE --db-path DATA/data.ms",
    `--http-addr PRIVATE --db-path DATA/data.ms.new --import-dump ${DUMP}`,
    "",
  ]);
  expect(volume.documents("data.ms.replaced")).toHaveProperty("old", 1);
  expect(["upgrade/dump", "restore/verified", "data.ms.new"].filter(volume.has)).toEqual([]);
  // What is served from now on is of this version.
  expect(await volume.run()).toMatchObject({ exitCode: 0, said: [], numbers: ALL });
});

test.concurrent("documents that the app deleted meanwhile are told, and no failure", async ({ volume }) => {
  volume.database("1.50.2", ALL);
  volume.record("1.50.2", ALL);
  expect(await volume.run({ twist: { after: { channels: -1, messages: 270, users: 10 } } })).toMatchObject({
    said: [
      expect.any(String),
      "the index channels has 0 documents, 10 fewer than when they were counted",
      "the index messages has 270 documents, 30 fewer than when they were counted",
      "the index users has 10 documents, 10 fewer than when they were counted",
      "upgraded, and the documents are there",
    ],
    numbers: { messages: 270, users: 10 },
  });
});

test.concurrent("a dump that lacks something is better than nothing, and what there was is kept", async ({
  volume,
}) => {
  volume.database("1.50.2", ALL);
  volume.record("1.50.2", { channels: 10 }, 0, ALL);
  const { exitCode, said, numbers } = await volume.run({ twist: { upgrade: "fails" } });
  expect({ exitCode, numbers }).toEqual({ exitCode: 0, numbers: { channels: 10 } });
  expect(said).toEqual([
    "upgrading the data of MeiliSearch 1.50.2 to 1.51.0",
    'the upgrade failed: No "space" left',
    GOING_BACK,
    "the dump lacks something: the index messages has 0 of 300 documents; the index users has 0 of 20 documents",
    WENT_BACK,
  ]);
  expect(volume.documents("data.ms.replaced")).toEqual(ALL);
});

test.concurrent("where neither the upgrade nor the dump is good, nobody is served", async ({ volume }) => {
  volume.database("1.50.2", ALL);
  volume.record("1.50.2", ALL);
  volume.write("backups/before-v1.51.0-1.dump", "rotten");
  const { exitCode, said, numbers } = await volume.run({ twist: { upgrade: "fails" } });
  expect({ exitCode, numbers }).toEqual({ exitCode: 1, numbers: undefined });
  expect(said).toEqual([
    "upgrading the data of MeiliSearch 1.50.2 to 1.51.0",
    'the upgrade failed: No "space" left',
    GOING_BACK,
    "Error: the file is no dump",
    `The dump from before cannot be used either: MeiliSearch does not take ${DUMP}: its reason stands above in its log. Nobody is served. Restore a backup: npm run search:restore -- --from latest`,
  ]);
  expect(volume.documents()).toEqual(ALL);
});

test.concurrent("a dump that is over an hour old is not gone back to", async ({ volume }) => {
  volume.database("1.50.2", ALL);
  volume.record("1.50.2", { messages: 1 }, 62);
  expect(await volume.run({ twist: { upgrade: "fails" } })).toMatchObject({
    exitCode: 1,
    numbers: undefined,
    said: [
      "upgrading the data of MeiliSearch 1.50.2 to 1.51.0",
      'the upgrade failed: No "space" left',
      "The dump from before is over an hour old, so nothing goes back to it by itself. Set search:image back to MeiliSearch 1.50.2, or restore it: npm run search:restore -- --from before-v1.51.0-1",
    ],
  });
  expect(volume.documents()).toEqual(ALL);
  // Nor are its numbers what a good upgrade has to have.
  volume.database("1.50.2", { other: 1 });
  expect(await volume.run()).toMatchObject({ exitCode: 0, numbers: { other: 1 } });
});

test.concurrent("going back that was cut off between the two renames is finished", async ({ volume }) => {
  volume.database("1.51.0", { half: 1 }, "data.ms.replaced");
  volume.database("1.51.0", ALL, "data.ms.new");
  volume.record("1.50.2", ALL);
  volume.write("restore/verified", `${volume.path("backups")}/before-v1.51.0-1.dump\n`);
  expect(await volume.run()).toMatchObject({ exitCode: 0, numbers: ALL });
  expect(volume.documents("data.ms.replaced")).toEqual({ half: 1 });
  expect(["upgrade/dump", "restore/verified", "data.ms.new"].filter(volume.has)).toEqual([]);
});

test.concurrent("going back that was cut off before them begins again", async ({ volume }) => {
  volume.database("1.50.2", { ...ALL, more: 1 });
  volume.database("1.51.0", ALL, "data.ms.new");
  volume.record("1.50.2", ALL);
  volume.write("restore/verified", `${volume.path("backups")}/before-v1.51.0-1.dump\n`);
  expect(await volume.run()).toMatchObject({ exitCode: 0, numbers: { ...ALL, more: 1 } });
  expect(["restore/verified", "data.ms.new"].filter(volume.has)).toEqual([]);
});
