import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type Docker from "dockerode";
import { describe, expect, it } from "vitest";
import { conflicts, type Found, type Wanted } from "../../components/docker-conflicts.ts";
import { namesFor } from "../../components/docker-names.ts";
import { inventoryOf } from "../../components/inventory.ts";
import { readSettings } from "../../components/settings.ts";

const { servers, tasks, volumes } = inventoryOf(readSettings({ values: {}, isSecret: () => false }));
const OURS = { "nself.managed-by": "pulumi" };

/** What the laptop's stack asks of an engine, on which somebody has these. */
function told(found: Partial<Found>, ports: Wanted["ports"] = []): Promise<string[]> {
  const names = namesFor("nchat");
  return conflicts(
    { names, containers: [...servers, ...tasks], volumes, ports, bindAddress: "127.0.0.1" },
    { ours: [], foreign: [], volumes: [], local: false, ...found },
  );
}

const container = (name: string, Labels: Record<string, string> = {}, Ports: object[] = []) =>
  ({ Names: [`/${name}`], Image: "getmeili/meilisearch:v1.6", Labels, Ports }) as unknown as Docker.ContainerInfo;
const volume = (Name: string, Labels: Record<string, string> | null = null) =>
  ({ Name, Labels }) as unknown as Docker.VolumeInspectInfo;

it("an engine with other things on it has no conflict", async () => {
  const foreign = [container("postgres", {}, [{ PublicPort: 5432, Type: "tcp" }]), container("meilisearch")];
  expect(await told({ foreign, volumes: [volume("pgdata")] })).toEqual([]);
});

describe("a container of somebody else's", () => {
  it.each(["nchat_meilisearch", "nchat_meilisearch-upgrade", "nchat_meilisearch-setup", "nchat_meilisearch-backup"])(
    "that is named %s is left alone",
    async (name) => {
      expect(await told({ foreign: [container(name)] })).toEqual([
        `A container named ${name} exists that this program did not make (image getmeili/meilisearch:v1.6); the core backend can run its own. Stop and remove that one, switch ours off (pulumi config set search:enabled false), or give ours other names (pulumi config set platform:prefix nchat-ext)`,
      ]);
    },
  );

  it("that another checkout made is taken down there", async () => {
    expect(await told({ foreign: [container("nchat_livekit", OURS)] })).toEqual([
      "The container nchat_livekit was made by another checkout or an earlier state of this program. Run `npm run down` there, or remove it: docker rm -f nchat_livekit (its data volume stays)",
    ]);
  });
});

describe("a volume", () => {
  it("of somebody else's is left alone, whether or not it has labels", async () => {
    const sentence =
      "A volume named nchat_meilisearch_data exists that this program did not make; its data is left alone. Switch our service off (pulumi config set search:enabled false), or give ours other names (pulumi config set platform:prefix nchat-ext)";
    expect(await told({ volumes: [volume("nchat_meilisearch_data")] })).toEqual([sentence]);
    expect(await told({ volumes: [volume("nchat_meilisearch_data", { a: "b" })] })).toEqual([sentence]);
  });

  it("that this program kept is used again", async () => {
    expect(await told({ volumes: [volume("nchat_meilisearch_data", OURS)] })).toEqual([]);
  });
});

describe("a port", () => {
  const port = (number: number, protocol: "tcp" | "udp" = "tcp") => [
    { key: "search:port", protocol, first: number, last: number },
  ];
  const holder = (name: string) => container(name, {}, [{ PublicPort: 7700, Type: "tcp" }]);

  it("that another container publishes is told with its name", async () => {
    expect(await told({ foreign: [holder("other")] }, port(7700))).toEqual([
      "search:port: tcp port 7700 is held by the container other. Stop it, or choose another port: pulumi config set search:port …",
    ]);
    expect(await told({ foreign: [holder("other")] }, port(7700, "udp"))).toEqual([]);
  });

  it("that our own container publishes is free", async () => {
    expect(await told({ ours: [holder("nchat_meilisearch")], foreign: [holder("other")] }, port(7700))).toEqual([]);
  });

  it("that another process of this machine holds is told, and tried only where the engine is", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port: number } = server.address() as AddressInfo;
    const sentence = `search:port: tcp port ${number} is held by another process. Stop it, or choose another port: pulumi config set search:port …`;
    expect(await told({ local: true }, port(number))).toEqual([sentence]);
    expect(await told({ local: false }, port(number))).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
    expect(await told({ local: true }, port(number))).toEqual([]);
  });

  it("of a range is told once", async () => {
    const Ports = [7882, 7883].map((PublicPort) => ({ PublicPort, Type: "udp" }));
    const range = [{ key: "rtc:mediaPorts", protocol: "udp" as const, first: 7880, last: 7890 }];
    expect(await told({ foreign: [container("other", {}, Ports)] }, range)).toEqual([
      "rtc:mediaPorts: udp port 7882 is held by the container other. Stop it, or choose another port: pulumi config set rtc:mediaPorts …",
    ]);
  });
});
