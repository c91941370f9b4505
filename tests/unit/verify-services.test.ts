import { createHmac } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readSettings } from "../../components/settings.ts";
import type { Check } from "../../scripts/verify/check.ts";
import { succeeded } from "../../scripts/verify/report.ts";
import { checkRtc } from "../../scripts/verify/rtc.ts";
import { adviceFor } from "../../scripts/verify/servers.ts";
import { Suite } from "../../scripts/verify/suite.ts";
import { type Progress, type Target, type VerifyOptions, verify as verifyWith } from "../../scripts/verify/verify.ts";

const ADVICE = adviceFor("dev", readSettings({ values: {}, isSecret: () => false }));
const verify = (target: Target, progress?: (event: Progress) => void, options?: VerifyOptions) =>
  verifyWith(target, ADVICE, progress, options);

const running: { close: () => void }[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of running.splice(0)) server.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push({ close: () => server.closeAllConnections() ?? server.close() });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port at which nothing listens any more. */
async function nowhere(): Promise<string> {
  const host = await serve(() => {});
  for (const server of running.splice(-1)) server.close();
  return host;
}

const search = (host: string) => ({ url: `http://${host}`, masterKey: "m".repeat(32), searchKey: "s".repeat(64) });

const rtc = (host: string) => ({
  ...{ url: `ws://${host}`, apiKey: "key", apiSecret: "secret-0123456789-0123456789-0123456789" },
  maxParticipants: 100,
});

const streaming = (host: string) => ({
  ...{ ingestUrl: `rtmp://${host}`, hlsUrl: `http://${host}/hls`, dashUrl: `http://${host}/dash` },
  statsUrl: `http://${host}/stat`,
});

const of = (service: Check["service"], checks: readonly Check[]) =>
  checks
    .filter((check) => check.service === service && check.status !== "passed")
    .map(({ name, status, detail, advice }) => ({ name, status, detail, advice }));

const STATISTICS =
  "<rtmp><nginx_rtmp_version>1.1.4</nginx_rtmp_version><server><application><name>live</name><live></live></application></server></rtmp>";

/** nginx-rtmp without a stream. */
const nginx: RequestListener = ({ url, headers }, response) => {
  if (url === "/health") response.end("ok\n");
  else if (url === "/stat" && headers.accept === "application/xml") response.end(STATISTICS);
  else response.writeHead(404).end();
};

describe("several services", () => {
  it("are all checked when one is down", async () => {
    vi.stubEnv("PATH", "/nonexistent");
    const [dead, alive] = [await nowhere(), await serve(nginx)];
    const checks = await verify({ search: search(dead), rtc: rtc(dead), streaming: streaming(alive) });
    expect(of("MeiliSearch", checks)).toEqual([
      {
        name: "health",
        status: "failed",
        detail: `nothing listens at http://${dead} (connection refused)`,
        advice: "Start it with `npm run up`; `docker logs nchat_meilisearch` says why it is not there.",
      },
    ]);
    expect(of("LiveKit", checks)).toEqual([
      {
        name: "health",
        status: "failed",
        detail: `nothing listens at http://${dead} (connection refused)`,
        advice: "Start it with `npm run up`; `docker logs nchat_livekit` says why it is not there.",
      },
    ]);
    expect(checks.filter(({ status }) => status === "passed").map(({ name }) => name)).toEqual([
      "health",
      "publishes statistics",
    ]);
    expect(succeeded(checks)).toBe(false);
  });

  it("are told in a fixed order, though the first is the slowest", async () => {
    const slow = await serve((_, response) => void setTimeout(() => response.writeHead(500).end(), 150));
    const events: Progress[] = [];
    const checks = await verify({ search: search(slow), rtc: rtc(await nowhere()) }, (event) => events.push(event));
    expect(events.map((event) => (event.kind === "service" ? event.service : event.check.status))).toEqual([
      ...["MeiliSearch", "failed"],
      ...["LiveKit", "failed"],
      ...["RTMP Stats", "skipped"],
    ]);
    expect(events.flatMap((event) => (event.kind === "check" ? [event.check] : []))).toEqual(checks);
  });

  it("come to an end with a server that never answers", async () => {
    const silent = await serve(() => {});
    const began = performance.now();
    const checks = await verify({ search: search(silent), rtc: rtc(silent) }, undefined, { limit: 200 });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(checks.map(({ service, status }) => `${service} ${status}`)).toEqual([
      "MeiliSearch failed",
      "LiveKit failed",
      "RTMP Stats skipped",
    ]);
  });

  it("can be stopped from outside", async () => {
    const silent = await serve(() => {});
    const checks = await verify({ search: search(silent) }, undefined, { signal: AbortSignal.timeout(100) });
    expect(of("MeiliSearch", checks)[0]).toMatchObject({ name: "health", status: "failed" });
  });
});

