import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const xml = (code: string, message: string) =>
  `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

/**
 * A stand-in for S3, in memory: one bucket, of the API what our scripts use. It judges what the real one judges:
 * Signature Version 4 over the request as it came, and the payload against `x-amz-content-sha256`.
 */
export class S3StandIn {
  readonly #expected: { readonly bucket: string; readonly id: string; readonly secret: string };
  readonly objects = new Map<string, Buffer>();
  /** `PUT key`, in order; lists as `LIST`. */
  readonly requests: string[] = [];
  /** What it answers instead, by request. "hang" answers never. */
  twist: (request: string) => "hang" | { status: number; code: string } | undefined = () => undefined;
  pageSize = 1000;
  endpoint = "";
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(bucket: string, id: string, secret: string) {
    this.#expected = { bucket, id, secret };
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  keys = () => [...this.objects.keys()].sort();

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray().catch(() => []));
    const { pathname, searchParams } = new URL(request.url ?? "", this.endpoint);
    const [, bucket, ...rest] = pathname.split("/");
    const key = rest.join("/");
    const name = key ? `${request.method} ${key}` : "LIST";
    this.requests.push(name);
    const refuse = (status: number, code: string, message = "As the test wants it.") =>
      void response.writeHead(status).end(request.method === "HEAD" ? undefined : xml(code, message));

    const problem = this.#problem(request, body);
    if (problem) return refuse(problem === "XAmzContentSHA256Mismatch" ? 400 : 403, problem);
    const twisted = this.twist(name);
    if (twisted === "hang") return;
    if (twisted) return refuse(twisted.status, twisted.code, "Not &quot;now&quot;. Later.");
    if (bucket !== this.#expected.bucket) return refuse(404, "NoSuchBucket");
    if (!key) return void response.end(this.#list(searchParams));
    if (request.method === "PUT") this.objects.set(key, body);
    if (request.method === "DELETE") this.objects.delete(key);
    const stored = this.objects.get(key);
    if (request.method === "DELETE") return void response.writeHead(204).end();
    if (!stored) return refuse(404, "NoSuchKey");
    if (request.method === "PUT") return void response.end();
    response.setHeader("content-length", stored.length);
    response.end(request.method === "HEAD" ? undefined : stored);
  }

  #list(query: URLSearchParams): string {
    const [prefix, after] = [query.get("prefix") ?? "", query.get("start-after") ?? ""];
    const keys = this.keys().filter((key) => key.startsWith(prefix) && key > after);
    const end = Math.min(this.pageSize, Number(query.get("max-keys") ?? 1000));
    const contents = keys
      .slice(0, end)
      .map((key) => `<Contents><Key>${key}</Key><Size>${this.objects.get(key)?.length}</Size></Contents>`);
    const more = end < keys.length;
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join("")}</ListBucketResult>`;
  }

  /** @returns S3's code for what is wrong with the request's signature. */
  #problem(request: IncomingMessage, body: Buffer): string | undefined {
    const { headers, method, url = "" } = request;
    const parts =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;
    const [, id, date = "", region = "", signed = "", signature] = parts.exec(headers.authorization ?? "") ?? [];
    if (id !== this.#expected.id) return "InvalidAccessKeyId";
    const payload = String(headers["x-amz-content-sha256"]);
    if (!signed.split(";").includes("x-amz-content-sha256")) return "MissingContentSHA256";
    const [path = "", query = ""] = url.split("?");
    const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort();
    const lines = signed.split(";").map((name) => `${name}:${String(headers[name]).trim()}\n`);
    const canonical = [method, path, pairs.join("&"), lines.join(""), signed, payload].join("\n");
    const scope = `${date}/${region}/s3/aws4_request`;
    const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
    const key = ["s3", "aws4_request"].reduce(hmac, hmac(hmac(`AWS4${this.#expected.secret}`, date), region));
    if (hmac(key, text).toString("hex") !== signature) return "SignatureDoesNotMatch";
    return payload === sha256(body) ? undefined : "XAmzContentSHA256Mismatch";
  }
}
