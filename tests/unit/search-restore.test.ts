import { rmSync } from "node:fs";
import { describe, expect } from "vitest";
import { shells, until } from "./helpers/search-scripts.ts";
import { type Numbers, test, type Volume } from "./helpers/search-volume.ts";

const OLD: Numbers = { messages: 7 };
const NEW: Numbers = { channels: 10, messages: 300, users: 20 };
const NAME = "20261126-143801391";
const REPLACED = "what was there before is in DATA/data.ms.replaced";
const result = (status: string, message: string) => `id=42\nstatus=${status}\nmessage=${message}\n`;
const left = (volume: Volume) =>
  ["restore/request", "restore/verified", "data.ms.new", "data.ms.replaced"].filter(volume.has);

test.concurrent.for(shells.flatMap((shell) => ["dump", "snapshot"].map((kind): [string, string] => [kind, shell])))(
  "a %s is imported beside the data, counted, and takes its place (%s)",
  async ([kind, shell], { volume }) => {
    volume.database("1.51.0", OLD);
    volume.request(`${NAME}.${kind}`, NEW);
    const file = `DATA/backups/${NAME}.${kind}`;
    const { served, ...rest } = await volume.run({ shell });
    expect(rest).toEqual({
      exitCode: 0,
      said: [`restoring ${file}`, `restore done: ${file}; ${REPLACED}`],
      numbers: NEW,
    });
    expect(served.isShell).toBe(true);
    expect(volume.launches()).toEqual([`--http-addr PRIVATE --db-path DATA/data.ms.new --import-${kind} ${file}`, ""]);
    expect(volume.read("restore/result")).toBe(result("done", `${file}; ${REPLACED}`));
    expect(volume.documents("data.ms.replaced")).toEqual(OLD);
    expect(left(volume)).toEqual(["data.ms.replaced"]);
    // Once.
    expect(await volume.run({ shell })).toMatchObject({ exitCode: 0, said: [], numbers: NEW });
  },
);

test.concurrent("a backup without a list of its documents is taken as it is", async ({ volume }) => {
  volume.backup(`${NAME}.dump`, NEW);
  volume.write("restore/request", `id=42\nkind=dump\nfile=${volume.path(`backups/${NAME}.dump`)}\ncounts=\n`);
  expect(await volume.run()).toMatchObject({ exitCode: 0, numbers: NEW });
  expect(left(volume)).toEqual([]);
});

describe("a restore that fails leaves the data as it was, and it is served:", () => {
  const FILE = `DATA/backups/${NAME}.dump`;
  const failures: [string, (volume: Volume) => void, string][] = [
    ["the file is missing", (volume) => rmSync(volume.path(`backups/${NAME}.dump`)), `${FILE} does not exist`],
    [
      "the server does not take it",
      (volume) => volume.write(`backups/${NAME}.dump`, "rotten"),
      `MeiliSearch does not take ${FILE}: its reason stands above in its log`,
    ],
    [
      "documents and an index are missing",
      (volume) => volume.write(`backups/${NAME}.dump`, '{"messages":296,"users":20}'),
      "the index channels has 0 of 10 documents; the index messages has 296 of 300 documents",
    ],
  ];
  test.concurrent.for(failures)("%s", async ([, harm, reason], { volume }) => {
    volume.database("1.51.0", OLD);
    volume.request(`${NAME}.dump`, NEW);
    harm(volume);
    const { exitCode, said, numbers } = await volume.run();
    expect({ exitCode, numbers }).toEqual({ exitCode: 0, numbers: OLD });
    expect(said[0]).toBe(`restoring ${FILE}`);
    expect(said.at(-1)).toBe(`restore failed: ${reason}. The data is as it was.`);
    expect(volume.read("restore/result")).toBe(result("failed", `${reason}. The data is as it was.`));
    expect(left(volume)).toEqual([]);
    // It is not tried again by itself.
    expect(await volume.run()).toMatchObject({ exitCode: 0, said: [], numbers: OLD });
  });
});

