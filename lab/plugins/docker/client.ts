/**
 * The Docker Engine that a stand-in talks to: `host` of the provider's configuration, else DOCKER_HOST, else the usual
 * socket. Only unix:// and tcp:// without TLS are implemented; ssh:// and Docker contexts are refused.
 */
import { env } from "node:process";
import type Docker from "dockerode";

let host: string | undefined;
let connected: Promise<Docker> | undefined;

export function configureHost(configured: string | undefined): void {
  if (env.DOCKER_CONTEXT) {
    throw new Error("DOCKER_CONTEXT is not implemented by this stand-in: unset it and set DOCKER_HOST");
  }
  host = configured || env.DOCKER_HOST || "unix:///var/run/docker.sock";
  connected = undefined;
}

/** Loaded and pinged on first use: a preview of new resources needs no engine. */
export function docker(): Promise<Docker> {
  connected ??= connect(host ?? "unix:///var/run/docker.sock");
  return connected;
}

async function connect(address: string): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  const url = new URL(address);
  const transports: { [protocol: string]: () => Docker } = {
    "unix:": () => new Client({ socketPath: url.pathname }),
    "tcp:": () => new Client({ protocol: "http", host: url.hostname, port: url.port || "2375" }),
  };
  const open = transports[url.protocol];
  if (open === undefined) throw new Error(`"${address}": this stand-in reaches unix:// and tcp:// only`);
  const client = open();
  await client.ping().catch((error: Error) => {
    connected = undefined;
    throw new Error(`Error pinging Docker server, please make sure that ${address} is reachable: ${error.message}`);
  });
  return client;
}

interface DaemonFailure {
  readonly statusCode?: number;
  readonly json?: { readonly message?: string };
  readonly message: string;
}

export const statusCodeOf = (error: unknown): number | undefined => (error as DaemonFailure).statusCode;

/** The engine's own words, introduced as Docker's own clients do. */
export function daemonText(error: unknown): string {
  const { json, message, statusCode } = error as DaemonFailure;
  // For an answer that was to be a stream, the words are in dockerode's message only, behind the status.
  const text = json?.message ?? message.replace(/^\(HTTP code \d+\) [^-]*- /, "");
  return statusCode === undefined ? text : `Error response from daemon: ${text.trim()}`;
}

/** `undefined` in place of a 404. */
export async function ifFound<T>(lookup: Promise<T>): Promise<T | undefined> {
  return lookup.catch((error: unknown) => {
    if (statusCodeOf(error) === 404) return undefined;
    throw new Error(daemonText(error));
  });
}

/** Says which step failed. */
export async function step<T>(what: string, action: Promise<T>): Promise<T> {
  return action.catch((error: unknown) => {
    throw new Error(`${what}: ${daemonText(error)}`);
  });
}
