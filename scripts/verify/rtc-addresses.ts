import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import type { Advice } from "./advice.ts";
import { Failure, Skipped } from "./check.ts";

/** Milliseconds. */
const CONNECT_LIMIT = 3_000;

/** Where a client is told to send media. */
export interface Candidate {
  readonly protocol: "udp" | "tcp";
  readonly address: string;
  readonly port: number;
}

/** @see https://www.rfc-editor.org/rfc/rfc8839#section-5.1: foundation, component, protocol, priority, address, port. */
export function parseCandidate(line: string): Candidate | undefined {
  const match = /^candidate:\S+ \d+ (udp|tcp) \d+ (\S+) (\d+) typ host/i.exec(line);
  if (!match?.[1] || !match[2]) return undefined;
  return { protocol: match[1].toLowerCase() as "udp" | "tcp", address: match[2], port: Number(match[3]) };
}

/**
 * A server in a container knows only addresses that no browser reaches, and calls then stay silent although everybody
 * joins. So: a server on this machine must name an address of this machine, and its TCP port must take connections.
 */
export async function checkAddresses(
  lines: () => Promise<readonly string[]>,
  url: string,
  advice: Advice,
): Promise<string> {
  const candidates = (await lines()).map(parseCandidate).filter((candidate) => candidate !== undefined);
  if (candidates.length === 0) throw new Skipped("the server named none in time");
  const list = [...new Set(candidates.map(({ address }) => address))].join(", ");
  const own = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces?.map(({ address }) => address));
  if (isLoopback(url) && !candidates.some(({ address }) => own.includes(address))) {
    throw new Failure(
      `clients are sent to ${list}, which is not this machine`,
      `Set rtc:nodeAddress to the address at which clients reach this machine, then ${advice.npm("up")}.`,
    );
  }
  const tcp = candidates.find(({ protocol }) => protocol === "tcp");
  if (tcp && !(await accepts(tcp))) {
    throw new Failure(
      `nothing accepts TCP at ${tcp.address}:${tcp.port}, where clients without UDP are sent`,
      advice.seePorts,
    );
  }
  return candidates.map(({ protocol, address, port }) => `${protocol} ${address}:${port}`).join(", ");
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);
}

async function accepts({ address, port }: Candidate): Promise<boolean> {
  const socket = connect(port, address);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(CONNECT_LIMIT) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