describe("a restore that was interrupted", () => {
  const FILE = `DATA/backups/${NAME}.dump`;
  const verified = (volume: Volume, file = `${NAME}.dump`) =>
    volume.write("restore/verified", `${volume.path("backups")}/${file}\n`);
  const done = {
    exitCode: 0,
    said: [`restoring ${FILE}`, `restore done: ${FILE}; ${REPLACED}`],
    numbers: NEW,
  };

  test.concurrent.for(shells)(
    "between the two renames is finished without an import (%s)",
    async (shell, { volume }) => {
      volume.database("1.51.0", OLD, "data.ms.replaced");
      volume.database("1.51.0", NEW, "data.ms.new");
      volume.request(`${NAME}.dump`, { other: 1 });
      verified(volume);
      expect(await volume.run({ shell })).toMatchObject(done);
      expect(volume.launches()).toEqual([""]);
      expect(volume.documents("data.ms.replaced")).toEqual(OLD);
      expect(left(volume)).toEqual(["data.ms.replaced"]);
    },
  );

  test.concurrent("before them is finished without an import", async ({ volume }) => {
    volume.database("1.51.0", OLD);
    volume.database("1.51.0", NEW, "data.ms.new");
    volume.request(`${NAME}.dump`, { other: 1 });
    verified(volume);
    expect(await volume.run()).toMatchObject(done);
    expect(volume.documents("data.ms.replaced")).toEqual(OLD);
  });

  test.concurrent("after them is not done twice: what was there before stays", async ({ volume }) => {
    volume.database("1.51.0", OLD, "data.ms.replaced");
    volume.database("1.51.0", NEW);
    volume.request(`${NAME}.dump`, NEW);
    verified(volume);
    expect(await volume.run()).toMatchObject(done);
    expect(volume.documents("data.ms.replaced")).toEqual(OLD);
    expect(left(volume)).toEqual(["data.ms.replaced"]);
  });

  test.concurrent("during the import begins again", async ({ volume }) => {
    volume.database("1.51.0", OLD);
    volume.write("data.ms.new/half", "");
    volume.request(`${NAME}.dump`, NEW);
    expect(await volume.run()).toMatchObject(done);
    expect(volume.has("data.ms/half")).toBe(false);
  });

  test.concurrent("three times is given up, and the data is as it was", async ({ volume }) => {
    volume.database("1.51.0", OLD);
    volume.request(`${NAME}.dump`, NEW);
    volume.write("restore/attempts", "41\n42\n42\n");
    expect(await volume.run()).toMatchObject(done);

    volume.database("1.51.0", OLD);
    volume.write("data.ms.new/half", "");
    volume.request(`${NAME}.dump`, NEW);
    volume.write("restore/attempts", "42\n42\n42\n");
    const why =
      "it was cut off three times: raise search:startup, the seconds that a start may take. The data is as it was.";
    expect(await volume.run()).toMatchObject({
      exitCode: 0,
      said: [`restoring ${FILE}`, `restore failed: ${why}`],
      numbers: OLD,
    });
    expect(volume.read("restore/result")).toBe(result("failed", why));
    expect([...left(volume), ...["restore/attempts"].filter(volume.has)]).toEqual(["data.ms.replaced"]);
  });

  test.concurrent("is not mixed up with another that waits", async ({ volume }) => {
    volume.database("1.51.0", OLD);
    volume.database("1.51.0", { another: 1 }, "data.ms.new");
    volume.request(`${NAME}.dump`, NEW);
    verified(volume, "before-v1.51.0-1.dump");
    expect(await volume.run()).toMatchObject(done);
    expect(volume.documents("data.ms.replaced")).toEqual(OLD);
  });
});

test.concurrent("a restore goes before an upgrade, which is needed no more", async ({ volume }) => {
  volume.database("1.50.0", OLD);
  volume.record("1.50.0", OLD);
  volume.request(`${NAME}.dump`, NEW);
  const { exitCode, said, numbers } = await volume.run();
  expect({ exitCode, numbers }).toEqual({ exitCode: 0, numbers: NEW });
  expect(said.map((line) => line.replace(/ .*/, ""))).toEqual(["restoring", "restore"]);
  expect(["upgrade/dump", "upgrade/last-dump"].filter(volume.has)).toEqual([]);
});

test.concurrent("a dump replaces data that the server could not open", async ({ volume }) => {
  volume.database("1.52.0", OLD);
  volume.request(`${NAME}.dump`, NEW);
  expect(await volume.run()).toMatchObject({ exitCode: 0, numbers: NEW });
});

test.concurrent.for(shells)(
  "a restore that fails is followed by the upgrade that waits (%s)",
  async (shell, { volume }) => {
    volume.database("1.50.0", OLD);
    volume.record("1.50.0", OLD);
    volume.request(`${NAME}.dump`, { messages: 1 }, NEW);
    const { exitCode, said, numbers } = await volume.run({ shell });
    expect({ exitCode, numbers }).toEqual({ exitCode: 0, numbers: OLD });
    expect(said.at(-1)).toBe("upgraded, and the documents are there");
  },
);

describe("SIGTERM", () => {
  const alive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const moments: [string, object, (volume: Volume) => void][] = [
    ["an import", { import: "hangs" }, (volume) => volume.request(`${NAME}.dump`, NEW)],
    [
      "an upgrade",
      { upgrade: "hangs" },
      (volume) => {
        volume.database("1.50.0", OLD);
        volume.record("1.50.0", OLD);
      },
    ],
  ];
  test.concurrent.for(shells.flatMap((shell) => moments.map((moment) => [...moment, shell] as const)))(
    "during %s ends the server as well, and the next start begins again ($3)",
    async ([, twist, before, shell], { volume }) => {
      before(volume);
      const { running } = await volume.start({ twist, shell });
      await until(() => volume.pid() > 0);
      const pid = volume.pid();
      expect(alive(pid)).toBe(true);
      process.kill(running.pid as number, "SIGTERM");
      expect((await running).exitCode).toBe(143);
      expect(alive(pid)).toBe(false);
      expect(await volume.run()).toMatchObject({ exitCode: 0, served: { isShell: true } });
    },
  );
});
