// Entry of every npm script. It needs nothing but Node 20: it installs the dependencies where they are missing or
// older than the lock file, then goes on in the Node version that the project brings along.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const bin = join(modules, ".bin");

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20) fail(`Node ${process.versions.node} is too old. Install Node 20 or newer: https://nodejs.org`);

if (!installed()) {
  console.error("Installing dependencies (npm ci) …");
  const started = Date.now();
  // Node 20 is older than some packages ask for; they run in the Node that is being installed here.
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci failed. Is the npm registry reachable?");
  console.error(`Installed dependencies in ${Math.round((Date.now() - started) / 1000)} s.`);
}

// Compiled code is kept between runs: loading it is most of what a short command does.
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  NODE_COMPILE_CACHE: join(modules, ".cache", "compiled"),
};
const [script = "", ...args] = process.argv.slice(2);
const child = spawnSync(join(bin, "node"), [join(root, script), ...args], {
  stdio: "inherit",
  env,
});
if (child.error)
  fail(`The project's own Node does not start (${child.error.message}). Install it again: npm rebuild node`);
process.exit(child.status ?? 1);

/** npm keeps what it installed in a lock file of its own: equal package versions mean nothing to do. */
function installed() {
  const hidden = join(modules, ".package-lock.json");
  if (!existsSync(hidden) || !existsSync(join(bin, "node"))) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || optional || present[path]?.version === version,
  );
}

function run(command, args, problem) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) fail(problem);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
