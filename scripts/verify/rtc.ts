import { randomUUID } from "node:crypto";
import { AccessToken, RoomServiceClient } from "livekit-server-sdk";
import { otherStack, seeLogs } from "./advice.ts";
import { Failure } from "./check.ts";
import { type Request, requester } from "./http.ts";
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

const SERVICE = "LiveKit";
const IDENTITY = "verify";

/** Joins a room as the app's users do, without media. */
export async function checkRtc(suite: Suite, target: RtcTarget): Promise<void> {
  const http = target.url.replace(/^ws/, "http");
  const request = requester(SERVICE, suite.signal);
  if (!(await suite.check("health", () => health(request, http)))) return;

  const room = `verify-${randomUUID()}`;
  const known = await suite.check("accepts a token of this stack's key", async () => {
    const { status } = await validate(request, http, await tokenFor(room, target));
    if (status === 200) return undefined;
    // Never its text: for a bad token it repeats the token.
    throw new Failure(`expected 200, got ${status}`, otherStack(SERVICE));
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
      session = await join(target.url, await tokenFor(room, target));
      const { participant, room: entered, serverVersion, serverInfo } = session.welcome;
      if (participant?.identity !== IDENTITY)
        throw new Failure(`joined as "${participant?.identity}"`, seeLogs(SERVICE));
      if (entered?.name !== room) throw new Failure(`joined the room "${entered?.name}"`, seeLogs(SERVICE));
      return `version ${serverInfo?.version || serverVersion}`;
    });
    if (!joined || !session) return;
    const { welcome, addresses } = session;
    await suite.check(`limits a room to ${target.maxParticipants} participants`, async () => {
      const limit = welcome.room?.maxParticipants ?? 0;
      if (limit === target.maxParticipants) return undefined;
      throw new Failure(
        `the limit is ${limit || "off"}`,
        "The container runs with an older configuration: run `npm run up`.",
      );
    });
    await suite.check("offers media addresses that can be reached", () => checkAddresses(addresses, target.url));
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

async function health(request: Request, http: string): Promise<undefined> {
  const { status, text } = await request(`${http}/`);
  if (status === 200) return undefined;
  if (status === 406) {
    throw new Failure(
      "the server says that it is not fit (406: its statistics are too old)",
      `The machine is overloaded, or LiveKit's Redis is gone. ${seeLogs(SERVICE)}`,
    );
  }
  throw new Failure(`GET / answers ${status}: ${text.slice(0, 200)}`, `Is this LiveKit? ${seeLogs(SERVICE)}`);
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
