import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DisconnectReason,
  type JoinResponse,
  LeaveRequest,
  LeaveRequest_Action,
  SignalRequest,
  SignalResponse,
} from "@livekit/protocol";
import type { Advice } from "./advice.ts";
import { Failure } from "./check.ts";

/** Milliseconds until the server has let us in. */
const JOIN_LIMIT = 5_000;

/** Milliseconds until it has told us where media goes. */
const ADDRESS_LIMIT = 3_000;

/** Of the signalling protocol: what browsers of 2025 announce; servers from 1.5 on take any. */
const PROTOCOL = 16;

export interface Session {
  readonly welcome: JoinResponse;
  /** Lines of ICE candidates, as soon as the server has sent a TCP one, or what came in time. */
  readonly addresses: () => Promise<readonly string[]>;
  /** Says good-bye, so that the room sees us leave at once. */
  readonly leave: () => Promise<void>;
}

/**
 * Joins a room over the signalling WebSocket: `/rtc`, which every server from 1.5 on has (newer clients try `/rtc/v1`
 * first, and older servers do not know it).
 */
export async function join(url: string, token: string, { seeLogs }: Advice): Promise<Session> {
  const query = new URLSearchParams({
    access_token: token,
    auto_subscribe: "1",
    protocol: String(PROTOCOL),
    sdk: "js",
  });
  const socket = new WebSocket(`${url}/rtc?${query}`);
  socket.binaryType = "arraybuffer";
  const candidates: string[] = [];
  let limit: NodeJS.Timeout | undefined;
  const welcome = await new Promise<JoinResponse>((resolve, reject) => {
    const fail = (reason: string) => reject(new Failure(reason, seeLogs));
    limit = setTimeout(() => fail(`not let in within ${JOIN_LIMIT / 1_000} s`), JOIN_LIMIT);
    socket.onclose = ({ code, reason }) => fail(`the server closed the WebSocket: ${code} ${reason}`.trim());
    socket.onerror = () => fail("the WebSocket was refused; a proxy in between may not pass WebSockets on");
    socket.onmessage = ({ data }) => {
      const { message } = SignalResponse.fromBinary(new Uint8Array(data as ArrayBuffer));
      if (message.case === "join") resolve(message.value);
      else if (message.case === "leave") fail(`sent away: ${DisconnectReason[message.value.reason]}`);
      else candidates.push(...candidatesIn(message));
    };
  })
    .catch((error) => {
      socket.close();
      throw error;
    })
    .finally(() => clearTimeout(limit));

  return {
    welcome,
    addresses: async () => {
      const end = performance.now() + ADDRESS_LIMIT;
      while (performance.now() < end && !candidates.some((line) => / tcp /i.test(line))) await sleep(50);
      return candidates;
    },
    leave: async () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      const value = new LeaveRequest({
        reason: DisconnectReason.CLIENT_INITIATED,
        action: LeaveRequest_Action.DISCONNECT,
      });
      socket.send(new Uint8Array(new SignalRequest({ message: { case: "leave", value } }).toBinary()));
      const closed = once(socket, "close", { signal: AbortSignal.timeout(1_000) });
      socket.close();
      await closed.catch(() => {});
    },
  };
}

/** They come in an offer, or one by one after it. */
function candidatesIn(message: SignalResponse["message"]): string[] {
  if (message.case === "offer")
    return [...message.value.sdp.matchAll(/(?<=^a=)candidate:.*?(?=\r?$)/gm)].map(([line]) => line);
  if (message.case !== "trickle") return [];
  const { candidate } = JSON.parse(message.value.candidateInit) as { candidate?: string };
  return candidate ? [candidate] : [];
}
