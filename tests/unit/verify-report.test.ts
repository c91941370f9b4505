import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { afterEach, expect, it, vi } from "vitest";
import type { Check, Service } from "../../scripts/verify/check.ts";
import { renderJson, succeeded, TextReport } from "../../scripts/verify/report.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const PORTS = { MeiliSearch: 7700, LiveKit: 7880, "RTMP Stats": 8088 } as const;

const check = (service: Service, name: string, rest: Partial<Check> = {}): Check => ({
  ...{ service, port: PORTS[service], name, status: "passed", milliseconds: 5 },
  ...rest,
});

const healthy = [check("MeiliSearch", "health"), check("LiveKit", "health"), check("RTMP Stats", "health")];

/** Everything that is written for these checks. */
function report(checks: readonly Check[], terminal = false): string {
  const stream = Object.assign(new PassThrough(), {
    isTTY: terminal,
    getColorDepth: WriteStream.prototype.getColorDepth,
  });
  const text = new TextReport(stream);
  for (const one of checks) {
    if (one.name === "health") text.progress({ kind: "service", service: one.service, port: one.port });
    text.progress({ kind: "check", check: one });
  }
  text.finish(checks);
  return String(stream.read());
}

const BANNER = `\
╔═══════════════════════════════════════════════════════════════╗
║       Advanced Services Verification - nself-chat v0.9.1      ║
╚═══════════════════════════════════════════════════════════════╝

`;

it("writes what the app's documentation promises", () => {
  expect(report(healthy)).toBe(`${BANNER}\
Checking MeiliSearch (port 7700)... ✓ OK
Checking LiveKit (port 7880)... ✓ OK
Checking RTMP Stats (port 8088)... ✓ OK

✓ All services are running and healthy!
`);
});

it("lists what was tried below each service", () => {
  const checks = [
    check("MeiliSearch", "health"),
    check("MeiliSearch", "stores a document"),
    check("LiveKit", "health", { status: "skipped", detail: "switched off" }),
    check("RTMP Stats", "health"),
    check("RTMP Stats", "publishes statistics", { detail: "seen" }),
    check("RTMP Stats", "plays a test stream", { status: "skipped", detail: "no ffmpeg", advice: "Install it." }),
  ];
  expect(report(checks)).toBe(`${BANNER}\
Checking MeiliSearch (port 7700)... ✓ OK
  ✓ stores a document
Checking LiveKit (port 7880)... – skipped: switched off
Checking RTMP Stats (port 8088)... ✓ OK
  ✓ publishes statistics: seen
  – skipped: plays a test stream: no ffmpeg
    → Install it.

– Skipped: LiveKit (switched off); RTMP Stats plays a test stream (no ffmpeg)
✓ All services are running and healthy!
`);
});

it("says what failed and what to do, and never that all is well", () => {
  const checks = [
    check("MeiliSearch", "health", { status: "failed", detail: "nothing listens", advice: "Start it." }),
    check("LiveKit", "health"),
    check("LiveKit", "joins", { status: "failed", detail: "refused", advice: "Look at the logs." }),
  ];
  expect(report(checks)).toBe(`${BANNER}\
Checking MeiliSearch (port 7700)... ✗ FAILED: nothing listens
  → Start it.
Checking LiveKit (port 7880)... ✓ OK
  ✗ FAILED joins: refused
    → Look at the logs.

✗ Failed: MeiliSearch; LiveKit joins
`);
});

it("does not call it healthy when nothing is switched on", () => {
  const off = healthy.map((one): Check => ({ ...one, status: "skipped", detail: "switched off" }));
  expect(report(off)).toContain("✗ Nothing was checked: no service is switched on.\n");
  expect(report(off)).not.toContain("healthy");
});

it("colours a terminal only, and not against NO_COLOR", () => {
  for (const name of ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS", "CI"]) vi.stubEnv(name, undefined);
  vi.stubEnv("TERM", "xterm-256color");
  expect(report(healthy, true)).toContain("\u001b[32m✓ OK\u001b[39m");
  expect(report(healthy, false)).not.toContain("\u001b");
  vi.stubEnv("NO_COLOR", "1");
  expect(report(healthy, true)).not.toContain("\u001b");
});

it("fails for a failed check only", () => {
  const skipped = check("RTMP Stats", "plays", { status: "skipped" });
  const failed = check("RTMP Stats", "plays", { status: "failed" });
  expect(succeeded([...healthy, skipped])).toBe(true);
  expect(succeeded([...healthy, skipped, failed])).toBe(false);
});

it("is one JSON object for programs", () => {
  const failed = check("LiveKit", "joins", { status: "failed", detail: "refused", advice: "Look." });
  expect(JSON.parse(renderJson(healthy))).toEqual({ ok: true, checks: healthy });
  expect(renderJson([failed])).toBe(
    '{"ok":false,"checks":[{"service":"LiveKit","port":7880,"name":"joins","status":"failed","milliseconds":5,"detail":"refused","advice":"Look."}]}',
  );
});
