import { readFile, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { systemPath } from "../prerequisites.ts";
import { run } from "../run.ts";
import { interfaceName, loadBalancerPool, nodeAddress, podRange } from "./addresses.ts";

const env = { PATH: systemPath };
const forwarding = "/proc/sys/net/ipv4/ip_forward";

/** Docker's engine drops what is forwarded and not its own; pods talk to each other and out through this machine. */
const forwardRules = ["-s", "-d"].map((side) => [
  "FORWARD",
  ...[side, podRange, "-m", "comment", "--comment", interfaceName, "-j", "ACCEPT"],
]);

/** Chains of kube-proxy, of kube-router and of the CNI plugins, and the rules above. */
const ours = new RegExp(`KUBE-|CNI-|--comment "?${interfaceName}\\b`);

/** Gives this machine the cluster's addresses, and lets pods' packets through. */
export async function ensureHostNetwork(): Promise<void> {
  // A bridge without members holds addresses like a dummy interface, which not every kernel has.
  if (!(await linkExists())) await run("ip", ["link", "add", interfaceName, "type", "bridge"], { env });
  await run("ip", ["link", "set", interfaceName, "up"], { env });
  await run("ip", ["address", "replace", `${nodeAddress}/32`, "dev", interfaceName], { env });
  // Routes alone: a client of calls offers each address that an interface has, and would try 32 times as many ways.
  for (const address of loadBalancerPool) {
    await run("ip", ["route", "replace", "local", address, "dev", interfaceName], { env });
  }
  if ((await readFile(forwarding, "utf8")).trim() !== "1") await writeFile(forwarding, "1");
  for (const rule of forwardRules) {
    const { failed } = await execa("iptables", ["--wait", "-C", ...rule], { env, reject: false });
    if (failed) await run("iptables", ["--wait", "-A", ...rule], { env });
  }
}

/** Takes back the interface and every firewall rule that the cluster's programs left. */
export async function removeHostNetwork(): Promise<void> {
  if (await linkExists()) await run("ip", ["link", "delete", interfaceName], { env });
  for (const table of ["filter", "nat", "mangle"]) {
    const { failed, stdout } = await execa("iptables-save", ["-t", table], { env, reject: false });
    if (failed || !ours.test(stdout)) continue;
    await execa("iptables-restore", ["--wait"], { env, input: `${withoutOurs(stdout)}\n` });
  }
  const { failed, stdout } = await execa("ipset", ["list", "-name"], { env, reject: false });
  const sets = failed ? [] : stdout.split("\n").filter((name) => /^(KUBE-|kube-router-|inet6:KUBE-)/.test(name));
  for (const name of sets) await execa("ipset", ["destroy", name], { env, reject: false });
}

/** What `iptables-save` printed, less the cluster's chains and the rules in or to them. */
export function withoutOurs(saved: string): string {
  return saved
    .split("\n")
    .filter((line) => !ours.test(line))
    .join("\n");
}

const linkExists = async () => !(await execa("ip", ["link", "show", interfaceName], { env, reject: false })).failed;
