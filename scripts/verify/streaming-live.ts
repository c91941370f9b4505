import { randomUUID } from "node:crypto";
import type { Advice } from "./advice.ts";
import { Failure } from "./check.ts";
import { isTransportStream, parsePlaylist } from "./hls.ts";
import { type Request, until } from "./http.ts";
import { type Publisher, publish } from "./publisher.ts";
import { readStatistics } from "./statistics.ts";
import type { StreamingTarget } from "./streaming.ts";
import type { Suite } from "./suite.ts";

/** Milliseconds until the first piece of a stream can be played: one HLS fragment, and some. */
const PLAYLIST_LIMIT = 20_000;

/** Seconds: it is stopped as soon as everything has been seen. */
const LONGEST_STREAM = 30;

/** Seconds after which a publisher who should have been refused was not. */
const REFUSAL_LIMIT = 5;

/** @returns whether the stream played. */
export async function checkStream(suite: Suite, request: Request, target: StreamingTarget, encoder: string) {
  const { advice } = suite;
  const { ingestUrl, hlsUrl, publishKey, origin } = target;
  const name = `verify-${randomUUID()}`;
  const playlists = [`${hlsUrl}/${name}.m3u8`, `${hlsUrl}/${name}/index.m3u8`] as const;
  let publisher: Publisher | undefined;
  const polling = new AbortController();
  let segment = "";
  let seen = "";
  try {
    const plays = await suite.check("plays a test stream", async () => {
      const began = performance.now();
      publisher = await publish({ ingestUrl, name, key: publishKey, encoder, seconds: LONGEST_STREAM });
      const addresses = await Promise.race([
        until(PLAYLIST_LIMIT, () => readPlaylists(request, playlists), polling.signal),
        publisher.ended.then(({ reason }) => Promise.reject(refused(reason, advice))),
      ]);
      if (!addresses) {
        const missing = `no playlist at ${playlists.join(" and ")} within ${PLAYLIST_LIMIT / 1_000} s`;
        throw new Failure(missing, `Is the volume of HLS full? ${advice.seeLogs}`);
      }
      seen = addresses.text;
      segment = await checkSegment(request, addresses.segment, playlists[1], advice);
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      return `after ${seconds} s${encoder === "flv" ? ", sound only: this ffmpeg has no H.264 encoder" : ""}`;
    });
    if (!plays) return false;
    const { statsUrl } = target;
    if (statsUrl !== undefined) {
      await suite.check("shows it in the statistics", async () => {
        const { streams, xml } = await readStatistics(request, statsUrl, advice);
        seen += xml;
        if (streams.live?.includes(name)) return undefined;
        throw new Failure("the stream is not in the application live", advice.seeLogs);
      });
    }
    if (publishKey !== undefined) {
      await suite.check("shows the stream's key to nobody", async () => {
        if (!seen.includes(publishKey)) return undefined;
        throw new Failure("it stands in the playlist or in the statistics", "Stop this server, and change the key.");
      });
    }
    if (origin !== undefined) {
      const urls = [playlists[0], playlists[1], segment, `${hlsUrl}/${name}-missing.m3u8`];
      await suite.check(`lets ${origin} play, and nobody else`, () => checkCors(request, urls, origin, advice));
    }
    return true;
  } finally {
    polling.abort();
    await publisher?.stop();
  }
}

export async function checkRefusal(
  suite: Suite,
  request: Request,
  { ingestUrl, hlsUrl }: StreamingTarget,
  encoder: string,
  how: string,
  key: string | undefined,
): Promise<void> {
  const name = `verify-${randomUUID()}`;
  let publisher: Publisher | undefined;
  await suite.check(`refuses to publish ${how}`, async () => {
    publisher = await publish({ ingestUrl, name, key, encoder, seconds: REFUSAL_LIMIT });
    const { code } = await publisher.ended;
    const { status } = await request(`${hlsUrl}/${name}/index.m3u8`);
    if (code !== 0 && status === 404) return undefined;
    throw new Failure("the stream was taken", `Anybody can publish here. ${suite.advice.otherStack}`);
  });
  await publisher?.stop();
}

/** Both forms of the address must answer; undefined until they do. */
async function readPlaylists(request: Request, urls: readonly [string, string]) {
  const [short, nested] = await Promise.all([request(urls[0]), request(urls[1])]);
  const segment = parsePlaylist(nested.text)?.segments[0];
  if (segment === undefined || parsePlaylist(short.text)?.segments[0] === undefined) return undefined;
  return { segment, text: short.text + nested.text };
}

async function checkSegment(request: Request, segment: string, playlist: string, { seeLogs }: Advice): Promise<string> {
  // Relative names would mean two things, because two addresses lead to one playlist.
  if (!segment.startsWith("/hls/")) throw new Failure(`the playlist names ${segment}, not /hls/…`, seeLogs);
  const url = new URL(segment, playlist).href;
  const { status, body } = await request(url);
  if (status !== 200) throw new Failure(`the playlist names ${segment}, which answers ${status}`, seeLogs);
  if (!isTransportStream(body)) throw new Failure(`${segment} is not an MPEG transport stream`, seeLogs);
  return url;
}

/** A player in a browser needs the header on every answer: on a 404 too, or it cannot know that it is one. */
async function checkCors(
  request: Request,
  urls: readonly string[],
  origin: string,
  advice: Advice,
): Promise<undefined> {
  const setOrigins = `Set frontend:origins to where the app is served from, then ${advice.npm("up")}.`;
  for (const url of urls) {
    const { status, headers } = await request(url, { headers: { Origin: origin } });
    const allowed = headers.get("access-control-allow-origin");
    if (allowed !== origin)
      throw new Failure(`${status} for ${new URL(url).pathname} allows ${allowed ?? "no origin"}`, setOrigins);
  }
  const { headers } = await request(urls[0] ?? "", { headers: { Origin: "https://elsewhere.invalid" } });
  const allowed = headers.get("access-control-allow-origin");
  if (allowed !== null) throw new Failure(`a foreign origin is allowed too (${allowed})`, setOrigins);
  return undefined;
}

function refused(reason: string, { otherStack, seeLogs }: Advice): Failure {
  return new Failure(`the publisher was cut off: ${reason}`, `${otherStack} ${seeLogs}`);
}
