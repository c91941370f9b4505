import { madeWith, type Names, namesFor } from "../../components/docker-names.ts";
import { inventoryOf } from "../../components/inventory.ts";
import type { Settings } from "../../components/settings.ts";
import { connect } from "./engine.ts";

const LINES = 20;

/** Whether the engine lacks a server, a volume or the network: before the first update, or because somebody removed it. */
export async function somethingIsGone(env: NodeJS.ProcessEnv, settings: Settings): Promise<boolean> {
  const docker = connect(env);
  const { prefix, network } = settings.platform;
  const names = namesFor(prefix, network);
  const { servers, volumes } = inventoryOf(settings);
  const found = await Promise.all([
    docker.listNetworks().then((networks) => networks.some(({ Name }) => Name === names.network)),
    ...servers.map(({ name }) => exists(docker.getContainer(names.container(name)).inspect())),
    ...volumes.map(({ name }) => exists(docker.getVolume(names.volume(name)).inspect())),
  ]);
  return found.includes(false);
}

const exists = (inspected: Promise<unknown>): Promise<boolean> =>
  inspected.then(
    () => true,
    () => false,
  );

/** The last log lines of our containers that are not healthy, for the error of a failed update. */
export async function unhealthyLogs(env: NodeJS.ProcessEnv, names: Names): Promise<string> {
  const docker = connect(env);
  const containers = await docker
    .listContainers({
      all: true,
      filters: madeWith(names),
    })
    .catch(() => []);
  const sick = containers.filter(({ State, Status }) =>
    State !== "running" ? !/^Exited \(0\)/.test(Status) : !Status.includes("(healthy)"),
  );
  const reports = await Promise.all(
    sick.map(async ({ Id, Names: [name], Status }) => {
      const raw = await docker.getContainer(Id).logs({ stdout: true, stderr: true, tail: LINES });
      return `${name?.slice(1)} is not healthy (${Status}). Its last lines:\n${indent(demultiplex(raw))}\n`;
    }),
  );
  return reports.map((report) => `${report}\n`).join("");
}

/** Without a terminal the engine frames the log: eight bytes, of which the last four are the length, before each part. */
function demultiplex(raw: Buffer): string {
  const parts: string[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts.join("").trimEnd() || "(nothing was logged)";
}

const indent = (text: string) => text.replace(/^/gm, "    ");
