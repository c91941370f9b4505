import { styleText } from "node:util";
import type { LabStatus } from "./status.ts";

/** For a terminal or a log: what runs, what can be pulled, what is real and what is not. */
export function statusText(status: LabStatus, stream: NodeJS.WriteStream = process.stdout): string {
  const style = (format: "green" | "yellow" | "bold", text: string) => styleText(format, text, { stream });
  const good = (fact: boolean, yes: string, no: string) => (fact ? style("green", yes) : style("yellow", no));
  const guest = status.engine === "guest";
  const mirror = guest ? "not needed" : good(status.mirrorRuns, "running", "not running");
  const named = (standIn: boolean) =>
    status.parts.filter((part) => part.standIn === standIn).map((part) => `  ${part.name}`);

  return [
    `Docker Engine   ${good(status.engine !== undefined, guest ? "running, not started by the lab" : "running", "not running")}`,
    `Image mirror    ${mirror}`,
    `Pulumi CLI      ${good(status.cliBuilt, "built", "not built")}`,
    `Images          ${status.images.join(", ") || style("yellow", "none")}`,
    ...clusterLines(status, good),
    `Cache           ${status.cache}`,
    "",
    style("bold", "Real:"),
    ...named(false),
    style("bold", "Stand-ins, which only answer like the real thing:"),
    ...named(true),
  ].join("\n");
}

function clusterLines({ cluster }: LabStatus, good: (fact: boolean, yes: string, no: string) => string): string[] {
  if (!cluster) return ["Kubernetes      not running (npm run lab -- up --kubernetes)"];
  const missing = `${cluster.version}, not working: ${cluster.unready.join(", ")}`;
  const node = `node ${cluster.node} ${cluster.nodeReady ? "Ready" : "not ready"}`;
  return [
    `Kubernetes      ${good(cluster.unready.length === 0, cluster.version, missing)}, ${node}`,
    `LoadBalancers   ${cluster.pool.first} to ${cluster.pool.last}, ingress on ${cluster.ingressAddress ?? "none yet"}`,
  ];
}
