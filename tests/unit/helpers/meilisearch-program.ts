import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";

/**
 * A stand-in for the program `meilisearch`, not the real server: run by `search-volume.ts`, for tests of what happens before
 * a start. A database is a folder with a VERSION and the number of documents of each index; dumps and snapshots are such
 * numbers. Without an address for itself it serves everybody: it writes down with what, and ends.
 */
interface Twist {
  readonly version: string;
  /** What comes of an upgrade. */
  readonly upgrade?: "fails" | "dies" | "cannot start" | "hangs" | undefined;
  readonly import?: "hangs" | undefined;
  /** What the numbers are after it; -1 is no index. */
  readonly after?: Numbers | undefined;
  /** An index that is broken by it. */
  readonly unreadable?: string | undefined;
}
type Numbers = Readonly<Record<string, number>>;

const { env } = process;
const twist = JSON.parse(env.STAND_IN ?? "") as Twist;
const { values } = parseArgs({
  options: {
    "http-addr": { type: "string" },
    "db-path": { type: "string" },
    "import-dump": { type: "string" },
    "import-snapshot": { type: "string" },
  },
});
const db = values["db-path"] ?? env.MEILI_DB_PATH ?? "";
const number = (version: string) => Number(version.replaceAll(/\.(\d+)/g, (_, part) => part.padStart(3, "0")));
const read = <T>(file: string) => JSON.parse(readFileSync(file, "utf8")) as T;
const write = (numbers: Numbers) => {
  mkdirSync(db, { recursive: true });
  writeFileSync(join(db, "VERSION"), twist.version);
  writeFileSync(join(db, "numbers.json"), JSON.stringify(numbers));
};
const hang = () => {
  writeFileSync(env.STAND_IN_PID ?? "", String(process.pid));
  setInterval(() => undefined, 1000);
};
function end(problem: string): never {
  console.error(`Error: ${problem}`);
  process.exit(1);
}

let upgrading = false;
const file = values["import-dump"] ?? values["import-snapshot"];
if (file) {
  if (existsSync(db)) end(`database already exists at "${db}"`);
  mkdirSync(db);
  if (twist.import === "hangs") hang();
  else importFrom(file);
} else if (existsSync(join(db, "VERSION"))) {
  const theirs = readFileSync(join(db, "VERSION"), "utf8");
  if (number(theirs) > number(twist.version)) end(`the database is of ${theirs}`);
  const allowed = env.MEILI_EXPERIMENTAL_DUMPLESS_UPGRADE === "true" && env.MEILI_UPGRADE_DB === "true";
  if (number(theirs) < number(twist.version) && !allowed)
    end(`the database is of ${theirs}, and no upgrade was allowed`);
  if (allowed) upgrade();
} else {
  write({});
}
if (!file || twist.import !== "hangs") serve();

function importFrom(path: string): void {
  try {
    write(read(path));
  } catch {
    rmSync(db, { recursive: true });
    end("the file is no dump");
  }
}

function upgrade(): void {
  if (twist.upgrade === "cannot start") end("the database cannot be opened");
  if (twist.upgrade === "hangs") hang();
  upgrading = true;
  // The version is written before all is done.
  const lost = Object.entries({ ...read<Numbers>(join(db, "numbers.json")), ...twist.after });
  write(Object.fromEntries(lost.filter(([, documents]) => documents >= 0)));
}

function serve(): void {
  const numbers = read<Numbers>(join(db, "numbers.json"));
  const address = values["http-addr"];
  if (!address) {
    const { pid } = process;
    const allowed = env.MEILI_UPGRADE_DB ?? env.MEILI_EXPERIMENTAL_DUMPLESS_UPGRADE;
    writeFileSync(env.STAND_IN_SERVES ?? "", JSON.stringify({ numbers, pid, TMPDIR: env.TMPDIR, allowed }));
    return;
  }
  let polls = 0;
  const [host, port] = address.split(":");
  createServer((request, response) => {
    const say = (status: number, body: object) => void response.writeHead(status).end(JSON.stringify(body));
    const { url = "" } = request;
    if (url === "/health") return say(200, { status: "available" });
    if (request.headers.authorization !== `Bearer ${env.STAND_IN_KEY}`) return say(403, { message: "Invalid key." });
    if (url === "/tasks?types=upgradeDatabase&limit=1") {
      if (upgrading && twist.upgrade === "dies" && polls > 0) process.exit(1);
      const results = upgrading ? [task(polls++)] : [];
      return say(200, { results, total: results.length, limit: 1, from: null, next: null });
    }
    const uid = /^\/indexes\/([^/]+)\/documents\?limit=1$/.exec(url)?.[1] ?? "";
    if (upgrading && uid === twist.unreadable) {
      return say(500, { message: "MDB_CORRUPTED: Located page was wrong type.", code: "internal" });
    }
    const total = numbers[uid];
    if (total === undefined) return say(404, { message: `Index \`${uid}\` not found.`, code: "index_not_found" });
    // A document has names of its own.
    return say(200, { results: total ? [{ id: 1, total: 99 }] : [], offset: 0, limit: 1, total });
  }).listen(Number(port), host);
}

function task(poll: number) {
  const ended = poll > 0 && twist.upgrade !== "hangs";
  const status = ended ? (twist.upgrade === "fails" ? "failed" : "succeeded") : "processing";
  const error =
    status === "failed" ? { message: 'No "space" left', code: "internal", type: "internal", link: "" } : null;
  return { uid: 7, batchUid: 7, indexUid: null, status, type: "upgradeDatabase", details: { upgradeTo: "any" }, error };
}
