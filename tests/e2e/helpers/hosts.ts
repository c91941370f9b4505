import { readFileSync, writeFileSync } from "node:fs";

const FILE = "/etc/hosts";
const MARK = " # nself-chat e2e";

const others = () =>
  readFileSync(FILE, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith(MARK));

/** Names that this machine finds at an address, instead of those of an earlier call: what an operator's DNS does. */
export function setHosts(names: Readonly<Record<string, string>>): void {
  const lines = Object.entries(names).map(([name, address]) => `${address} ${name}${MARK}`);
  writeFileSync(FILE, `${[...others(), ...lines].join("\n")}\n`);
}
