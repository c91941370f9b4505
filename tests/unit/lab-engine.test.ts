import { expect, test } from "vitest";
import { announcedVersion } from "../../lab/build/meilisearch.ts";
import { engine, engineArgs } from "../../lab/engine.ts";
import { mountPoints } from "../../lab/mounts.ts";
import { quote } from "../../lab/plugins.ts";
import { duration } from "../../lab/progress.ts";

test("the engine listens on its socket, asks the mirror, and reads no settings of the machine", () => {
  const args = engineArgs({ socket: "/tmp/docker.sock", mirror: "127.0.0.1:1234" });
  expect(args).toContain("--host=unix:///tmp/docker.sock");
  expect(args).toContain("--registry-mirror=http://127.0.0.1:1234");
  expect(args.find((arg) => arg.startsWith("--config-file="))).toMatch(/nself-chat-lab\/run\/daemon\.json$/);
});

test("the mark that tells the lab's engine from others is one of its arguments", () => {
  expect(engine.args).toContain(engine.mark);
});

test("mounts are undone from the inside out, and only those in the directory", () => {
  const mountinfo = ["/", "/data", "/database", "/data/a\\040b", "/data/a\\040b/c"]
    .map((point, id) => `${id} 1 0:1 / ${point} rw - ext4 /dev/x rw`)
    .join("\n");
  expect(mountPoints(mountinfo, "/data")).toEqual(["/data/a b/c", "/data/a b", "/data"]);
});

test.each([
  ["v1.50.0", "1.50.0"],
  ["v1.6", "1.6.0"],
])("the stand-in with the tag %s announces %s", (tag, version) => {
  expect(announcedVersion(tag)).toBe(version);
});

test("paths with spaces and quotes survive a shell", () => {
  expect(quote("/it's here/main.ts")).toBe("'/it'\\''s here/main.ts'");
});

test.each([
  [400, "0 s"],
  [89_000, "89 s"],
  [298_000, "4 min 58 s"],
])("%i ms are %s", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});
