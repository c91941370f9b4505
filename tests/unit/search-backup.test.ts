import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { API_KEY, BACKUP, SECRET, shells, test, until } from "./helpers/search-scripts.ts";

const setOf = (name: string) => ["counts", "dump", "sha256"].map((kind) => `${name}.${kind}`);

test.concurrent.for(shells)(
  "a backup is on the volume and in the bucket, its name last (%s)",
  async (shell, { place }) => {
    const { exitCode, said } = await place.run(BACKUP, { KINDS: "dump snapshot" }, shell);
    expect(said.replaceAll(/in \d s/g, "in 0 s").split("\n")).toEqual([
      "Backing up MeiliSearch 1.50.0: 12 documents in 2 indexes ...",
      "The dump is made: 0 KiB in 0 s.",
      "The snapshot is made: 0 KiB in 0 s.",
      'Copying it to the bucket "backups" at S3 ...',
      "Backup NAME is complete.",
    ]);
    expect(exitCode).toBe(0);
    const name = place.latest();
    expect(place.latestInBucket()).toBe(name);
    expect(place.onVolume()).toEqual([...setOf(name), `${name}.snapshot`, "latest"]);
    expect(place.inBucket()).toEqual(place.onVolume());
    const folder = join(place.data, "backups");
    for (const file of place.onVolume()) {
      expect(place.s3.objects.get(`chat/search/${file}`)).toEqual(readFileSync(join(folder, file)));
    }
    expect(readFileSync(join(folder, `${name}.counts`), "utf8")).toBe("channels\t10\nmessages\t2\n");
    expect(() => execFileSync("sha256sum", ["-c", `${name}.sha256`], { cwd: folder })).not.toThrow();

    const puts = place.s3.requests.filter((request) => request.startsWith("PUT"));
    const order = ["write-check", "dump", "snapshot", "counts", "sha256", "latest"];
    expect(puts.map((request) => request.split(/[./]/).at(-1))).toEqual(order);
    const seen = readFileSync(join(place.data, "arguments"), "utf8");
    expect(seen).toContain("aws:amz:eu-central-1:s3");
    expect([API_KEY, SECRET, "sec/ret"].filter((secret) => seen.includes(secret))).toEqual([]);
  },
);

test.concurrent("a backup without a bucket says that it is on the volume only", async ({ place }) => {
  const { said } = await place.run(BACKUP, { S3_ENDPOINT: "" });
  expect(said).toContain("\nIt is on the volume of MeiliSearch only, and lost with that: search:backupEndpoint has");
  expect(said).toMatch(/\nBackup NAME is complete\.$/);
  expect(place.onVolume()).toEqual([...setOf(place.latest()), "latest"]);
  expect(place.s3.requests).toEqual([]);
});

describe("old backups", () => {
  const names = ["20250101T000000Z-v1.49.0", "20250102T000000Z-v1.50.0", "20250103T000000Z-v1.50.0"] as const;

  test.concurrent("go beyond KEEP, whole, and nothing else does", async ({ place }) => {
    place.s3.pageSize = 3;
    for (const name of names) place.earlier(name);
    place.earlier("before-v1.50.0-20250101", ["dump"]);
    place.earlier("20250102T120000Z-v1.50.0", ["dump", "counts"]);
    expect((await place.run(BACKUP)).exitCode).toBe(0);
    const left = [names[2], place.latest()].flatMap(setOf);
    expect(place.onVolume()).toEqual([...left, "before-v1.50.0-20250101.dump", "latest"]);
    expect(place.inBucket()).toEqual(place.onVolume());
    expect(place.s3.requests.filter((request) => request === "LIST").length).toBeGreaterThan(3);
  });

  test.concurrent("stay where a restore of them was asked for, or where the latest is among them", async ({
    place,
  }) => {
    for (const name of names) place.earlier(name);
    writeFileSync(join(place.data, "backups/latest"), `${names[1]}\n`);
    mkdirSync(join(place.data, "restore"));
    const request = `id=1\nkind=dump\nfile=${place.data}/backups/${names[0]}.dump\n`;
    writeFileSync(join(place.data, "restore/request"), request);
    place.meili.failure = "Any.";
    await place.run(BACKUP, { KEEP: "1" });
    expect(place.onVolume().filter((file) => file.endsWith(".dump"))).toEqual(names.map((name) => `${name}.dump`));
  });

  test.concurrent("that cannot be deleted do not make a backup fail", async ({ place }) => {
    for (const name of names) place.earlier(name);
    place.s3.twist = (request) =>
      /^DELETE.*sha256$/.test(request) ? { status: 403, code: "AccessDenied" } : undefined;
    const { exitCode, said } = await place.run(BACKUP);
    expect(said).toContain('S3 did not delete NAME.sha256: status 403, AccessDenied: Not "now".\nOld');
    expect(exitCode).toBe(0);
    expect(place.inBucket()).toHaveLength(3 * 4 + 1);
  });
});

