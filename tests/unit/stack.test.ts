import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { parse } from "yaml";

const place = vi.hoisted(() => ({ root: "" }));
vi.mock("../../scripts/lib/paths.ts", () => ({
  get ROOT() {
    return place.root;
  },
  get LOCAL() {
    return join(place.root, ".local");
  },
  get PULUMI_HOME() {
    return join(place.root, "pulumi-home");
  },
}));
const said: string[] = [];
vi.mock("../../scripts/lib/terminal.ts", () => ({ say: (text: string) => said.push(text) }));
const { encryptedSettings, ensureStack, openStack, runPulumi } = await import("../../scripts/lib/stack.ts");

const GIT = "# prod\nconfig:\n  a: 1 # why\n";
const SHARED = { PULUMI_BACKEND_URL: "file:///shared" };
const COMMIT = "Pulumi.prod.yaml has changed. Commit it: other checkouts and the workflows read it too.";

/** What Pulumi writes into the working file: the salt of a new stack, and the setting KEY. */
const CLI = `#!/bin/sh
case "$1 $2" in
  "stack select") grep -q "^encryptionsalt" "$5/Pulumi.$3.yaml" ;;
  "stack init") echo "encryptionsalt: salt-of-$PULUMI_BACKEND_URL" >> "$5/Pulumi.$3.yaml" ;;
  "config set")
    line="  $KEY: { secure: of-$PULUMI_BACKEND_URL }"
    awk -v line="$line" '{ print } /^config:/ { print line }' "$6" > "$6.new" && mv "$6.new" "$6" ;;
esac
`;

beforeEach(() => {
  place.root = mkdtempSync(join(tmpdir(), "stack-"));
  said.length = 0;
  writeFileSync(join(place.root, "Pulumi.yaml"), "name: test\n");
  writeFileSync(join(place.root, "Pulumi.prod.yaml"), GIT);
  writeFileSync(join(place.root, "pulumi"), CLI);
  chmodSync(join(place.root, "pulumi"), 0o755);
});
afterEach(() => rmSync(place.root, { recursive: true }));

const git = () => readFileSync(join(place.root, "Pulumi.prod.yaml"), "utf8");
const open = (env: Readonly<Record<string, string>> = {}) =>
  openStack("prod", { cli: join(place.root, "pulumi"), env: { PATH: process.env.PATH, ...env } });

/** `npm run pulumi -- config set --secret KEY`, in this checkout. */
async function setSecret(key: string, env: Readonly<Record<string, string>> = {}) {
  const stack = open({ ...env, KEY: key });
  await ensureStack(stack);
  expect(await runPulumi(stack, ["config", "set", ...stack.args])).toBe(0);
}

it("with a backend of its own a checkout keeps secrets and salt to itself", async () => {
  await setSecret("search:masterKey");
  expect(git()).toBe(GIT);
  expect(said).toEqual([]);
  const own = `file://${join(place.root, ".local", "state")}`;
  expect(open().file).toEqual({
    encryptionsalt: `salt-of-${own}`,
    config: { a: 1, "search:masterKey": { secure: `of-${own}` } },
  });
});

it("with a backend that others use they are in git, salt of a new stack and all, and the command says so once", async () => {
  await setSecret("search:masterKey", SHARED);
  expect(git()).toBe(
    `${GIT}  search:masterKey:\n    secure: of-file:///shared\nencryptionsalt: salt-of-file:///shared\n`,
  );
  expect(said).toEqual([COMMIT]);
  // What a fresh clone has.
  rmSync(join(place.root, ".local"), { recursive: true });
  expect(open(SHARED).file).toEqual(parse(git()));
  expect(encryptedSettings("prod")).toEqual(["search:masterKey"]);
});

it("backends in one checkout do not mix, in any order", async () => {
  await setSecret("rtc:apiKey");
  await setSecret("search:masterKey", SHARED);
  expect(git()).not.toContain("rtc:apiKey");
  expect(git()).toContain("encryptionsalt: salt-of-file:///shared");
  const { config, encryptionsalt } = open().file;
  expect(Object.keys(config ?? {})).toEqual(["rtc:apiKey", "a"]);
  expect(encryptionsalt).toMatch(/\.local\/state$/);

  const before = git();
  await setSecret("rtc:apiSecret");
  expect(git()).toBe(before);
  expect(Object.keys(open(SHARED).file.config ?? {})).toEqual(["a", "search:masterKey"]);
});

it("being logged in means a backend that others use", async () => {
  const home = join(place.root, "pulumi-home");
  mkdirSync(home);
  writeFileSync(join(home, "credentials.json"), '{"current":"https://api.pulumi.com"}');
  expect(open().ours).toBe(false);
  writeFileSync(join(home, "credentials.json"), '{"current":""}');
  expect(open().ours).toBe(true);
});

it("a working file that went with its stack changes nothing in git", async () => {
  const stack = open(SHARED);
  rmSync(join(stack.work, "Pulumi.prod.yaml"));
  await runPulumi(stack, ["destroy"]);
  expect(git()).toBe(GIT);
});
