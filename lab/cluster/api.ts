import { readFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { apiServer } from "./addresses.ts";
import { clusterCaFile, pki } from "./pki.ts";

/** Short: what it asks is on this machine. A server that is just starting hangs rather than refuses. */
const timeoutMs = 5000;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks a server of the cluster as its administrator. Undefined: nobody answers. */
export async function ask(url: string): Promise<Answer | undefined> {
  const files = [clusterCaFile, `${pki("admin")}.crt`, `${pki("admin")}.key`].map((path) => readFile(path));
  const [ca, cert, key] = await Promise.all(files).catch(() => []);
  if (!ca || !cert || !key) return undefined;
  const agent = new Agent({ ca, cert, key });
  return new Promise((resolve) => {
    const asked = request(url, { agent, timeout: timeoutMs }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text) => {
        body += text;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on("error", () => resolve(undefined));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(undefined));
    asked.end();
  });
}

export const isHealthy = async (url: string) => (await ask(url))?.status === 200;

/** An object of the API, or a list; undefined when it is not there or the API server does not answer. */
export async function read<T>(path: string): Promise<T | undefined> {
  const answer = await ask(`${apiServer}${path}`);
  return answer?.status === 200 ? (JSON.parse(answer.body) as T) : undefined;
}
