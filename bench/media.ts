import { readdirSync, readFileSync } from "node:fs";
import Docker from "dockerode";
import { readSettings } from "../components/settings.ts";
import { inTurns, median, type Times } from "./rounds.ts";

/** LiveKit's two ways to receive media: what each costs Docker to start and stop, and in memory. */
export async function media(_: NodeJS.ProcessEnv, rounds: number): Promise<string> {
  const shapes = { "one port (7882)": [7882, 7882], "a range (50000-50100)": [50_000, 50_100] } as const;
  const memory = new Map<string, number[]>();
  const stops: Record<string, number[]> = {};
  const contestants = Object.entries(shapes).map(([name, [first, last]]) => {
    let container: Docker.Container | undefined;
    return {
      name,
      run: async () => {
        container = await start(first, last);
      },
      reset: async () => {
        memory.set(name, [...(memory.get(name) ?? []), proxyMegabytes()]);
        const began = performance.now();
        await container?.stop({ t: 1 });
        stops[name] = [...(stops[name] ?? []), (performance.now() - began) / 1000];
        await container?.remove({ force: true, v: true });
      },
    };
  });
  const starts: Times = await inTurns(contestants, rounds);
  const rows = Object.keys(shapes).map((name) => {
    const of = (values: readonly number[] = []) => median(values);
    const cost = [of(starts.get(name)).toFixed(2), of(stops[name]).toFixed(2), of(memory.get(name)).toFixed(1)];
    return `| ${name} | ${cost[0]} s | ${cost[1]} s | ${cost[2]} MB |`;
  });
  return ["| media ports | create and start | stop | proxies' memory |", "|---|---|---|---|", ...rows].join("\n");
}

async function start(first: number, last: number): Promise<Docker.Container> {
  const ports = Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/udp`);
  const container = await new Docker().createContainer({
    Image: readSettings({ values: {}, isSecret: () => false }).rtc.image,
    Env: [`LIVEKIT_KEYS=${"k".repeat(16)}: ${"s".repeat(48)}`],
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      PortBindings: Object.fromEntries(
        ports.map((port) => [port, [{ HostIp: "127.0.0.1", HostPort: `${Number.parseInt(port, 10)}` }]]),
      ),
    },
  });
  await container.start();
  return container;
}

/** Resident memory of Docker's port proxies, one process a port. */
function proxyMegabytes(): number {
  const kilobytes = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => readOrNothing(`/proc/${pid}/status`))
    .filter((status) => /^Name:\s+docker-proxy$/m.test(status))
    .map((status) => Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  return kilobytes.reduce((all, one) => all + one, 0) / 1024;
}

/** A process may have ended since the folder was listed. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
