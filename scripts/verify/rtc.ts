import { randomUUID } from "node:crypto";
import { AccessToken, RoomServiceClient } from "livekit-server-sdk";
import { Failure } from "./check.ts";
import { type Answer, type Request, requester, until } from "./http.ts";
import { checkAddresses } from "./rtc-addresses.ts";
import { join, type Session } from "./rtc-session.ts";
import type { Suite } from "./suite.ts";

export interface RtcTarget {
  /** `ws://` or `wss://`. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly maxParticipants: number;
}

const IDENTITY = "verify";

/**
 * Milliseconds. The server calls itself unfit when its statistics are older than four seconds. They are counted in whole
 * ones and renewed every two, so a busy machine makes it do that for a moment.
 */
const PATIENCE = 6_000;

/** Joins a room as the app's users do, without media. */
export async function checkRtc(suite: Suite, target: RtcTarget, patience = PATIENCE): Promise<void> {
  const { advice, signal } = suite;
  const http = target.url.replace(/^ws/, "http");
  const request = requester(advice, signal);
  if (!(await suite.check("health", () => health(() => request(`${http}/`), patience, suite)))) return;

  const room = `verify-${randomUUID()}`;
  const known = await suite.check("accepts a token of this stack's key", async () => {
    const { status } = await validate(request, http, await tokenFor(room, target));
    if (status === 200) return undefined;
    // Never its text: for a bad token it repeats the token.
    throw new Failure(`expected 200, got ${status}`, advice.otherStack);
  });
  await suite.check("refuses a token signed with another secret", async () => {
    const forged = await tokenFor(room, { ...target, apiSecret: randomUUID() });
    const { status } = await validate(request, http, forged);
    if (status === 401) return undefined;
    throw new Failure(`expected 401, got ${status}`, "Anybody can join any room: stop this server.");
  });
  if (!known) return;

  let session: Session | undefined;
  try {
    const joined = await suite.check("lets a participant join over WebSocket", async () => {
      session = await join(target.url, await tokenFor(room, target), advice);
      const { participant, room: entered, serverVersion, serverInfo } = session.welcome;
      if (participant?.identity !== IDENTITY) throw new Failure(`joined as "${participant?.identity}"`, advice.seeLogs);
      if (entered?.name !== room) throw new Failure(`joined the room "${entered?.name}"`, advice.seeLogs);
      return `version ${serverInfo?.version || serverVersion}`;
    });
    if (!joined || !session) return;
    const { welcome, addresses } = session;
    await suite.check(`limits a room to ${target.maxParticipants} participants`, async () => {
      const limit = welcome.room?.maxParticipants ?? 0;
      if (limit === target.maxParticipants) return undefined;
      throw new Failure(
        `the limit is ${limit || "off"}`,
        `The server runs with an older configuration: run ${advice.npm("up")}.`,
      );
    });
    await suite.check("offers media addresses that can be reached", () =>
      checkAddresses(addresses, target.url, advice),
    );
  } finally {
    await suite.cleanUp("removes its test room", async () => {
      await session?.leave();
      const rooms = new RoomServiceClient(http, target.apiKey, target.apiSecret, {
        requestTimeout: 5,
        failover: false,
      });
      if ((await rooms.listRooms([room])).length > 0) await rooms.deleteRoom(room);
      if ((await rooms.listRooms([room])).length === 0) return undefined;
      throw new Failure(`the room ${room} is still there`, "The server closes it by itself after some minutes.");
    });
  }
}

async function health(ask: () => Promise<Answer>, patience: number, { advice, signal }: Suite): Promise<undefined> {
  const fit = async () => {
    const answer = await ask();
    return answer.status === 406 ? undefined : answer;
  };
  const answer = await until(patience, fit, signal);
  if (!answer) {
    throw new Failure(
      "the server says that it is not fit (406: its statistics are too old)",
      `The machine is overloaded, or LiveKit's Redis is gone. ${advice.seeLogs}`,
    );
  }
  const { status, text } = answer;
  if (status === 200) return undefined;
  throw new Failure(`GET / answers ${status}: ${text.slice(0, 200)}`, `Is this LiveKit? ${advice.seeLogs}`);
}

/** What clients ask over HTTP to learn why a WebSocket was refused: a WebSocket itself cannot tell. */
function validate(request: Request, http: string, token: string) {
  return request(`${http}/rtc/validate`, { headers: { Authorization: `Bearer ${token}` } });
}

function tokenFor(room: string, { apiKey, apiSecret }: RtcTarget): Promise<string> {
  const token = new AccessToken(apiKey, apiSecret, { identity: IDENTITY, ttl: 120 });
  token.addGrant({ roomJoin: true, room });
  return token.toJwt();
}
