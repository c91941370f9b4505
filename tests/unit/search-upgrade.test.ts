import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Place, program, scripts, shells, test } from "./helpers/search-scripts.ts";

const UPGRADE = scripts("api", "upgrade");
const DUMP = "before-v1.51.0-20260101-000000000";

/** The new version's program beside the server of the old one, and its data. */
async function upgrade(place: Place, version?: string, env?: Readonly<Record<string, string>>, shell?: string) {
  program(place.data, "meilisearch", "echo meilisearch 1.51.0\n");
  if (version) {
    mkdirSync(join(place.data, "data.ms"), { recursive: true });
    writeFileSync(join(place.data, "data.ms/VERSION"), version);
  }
  const { exitCode, said } = await place.run(UPGRADE, env, shell);
  const shown = said.replaceAll(place.data, "DATA").replaceAll(place.meili.url, "URL");
  return { exitCode, said: shown.split("\n") };
}
const read = (place: Place, name: string) =>
  readFileSync(join(place.data, name), "utf8").replaceAll(place.data, "DATA");

test.concurrent.for(shells)(
  "before an upgrade the server that runs makes a dump, which is kept with its numbers and on record (%s)",
  async (shell, { place }) => {
    expect(await upgrade(place, "1.50.0\n", {}, shell)).toEqual({
      exitCode: 0,
      said: [
        "MeiliSearch 1.50.0 becomes 1.51.0: a dump comes first.",
        `The dump is at DATA/backups/${DUMP}.dump, with 2 indexes.`,
      ],
    });
    expect(place.onVolume()).toEqual([`${DUMP}.counts`, `${DUMP}.dump`]);
    expect(read(place, `backups/${DUMP}.counts`)).toBe("channels\t10\nmessages\t2\n");
    expect(read(place, `backups/${DUMP}.dump`)).toBe("task 0 of 2 documents\n");
    expect(read(place, "upgrade/dump")).toBe(
      `version=1.50.0\nfile=DATA/backups/${DUMP}.dump\ncounts=DATA/backups/${DUMP}.counts\n`,
    );
    expect(read(place, "arguments")).not.toContain("backup-key");
  },
);

test.concurrent("of two numbers of documents, before and after the dump, the lower one counts", async ({ place }) => {
  place.meili.onTask = () => {
    place.meili.documents = 1;
  };
  await upgrade(place, "1.50.0");
  expect(read(place, `backups/${DUMP}.counts`)).toBe("channels\t10\nmessages\t1\n");
});

test.concurrent("a dump that takes longer than a run is waited for by the next", async ({ place }) => {
  place.meili.busy = true;
  expect(await upgrade(place, "1.50.0", { DUMP_SECONDS: "1" })).toMatchObject({
    exitCode: 1,
    said: [
      "MeiliSearch 1.50.0 becomes 1.51.0: a dump comes first.",
      "The dump: not done within 1 s. MeiliSearch goes on with it (task 0); run this again later.",
    ],
  });
  setTimeout(() => {
    place.meili.busy = false;
  }, 500);
  expect(await upgrade(place, "1.50.0")).toMatchObject({
    exitCode: 0,
    said: [
      "MeiliSearch 1.50.0 becomes 1.51.0: a dump comes first.",
      "The dump that was begun before is waited for (task 0).",
      `The dump is at DATA/backups/${DUMP}.dump, with 2 indexes.`,
    ],
  });
  expect(place.meili.tasks.length).toBe(1);
  expect(readdirSync(join(place.data, "upgrade"))).toEqual(["dump"]);
});

test.concurrent("one that was done in between shows what there was then: it is removed", async ({ place }) => {
  place.meili.busy = true;
  await upgrade(place, "1.50.0", { DUMP_SECONDS: "1" });
  place.meili.busy = false;
  expect((await upgrade(place, "1.50.0")).exitCode).toBe(0);
  expect(place.onVolume().filter((name) => name.endsWith(".dump"))).toEqual(["before-v1.51.0-20260101-000000001.dump"]);
  expect(readdirSync(join(place.data, "dumps"))).toEqual([]);
});

