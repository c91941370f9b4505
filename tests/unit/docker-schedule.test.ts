import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { EVERY, LATE, ONCE } from "../../components/docker-container.ts";
import { shells } from "./helpers/search-scripts.ts";

/** Runs the schedule with what stands for the clock before it. */
function schedule(before: string, script: string, { hours = 6, env = {}, shell = "sh", deadline = "60" } = {}) {
  const [command = "", ...args] = shell.split(" ");
  const text = `${before}\n${EVERY}`;
  return execa(command, [...args, "-c", text, "every", String(hours * 3600), deadline, script], { env, reject: false });
}

/** A clock that stands still, and a sleep that ends it all. */
const ASLEEP = `date() { echo "$NOW"; }\nsleep() { echo "sleeps $1"; }\nwait() { exit; }`;

describe("the sleep", () => {
  it.each([
    ["midnight", 6, "00:00:00", 17 * 60],
    ["a second before", 6, "00:16:59", 1],
    ["the moment itself, whose run was just now", 6, "00:17:00", 6 * 3600],
    ["in between", 6, "05:17:00", 3600],
    ["in the evening", 6, "18:17:01", 6 * 3600 - 1],
    ["once a day", 24, "00:17:01", 86_400 - 1],
    ["each hour", 1, "13:16:00", 60],
    ["each hour, later", 1, "13:18:00", 59 * 60],
  ])("ends a quarter past a multiple of the hours: %s", async (_, hours, time, seconds) => {
    const NOW = String(Date.parse(`2026-03-29T${time}Z`) / 1000);
    expect((await schedule(ASLEEP, "true", { hours, env: { NOW } })).stdout).toBe(`sleeps ${seconds}`);
  });
});

describe("a one-shot", () => {
  /** As the first process of a container: the kernel keeps signals from it that it does not ask for. */
  const first = (shell: string, deadline: string, script: string) =>
    execa("unshare", ["--pid", "--fork", "--mount-proc", ...shell.split(" "), "-c", ONCE, "once", deadline, script], {
      reject: false,
    });

  const canUnshare = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;
  const each = it.skipIf(!canUnshare).each(shells);

  each("ends with its script's exit code (%s)", async (shell) => {
    const { exitCode, stdout } = await first(shell, "60", "echo '$(id)'; exit 3");
    expect([exitCode, stdout]).toEqual([3, "$(id)"]);
  });

  each("is ended when its time is over (%s)", async (shell) => {
    const { exitCode } = await first(shell, "1", "tail -f /dev/null; echo never");
    expect(LATE).toContain(exitCode);
  });
});

describe("the schedule", () => {
  /** Three nights that take no time. */
  const NIGHTS = "night=0\nsleep() { :; }\nwait() { night=$((night + 1)); [ $night -lt 3 ] || exit 0; }";

  it.each(shells)("goes on after a run that failed, and says so (%s)", async (shell) => {
    const { stdout, exitCode } = await schedule(NIGHTS, "set -eu; echo begins; false; echo never", { shell });
    const run = ["begins", "This run failed. The next one comes in time."];
    expect({ exitCode, said: stdout.split("\n") }).toEqual({ exitCode: 0, said: [...run, ...run] });
  });

  it("gives a run up that takes too long, and goes on", async () => {
    const { stdout } = await schedule(NIGHTS, "echo begins; exec tail -f /dev/null", { deadline: "0.2" });
    const run = ["begins", "This run failed. The next one comes in time."];
    expect(stdout.split("\n")).toEqual([...run, ...run]);
  });

  it.each(shells)("hands the script over as it is (%s)", async (shell) => {
    const { stdout } = await schedule(NIGHTS, `echo '$(id)' "*" \\"`, { shell });
    expect(stdout.split("\n")[0]).toBe('$(id) * "');
  });

  it.each(shells)("ends at once when it is stopped in its sleep (%s)", async (shell) => {
    const [command = "", ...args] = [...shell.split(" "), "-c", EVERY, "every", "21600", "60", "true"];
    const running = spawn(command, args, { detached: true, stdio: "ignore" });
    await sleep(300);
    running.kill("SIGTERM");
    expect(await once(running, "exit")).toEqual([0, null]);
    // No container takes the other process of the group along.
    process.kill(-(running.pid as number), "SIGKILL");
  });
});