describe("streaming", () => {
  it("is skipped where ffmpeg is missing, which is no failure", async () => {
    vi.stubEnv("PATH", "/nonexistent");
    const checks = await verify({ streaming: streaming(await serve(nginx)) });
    expect(of("RTMP Stats", checks)).toEqual([
      {
        name: "plays a test stream",
        status: "skipped",
        detail: "ffmpeg is not installed",
        advice:
          "Install it (`sudo apt-get install ffmpeg`, `brew install ffmpeg`), then `npm run verify` plays a whole stream.",
      },
    ]);
    expect(succeeded(checks)).toBe(true);
  });

  it("is not just any web server", async () => {
    vi.stubEnv("PATH", "/nonexistent");
    const host = await serve((_, response) => response.end("<html><p>It works!</p></html>"));
    expect(of("RTMP Stats", await verify({ streaming: streaming(host) }))[0]).toMatchObject({
      name: "publishes statistics",
      status: "failed",
      detail: "not nginx-rtmp's statistics: the root element is <html>, without <nginx_rtmp_version>",
    });
  });
});

describe("calls", () => {
  const signedWith = (secret: string, token: string) => {
    const [header, claims, signature] = token.split(".");
    return createHmac("sha256", secret).update(`${header}.${claims}`).digest("base64url") === signature;
  };

  /** LiveKit up to the moment when a participant joins. */
  const livekit =
    (secret: string, lax = false): RequestListener =>
    ({ url, headers }, response) => {
      if (url === "/") return response.end("OK");
      const token = headers.authorization?.replace("Bearer ", "") ?? "";
      // The real one repeats the token too.
      if (url === "/rtc/validate" && !lax && !signedWith(secret, token)) {
        return response.writeHead(401).end(`invalid token: ${token}`);
      }
      return response.writeHead(url === "/rtc/validate" ? 200 : 404).end();
    };

  it("are refused with another stack's secret, and the token is not printed", async () => {
    const checks = await verify({ rtc: rtc(await serve(livekit("another secret"))) });
    expect(of("LiveKit", checks)).toEqual([
      {
        name: "accepts a token of this stack's key",
        status: "failed",
        detail: "expected 200, got 401",
        advice:
          "The outputs seem to belong to another stack or to older keys: run `npm run up`, then `npm run verify`. " +
          "Is nchat_livekit this stack's container?",
      },
    ]);
  });

  it("fail loudly where any token opens the door", async () => {
    const checks = await verify({ rtc: rtc(await serve(livekit("", true))) });
    expect(of("LiveKit", checks)).toContainEqual({
      name: "refuses a token signed with another secret",
      status: "failed",
      detail: "expected 401, got 200",
      advice: "Anybody can join any room: stop this server.",
    });
  });

  it("fail where the WebSocket does not come through", async () => {
    const target = rtc("");
    const host = await serve(livekit(target.apiSecret));
    const failed = of("LiveKit", await verify({ rtc: rtc(host) }));
    expect(failed[0]).toEqual({
      name: "lets a participant join over WebSocket",
      status: "failed",
      detail: "the WebSocket was refused; a proxy in between may not pass WebSockets on",
      advice: "`docker logs nchat_livekit` says more.",
    });
    expect(failed.every(({ advice }) => advice)).toBe(true);
  });

  it("are possible with a server that was not fit for a moment", async () => {
    let asked = 0;
    const host = await serve((_, response) => response.writeHead(asked++ === 0 ? 406 : 200).end("OK"));
    const checks = await verify({ rtc: rtc(host) });
    expect(checks.find(({ service, name }) => service === "LiveKit" && name === "health")?.status).toBe("passed");
  });

  it("are not possible with a server whose statistics stay too old", async () => {
    const host = await serve((_, response) => response.writeHead(406).end("Not Ready"));
    const checks: Check[] = [];
    const progress = (event: Progress) => void (event.kind === "check" && checks.push(event.check));
    const common = { service: "LiveKit", port: 7880, advice: ADVICE.LiveKit, secrets: [] } as const;
    await checkRtc(new Suite({ ...common, progress, signal: AbortSignal.timeout(10_000) }), rtc(host), 100);
    expect(of("LiveKit", checks)).toEqual([
      {
        name: "health",
        status: "failed",
        detail: "the server says that it is not fit (406: its statistics are too old)",
        advice: "The machine is overloaded, or LiveKit's Redis is gone. `docker logs nchat_livekit` says more.",
      },
    ]);
  });
});