test.concurrent("of the dumps before upgrades the newest two stay, and other backups do", async ({ place }) => {
  place.earlier("before-v1.49.0-1", ["dump", "counts"]);
  place.earlier("before-v1.50.0-1", ["dump", "counts"]);
  const made = { "before-v1.49.0-1.dump": "2025-01-01", "before-v1.50.0-1.dump": "2100-01-01" };
  for (const [name, day] of Object.entries(made)) {
    utimesSync(join(place.data, "backups", name), new Date(day), new Date(day));
  }
  place.earlier("20250101T000000Z-v1.50.0");
  await upgrade(place, "1.50.0");
  expect(place.onVolume().filter((name) => name.endsWith(".dump"))).toEqual([
    "20250101T000000Z-v1.50.0.dump",
    "before-v1.50.0-1.dump",
    `${DUMP}.dump`,
  ]);
  expect(place.onVolume()).not.toContain("before-v1.49.0-1.counts");
});

test.concurrent.for<[string, string | undefined, string]>([
  ["without data", undefined, "There is no data yet."],
  ["of the same version", "1.51.0", "The data is of MeiliSearch 1.51.0 already."],
])("on a volume %s there is nothing to do", async ([, version, said], { place }) => {
  place.meili.stop();
  expect(await upgrade(place, version)).toEqual({ exitCode: 0, said: [said] });
});

test.concurrent("an empty folder is no data", async ({ place }) => {
  mkdirSync(join(place.data, "data.ms"));
  expect(await upgrade(place)).toEqual({ exitCode: 0, said: ["There is no data yet."] });
});

test.concurrent("data of unknown origin is refused", async ({ place }) => {
  mkdirSync(join(place.data, "data.ms"));
  writeFileSync(join(place.data, "data.ms/data.mdb"), "");
  expect(await upgrade(place)).toEqual({
    exitCode: 1,
    said: [
      "DATA/data.ms holds files, and nothing says which version of MeiliSearch made them: they are left alone. Move them away, or give the service another volume.",
    ],
  });
});

test.concurrent.for(["1.51.1", "1.100.0", "2.0.0"])(
  "data of the newer version %s is refused",
  async (version, { place }) => {
    expect(await upgrade(place, version)).toEqual({
      exitCode: 1,
      said: [
        `The data is of MeiliSearch ${version}, and search:image is 1.51.0: it cannot go back. Set search:image to ${version} or later, or restore a dump that was made before: npm run search:restore -- --list`,
      ],
    });
    expect(place.meili.tasks).toEqual([]);
  },
);

const BEGINS = "MeiliSearch 1.9.0 becomes 1.51.0: a dump comes first.";
test.concurrent.for(shells)("without a server that answers there is no dump (%s)", async (shell, { place }) => {
  place.meili.stop();
  expect(await upgrade(place, "1.9.0", { WAIT_SECONDS: "1" }, shell)).toEqual({
    exitCode: 1,
    said: [
      BEGINS,
      "MeiliSearch 1.9.0 does not answer at URL, and only it can make the dump that comes before an upgrade. Set search:image back to 1.9.0, deploy until it is healthy, and upgrade then.",
    ],
  });
});

test.concurrent("with a key that the server does not know there is no dump", async ({ place }) => {
  expect(await upgrade(place, "1.9.0", { API_KEY: "another" })).toEqual({
    exitCode: 1,
    said: [
      BEGINS,
      "MeiliSearch 1.9.0 does not know the master key. Change the key and the version one after the other.",
    ],
  });
  expect(place.meili.tasks).toEqual([]);
});

test.concurrent("a dump that fails is told in the server's words, and is not on record", async ({ place }) => {
  place.meili.failure = 'No space left on "device"';
  expect(await upgrade(place, "1.9.0")).toEqual({
    exitCode: 1,
    said: [BEGINS, 'The dump: No space left on "device"'],
  });
  expect(existsSync(join(place.data, "upgrade/dump"))).toBe(false);
  // The next run begins again.
  place.meili.failure = "";
  expect((await upgrade(place, "1.9.0")).exitCode).toBe(0);
  expect(read(place, "upgrade/dump")).toContain("file=DATA/backups/before-v1.51.0-20260101-000000001.dump\n");
});
