import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { test as onPlace, program, runScript, SECRET, scripts, shells, until } from "./helpers/search-scripts.ts";
import { SearchServer } from "./helpers/search-server.ts";
import { test as onVolume } from "./helpers/search-volume.ts";

type Env = Readonly<Record<string, string>>;

/** What a command prints behind the functions that all scripts share; `said` is the server's last answer. */
async function shared(command: string, said = "", env: Env = {}, shell = "sh"): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "search-api-"));
  writeFileSync(join(folder, "said"), said);
  const text = `${scripts("api")}\ncp '${folder}/said' "$answer"\n${command}`;
  const base = { SEARCH_URL: "http://127.0.0.1:1", WAIT_SECONDS: "0", RETRIES: "0", API_KEY: "key", TMPDIR: folder };
  const { all = "", exitCode } = await runScript(folder, text, shell, { ...base, ...env });
  rmSync(folder, { recursive: true });
  return exitCode === 0 ? all : `exit ${exitCode}: ${all}`;
}

it.concurrent.for([
  ["1.50.2", "1050002"],
  ["1.9.10", "1009010"],
  ["2.0.0", "2000000"],
])("the version %s is the number %s", async ([version, number]) => {
  expect(await shared(`number ${version}`)).toBe(number);
});

it.concurrent.for([
  ["meilisearch 1.50.0", "1.50.0"],
  ["meilisearch-enterprise 1.51.0-rc.2", "1.51.0"],
])('a program that says "%s" is of version %s', async ([said, version]) => {
  expect(await shared(`meilisearch() { echo '${said}'; }\nversion_of_server`)).toBe(version);
});

it.concurrent.for([
  ["a text", '{"uid":1,"status":"failed","error":{"message":"it failed","code":"any"}}', "it failed"],
  ["quotes", '{"message":"no \\"x\\" in \\"y\\"","code":"any"}', 'no "x" in "y"'],
  ["the name inside of another text", '{"message":"outer","other":"\\"message\\":\\"inner\\""}', "outer"],
  ["no text", '{"message":null}', ""],
  ["nothing", "", ""],
])("of an answer a field is read: %s", async ([, said, message]) => {
  for (const shell of shells) expect(await shared("field message", said, {}, shell)).toBe(message);
});

it.concurrent.for(shells)("the numbers of documents are listed by index (%s)", async (shell) => {
  const index = (numberOfDocuments: number) => ({ numberOfDocuments, isIndexing: false, fieldDistribution: { a: 1 } });
  const said = JSON.stringify({ databaseSize: 1, indexes: { "b_1-X": index(0), a: index(12) } });
  expect(await shared("expect() { :; }\ncounts", said, {}, shell)).toBe("a\t12\nb_1-X\t0");
  expect(await shared("expect() { :; }\ncounts", '{"databaseSize":1,"indexes":{}}', {}, shell)).toBe("");
});

it.concurrent.for(shells)("a server that is not there is told, and not taken for an answer (%s)", async (shell) => {
  expect(await shared('expect 200 "The thing" GET /thing', "before", {}, shell)).toMatch(
    /^exit 1: curl: .*\nThe thing: MeiliSearch answered 000, cut off: http:\/\/127\.0\.0\.1:1 does not answer\.$/,
  );
});

it.concurrent.for(shells)("a key is sent as it is, whatever is in it (%s)", async (shell) => {
  const server = await new SearchServer(SECRET).start();
  const env = { SEARCH_URL: server.url, API_KEY: SECRET };
  expect(await shared("request GET /keys/none", "", env, shell)).toBe("404");
  server.stop();
});

it.concurrent.for(shells)("so is a body, of any length (%s)", async (shell) => {
  const server = await new SearchServer("key").start();
  const body = JSON.stringify({ uid: "a", note: `${SECRET}\\n $(id) BODY\n@x ${"long ".repeat(50_000)}` });
  const command = 'text=$(cat "$BODY_FILE")\nrequest POST /keys "$text"';
  const folder = mkdtempSync(join(tmpdir(), "search-body-"));
  const env = { SEARCH_URL: server.url, BODY_FILE: join(folder, "body") };
  writeFileSync(env.BODY_FILE, body);
  expect(await shared(command, "", env, shell)).toBe("201");
  rmSync(folder, { recursive: true });
  expect(server.bodies("POST /keys")).toEqual([JSON.parse(body)]);
  server.stop();
});

onVolume.concurrent.for(shells)(
  "the start reads any key from the server's configuration (%s)",
  async (shell, { volume }) => {
    const config = join(volume.folder, "config.toml");
    writeFileSync(config, `master_key = ${JSON.stringify(SECRET)}\n`);
    volume.database("1.50.2", { messages: 7 });
    volume.record("1.50.2", { messages: 7 });
    const { said } = await volume.run({ env: { MEILI_CONFIG_FILE_PATH: config, STAND_IN_KEY: SECRET }, shell });
    expect(said.at(-1)).toBe("upgraded, and the documents are there");
  },
);

onVolume.concurrent(
  "an upgrade that takes hours can still go back to its dump: nobody wrote since",
  async ({ volume }) => {
    volume.database("1.50.2", { messages: 7 });
    volume.record("1.50.2", { messages: 7 }, 55);
    const { running } = await volume.start({ twist: { upgrade: "hangs" } });
    await until(() => volume.pid() > 0);
    process.kill(running.pid as number, "SIGTERM");
    await running;
    const age = () => Date.now() - statSync(volume.path("upgrade/dump")).mtimeMs;
    expect(age()).toBeLessThan(60_000);

    // As if the upgrade itself took longer than that.
    program(volume.folder, "touch", 'exec /usr/bin/touch -t 202001010000 "$1"\n');
    volume.database("1.50.2", { messages: 7, lost: 1 });
    const { said } = await volume.run({ twist: { upgrade: "fails" } });
    expect(said).toContain("going back to the dump from before");

    // One that was too old at the first start does not get young by it.
    volume.record("1.50.2", { messages: 7 }, 62);
    await volume.run({ twist: { upgrade: "cannot start" } });
    expect(age()).toBeGreaterThan(61 * 60_000);
  },
);

onPlace.concurrent("what the app writes after the dump before an upgrade is not missed in it", async ({ place }) => {
  program(place.data, "meilisearch", "echo meilisearch 1.51.0\n");
  mkdirSync(join(place.data, "data.ms"));
  writeFileSync(join(place.data, "data.ms/VERSION"), "1.50.0");
  const dump = join(place.data, "dumps/20260101-000000000.dump");
  Object.defineProperty(place.meili, "documents", { get: () => (existsSync(dump) ? 3 : 2) });
  expect((await place.run(scripts("api", "upgrade"))).exitCode).toBe(0);
  const made = (kind: string) =>
    readFileSync(join(place.data, `backups/before-v1.51.0-20260101-000000000.${kind}`), "utf8");
  expect([made("dump"), made("counts")]).toEqual(["task 0 of 2 documents\n", "channels\t10\nmessages\t2\n"]);
});
