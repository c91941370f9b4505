/** Requests to the API server, and its refusals as errors that tell the kinds of refusal apart. */
import { readFileSync } from "node:fs";
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import type { Properties } from "../shared/properties.ts";
import type { Connection } from "./kubeconfig.ts";

export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Properties;

  constructor(code: number, status: Properties) {
    super(typeof status.message === "string" ? status.message : `the server answered with status ${code}`);
    this.code = code;
    this.reason = String(status.reason ?? "");
    this.details = (status.details as Properties | undefined) ?? {};
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.code === 403;
export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.reason === "Conflict";
export const alreadyExists = (error: unknown): boolean => error instanceof ApiError && error.reason === "AlreadyExists";

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: { readonly [name: string]: string };
  readonly body?: unknown;
  readonly contentType?: string;
  readonly timeoutMilliseconds?: number;
}
export type Send = (call: Call) => Promise<string>;

export function connect(connection: Connection): Send {
  const base = new URL(connection.cluster.server);
  const options = credentials(connection);
  return async ({ method, path, query, body, contentType = "application/json", timeoutMilliseconds }) => {
    const address = new URL(base.pathname.replace(/\/$/, "") + path, base);
    for (const [name, value] of Object.entries(query ?? {})) address.searchParams.set(name, value);
    const settings = { ...(await options), method, timeout: timeoutMilliseconds };
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const headers = { ...settings.headers, accept: "application/json" } as { [name: string]: string };
    if (sent !== undefined) {
      headers["content-type"] = contentType;
      // Node leaves it out of a DELETE, whose body then runs into the connection's next request.
      headers["content-length"] = String(Buffer.byteLength(sent));
    }
    const verb = method.charAt(0) + method.slice(1).toLowerCase();
    const answer = await exchange(address, { ...settings, headers } as RequestOptions, sent).catch((error) => {
      throw new Error(`${verb} "${address}": ${connectionProblem(error)}`);
    });
    const received = await readAll(answer);
    const code = answer.statusCode ?? 0;
    if (code >= 400) throw new ApiError(code, parseStatus(received, code));
    return received;
  };
}

function exchange(address: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const start = address.protocol === "http:" ? plainRequest : request;
    const outgoing = start(address, options, done);
    outgoing.on("timeout", () => outgoing.destroy(new Error("context deadline exceeded")));
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // The server closed a connection that was kept while this request set out on it.
      if (outgoing.reusedSocket && error.code === "ECONNRESET") done(exchange(address, options, body));
      else fail(error);
    });
    outgoing.end(body);
  });
}

/** Certificates, tokens and passwords are read here; what needs a program or a proxy is left to Kubernetes' client. */
async function credentials(connection: Connection): Promise<RequestOptions> {
  const { cluster, user, directory } = connection;
  if (user?.exec || user?.authProvider || user?.impersonateUser || cluster.proxyUrl) return fromClient(connection);
  const read = (data: string | undefined | null, file: string | undefined | null) => {
    if (data) return Buffer.from(data, "base64");
    return file ? readFileSync(resolve(directory, file)) : undefined;
  };
  const tls = {
    ca: read(cluster.caData, cluster.caFile),
    cert: read(user?.certData, user?.certFile),
    key: read(user?.keyData, user?.keyFile),
    rejectUnauthorized: !cluster.skipTLSVerify,
    servername: cluster.tlsServerName || undefined,
  };
  const keptAlive = { keepAlive: true, maxSockets: 16 };
  const agent = cluster.server.startsWith("http:") ? new PlainAgent(keptAlive) : new Agent({ ...tls, ...keptAlive });
  const headers: { [name: string]: string } = user?.token ? { authorization: `Bearer ${user.token}` } : {};
  const auth = user?.username ? `${user.username}:${user.password ?? ""}` : undefined;
  return { ...tls, agent, headers, ...(auth && { auth }) } as RequestOptions;
}

/** Loading it takes half a second. */
async function fromClient({ text, directory, contextName, cluster }: Connection): Promise<RequestOptions> {
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  config.loadFromString(text);
  config.makePathsAbsolute(directory);
  config.setCurrentContext(contextName);
  if (config.getCurrentCluster()?.name !== cluster.name) {
    throw new Error("the provider setting `cluster` with these credentials is not implemented by this stand-in");
  }
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return options;
}

function parseStatus(text: string, code: number): Properties {
  const known: { [code: number]: string } = {
    401: "the server has asked for the client to provide credentials",
    403: "unknown",
    404: "the server could not find the requested resource",
  };
  try {
    const status = JSON.parse(text) as Properties;
    if (status.kind === "Status") return code === 401 ? { ...status, message: known[401] as string } : status;
  } catch {}
  return { message: known[code] ?? text.trim() };
}

/** As Go's network stack words it. */
function connectionProblem(error: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  const { code, address, port, syscall } = error;
  const host = `${address?.includes(":") ? `[${address}]` : address}:${port}`;
  if (code === "ECONNREFUSED") return `dial tcp ${host}: connect: connection refused`;
  if (code === "ENOTFOUND" && syscall === "getaddrinfo") {
    return `dial tcp: lookup ${(error as { hostname?: string }).hostname}: no such host`;
  }
  return error.message;
}
