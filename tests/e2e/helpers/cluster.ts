import { readFileSync } from "node:fs";
import { Agent, get } from "node:https";
import { execa } from "execa";
import { caFile, clusterEnvironment, labEnvironment } from "../../../lab/lab.ts";
import type { Ran } from "./checkout.ts";

/** The lab's kubectl, as the cluster's administrator. */
export async function kubectl(args: readonly string[], input = ""): Promise<Ran> {
  const env = { ...labEnvironment(), ...clusterEnvironment() };
  const { exitCode, all, stdout } = await execa("kubectl", args, { env, input, reject: false, all: true });
  return { exitCode, all, stdout };
}

/** Asks an ingress at `address` for a host, trusting the lab's authority and nothing else. */
export function overTls(host: string, address: string): Promise<{ status: number | undefined; body: string }> {
  const agent = new Agent({ ca: readFileSync(caFile), servername: host });
  return new Promise((resolve, reject) => {
    const asked = get({ host: address, path: "/", headers: { host }, agent, timeout: 5000 }, (answer) => {
      let body = "";
      answer.on("data", (text) => {
        body += text;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, body }));
    });
    asked.on("timeout", () => asked.destroy(new Error(`${host} did not answer`)));
    asked.on("error", reject);
  });
}