describe("a failure", () => {
  test.concurrent("of the server is told in its words, with the space and what to do", async ({ place }) => {
    place.earlier("20250101T000000Z-v1.50.0");
    place.meili.failure = 'No space left on "device"';
    const { exitCode, said } = await place.run(BACKUP);
    expect(exitCode).toBe(1);
    expect(said).toContain('\nMeiliSearch could not make the dump: No space left on "device"\n');
    expect(said).toMatch(/\d+ of \d+ MiB are free on its volume; where that is too little, raise search:storage or/);
    expect(place.inBucket()).toEqual(setOf("20250101T000000Z-v1.50.0"));
  });

  const refusals: [string, object, number, string, string][] = [
    ["a wrong id", { S3_ACCESS_KEY_ID: "ID2" }, 403, "InvalidAccessKeyId", "correct search:backupAccessKeyId."],
    [
      "a wrong secret",
      { S3_SECRET_ACCESS_KEY: "x" },
      403,
      "SignatureDoesNotMatch",
      "correct search:backupSecretAccessKey, which belongs to search:backupAccessKeyId.",
    ],
    ["no bucket", { S3_BUCKET: "b" }, 404, "NoSuchBucket", "create the bucket or correct search:backupBucket."],
    [
      "a bucket that is only read",
      {},
      403,
      "AccessDenied",
      "allow these credentials to list the bucket and to get, put and delete what is in it, or set others in search:backupAccessKeyId and search:backupSecretAccessKey.",
    ],
    ["a wrong clock", {}, 403, "RequestTimeTooSkewed", "set the clock of this machine."],
    [
      "another region",
      {},
      400,
      "AuthorizationHeaderMalformed",
      'correct search:backupRegion, now "eu-central-1", or search:backupEndpoint.',
    ],
  ];
  test.concurrent.for(refusals)(
    "%s is told before anything is made",
    async ([, env, status, code, remedy], { place }) => {
      const own = Object.keys(env).length > 0;
      place.s3.twist = (request) => (own || !request.startsWith("PUT") ? undefined : { status, code });
      const { exitCode, said } = await place.run(BACKUP, { ...env });
      const where = `The bucket "${"S3_BUCKET" in env ? "b" : "backups"}" cannot be ${own ? "listed" : "written"}`;
      const message = own ? "As the test wants it" : 'Not "now"';
      expect(said).toBe(`${where}: status ${status}, ${code}: ${message}; ${remedy}\nNo backup was made.`);
      expect(exitCode).toBe(1);
      expect(place.meili.tasks).toEqual([]);
    },
  );

  test.concurrent("storage that does not answer is told before anything is made", async ({ place }) => {
    const { exitCode, said } = await place.run(BACKUP, { S3_ENDPOINT: "http://127.0.0.1:1" });
    expect(said).toMatch(
      /^The bucket "backups" cannot be listed: http:\/\/127\.0\.0\.1:1 did not answer: Failed to connect to .*; check search:backupEndpoint, and that this machine reaches it\.\nNo backup was made\.$/,
    );
    expect(exitCode).toBe(1);
  });

  test.concurrent("of one request is no failure of the backup", async ({ place }) => {
    let refused = 0;
    place.s3.twist = (request) =>
      /^PUT.*dump$/.test(request) && refused++ === 0 ? { status: 503, code: "SlowDown" } : undefined;
    expect((await place.run(BACKUP)).said).toContain("Backup NAME is complete.");
    expect(refused).toBe(2);
  });
});

describe("a run that is killed", () => {
  test.concurrent("while it copies leaves the former backup as the latest, and the next run clears up", async ({
    place,
  }) => {
    const former = "20250101T000000Z-v1.50.0";
    place.earlier(former);
    place.s3.objects.set("chat/search/latest", Buffer.from(former));
    writeFileSync(join(place.data, "backups/latest"), former);
    const last = (request: string) => /^PUT.*sha256$/.test(request);
    place.s3.twist = (request) => (last(request) ? "hang" : undefined);
    await place.kill(BACKUP, () => place.s3.requests.some(last));
    expect([place.latest(), place.latestInBucket()]).toEqual([former, former]);
    expect(place.inBucket().filter((key) => !key.startsWith(former))).toHaveLength(3);

    place.s3.twist = () => undefined;
    await place.run(BACKUP);
    expect(place.latest() > former).toBe(true);
    expect(place.inBucket()).toEqual([...setOf(former), ...setOf(place.latest()), "latest"]);
  });

  test.concurrent("while the server works leaves no dump behind, and no lock", async ({ place }) => {
    const { meili } = place;
    const made = join(place.data, "dumps/20260101-000000000.dump");
    meili.busy = true;
    await place.kill(BACKUP, () => (meili.tasks[0]?.polls ?? 0) > 1);
    expect(place.onVolume()).toEqual(["task-0.note"]);
    meili.busy = false;
    mkdirSync(join(place.data, "dumps"));
    writeFileSync(made, "");
    expect((await place.run(BACKUP)).exitCode).toBe(0);
    expect(existsSync(made)).toBe(false);
    expect(place.onVolume()).toEqual([...setOf(place.latest()), "latest"]);
  });
});

test.concurrent("of two at once the second waits, and gives up in the end", async ({ place }) => {
  place.meili.busy = true;
  const first = place.start(BACKUP);
  await until(() => place.meili.tasks.length === 1);
  const [refused, third] = [place.run(BACKUP, { WAIT_SECONDS: "1" }), place.run(BACKUP)];
  const waiting = "Another backup or restore works on this volume; waiting for it ...";
  const said = `${waiting}\nAnother backup or restore still works on this volume after 1 s: nothing was done.`;
  expect(await refused).toEqual({ exitCode: 1, said });
  place.meili.busy = false;
  expect((await first).exitCode).toBe(0);
  expect((await third).said).toMatch(/^Another .*\nBacking up .*\nBackup NAME is complete\.$/s);
  expect(place.onVolume().filter((name) => name.endsWith(".dump"))).toHaveLength(2);
});
