import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AccessToken } from "livekit-server-sdk";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Checkout, ok } from "./helpers/checkout.ts";
import { resetEngine } from "./helpers/engine.ts";
import { Publisher } from "./helpers/publisher.ts";

/** The app's origin: the default of `frontend:origins`. */
const ORIGIN = "http://localhost:3000";
const LIBRARIES: Record<string, string> = {
  "/hls.js": "hls.js/dist/hls.min.js",
  "/livekit.js": "livekit-client/dist/livekit-client.umd.js",
};

let checkout: Checkout;
let app: Server;
let browser: Browser;
let outputs: Record<string, string>;
beforeAll(async () => {
  await resetEngine();
  checkout = await Checkout.create();
  ok(await checkout.npm("up", "--yes"));
  outputs = await checkout.outputs();
  app = await serve();
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  app?.close();
  const down = await checkout.npm("down", "--yes", "--volumes");
  checkout.remove();
  ok(down);
});

/** Quiet and without a camera of its own; root needs no sandbox. */
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
];

/** A page with the app's origin, and the libraries that the app uses. */
function serve(): Promise<Server> {
  const { resolve } = createRequire(import.meta.url);
  const modules = dirname(dirname(resolve("typescript/package.json")));
  const server = createServer(({ url = "/" }, response) => {
    const library = LIBRARIES[url];
    response.setHeader("Content-Type", library ? "text/javascript" : "text/html");
    response.end(library ? readFileSync(join(modules, library)) : "<!doctype html><title>app</title>");
  });
  return new Promise((started) => server.listen(3000, "localhost", () => started(server)));
}

async function appPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(ORIGIN);
  for (const library of Object.keys(LIBRARIES)) await page.addScriptTag({ url: library });
  return page;
}

it("hls.js plays a stream, and the statistics page shows it", async () => {
  const { ingestUrl, hlsUrl = "", statsUrl = "" } = outputs;
  const publisher = new Publisher(`${ingestUrl}/live/browser`);
  const page = await appPage();
  const played = await page.evaluate(async (url) => {
    // biome-ignore lint/suspicious/noExplicitAny: a global of the library
    const { Hls } = globalThis as any;
    const video = document.body.appendChild(document.createElement("video"));
    video.muted = true;
    const deadline = Date.now() + 120_000;
    while ((await fetch(url)).status !== 200 && Date.now() < deadline) await new Promise((go) => setTimeout(go, 300));
    const hls = new Hls();
    hls.loadSource(url);
    hls.attachMedia(video);
    await new Promise((go) => hls.once(Hls.Events.MANIFEST_PARSED, go));
    await video.play();
    while (video.currentTime < 2 && Date.now() < deadline) await new Promise((go) => setTimeout(go, 100));
    return { seconds: video.currentTime, height: video.videoHeight };
  }, `${hlsUrl}/browser/index.m3u8`);
  expect(played.seconds).toBeGreaterThanOrEqual(2);
  expect(played.height).toBe(360);

  const statistics = await browser.newPage();
  await statistics.goto(statsUrl);
  await statistics.getByRole("cell", { name: "browser", exact: true }).waitFor();
  expect(await statistics.getByRole("row").nth(1).textContent()).toMatch(
    /browserlive\d\d:\d\d:\d\d640×360 30 fps H264/,
  );
  await publisher.stop();
});

it("livekit-client sends and receives a camera picture", async () => {
  const { rtcUrl = "", rtcApiKey, rtcApiSecret } = outputs;
  const tokens = await Promise.all(
    ["anna", "ben"].map((identity) => {
      const token = new AccessToken(rtcApiKey, rtcApiSecret, { identity });
      token.addGrant({ room: "browser", roomJoin: true, canPublish: true, canSubscribe: true });
      return token.toJwt();
    }),
  );
  const page = await appPage();
  const received = await page.evaluate(
    async ([url, first, second]) => {
      // biome-ignore lint/suspicious/noExplicitAny: a global of the library
      const { Room, RoomEvent } = (globalThis as any).LivekitClient;
      const [anna, ben] = [new Room(), new Room()];
      const video = document.body.appendChild(document.createElement("video"));
      video.muted = true;
      ben.on(RoomEvent.TrackSubscribed, (track: { kind: string; attach(to: HTMLVideoElement): void }) => {
        if (track.kind === "video") track.attach(video);
      });
      await Promise.all([anna.connect(url, first), ben.connect(url, second)]);
      await anna.localParticipant.setCameraEnabled(true);
      await anna.localParticipant.setMicrophoneEnabled(true);
      const deadline = Date.now() + 120_000;
      const frames = () => video.getVideoPlaybackQuality().totalVideoFrames;
      while (frames() < 20 && Date.now() < deadline) await new Promise((go) => setTimeout(go, 100));
      const seen = frames();
      await Promise.all([anna.disconnect(), ben.disconnect()]);
      return seen;
    },
    [rtcUrl, tokens[0], tokens[1]] as const,
  );
  expect(received).toBeGreaterThanOrEqual(20);
});

it("searches with the browsers' key, which can do nothing else", async () => {
  const { searchUrl = "", searchKey = "", searchMasterKey } = outputs;
  const stored = await fetch(`${searchUrl}/indexes/messages/documents`, {
    method: "POST",
    headers: { Authorization: `Bearer ${searchMasterKey}`, "Content-Type": "application/json" },
    body: JSON.stringify([{ id: 1, content: "from a browser" }]),
  });
  expect(stored.status).toBe(202);
  const page = await appPage();
  const answers = await page.evaluate(
    async ([url, key]) => {
      const ask = async (path: string, body: unknown) => {
        const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
        const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
        return { status: answer.status, body: await answer.json() };
      };
      const deadline = Date.now() + 60_000;
      const search = () => ask("/indexes/messages/search", { q: "browser", attributesToRetrieve: ["id", "content"] });
      let found = await search();
      while (found.body.hits?.length === 0 && Date.now() < deadline) found = await search();
      return { found, written: await ask("/indexes/messages/documents", [{ id: 2 }]) };
    },
    [searchUrl, searchKey] as const,
  );
  expect(answers.found.body.hits).toEqual([{ id: 1, content: "from a browser" }]);
  expect(answers.written.status).toBe(403);
});
