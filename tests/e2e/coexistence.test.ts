import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { dockerCompose } from "../../lab/build/compose.ts";
import { cached } from "../../lab/cache.ts";
import { terminalProgress } from "../../lab/lab.ts";
import { Checkout, ok } from "./helpers/checkout.ts";
import { containerNames, docker, resetEngine } from "./helpers/engine.ts";
import { withContainer } from "./helpers/throwaway.ts";

/** Ports that the core backend holds while ours runs. */
const CORE_PORTS = [5432, 8080, 9695, 9001, 1025, 8025, 3021];

let checkout: Checkout;
let core: Server[];
let compose: string;
beforeAll(async () => {
  // Minutes where it was never built: a hook has the time, a test has not.
  compose = join(await cached(dockerCompose, terminalProgress()), "docker-compose");
  await resetEngine();
  checkout = await Checkout.create();
  core = await Promise.all(CORE_PORTS.map(listen));
});
afterAll(async () => {
  for (const server of core) server.close();
  const down = await checkout.npm("down", "--yes", "--volumes");
  await resetEngine();
  checkout.remove();
  ok(down);
});

const listen = (port: number) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

it("joins the network that Compose made for the core, and leaves it alone", async () => {
  const Labels = { "com.docker.compose.project": "nchat", "com.docker.compose.network": "nchat_network" };
  const network = await docker.createNetwork({ Name: "nchat_network", Labels, CheckDuplicate: true });
  const neighbour = {
    Image: "tiangolo/nginx-rtmp:latest",
    Cmd: ["sleep", "600"],
    HostConfig: { NetworkMode: "nchat_network" },
  };
  await withContainer(neighbour, async (container) => {
    await container.start();
    ok(await checkout.npm("up", "--yes"));
    ok(await checkout.npm("preview", "--expect-no-changes"));
    const { Containers = {} } = await network.inspect();
    expect(Object.keys(Containers)).toContain(container.id);
    expect(Object.keys(Containers)).toHaveLength(4);

    const ran = await checkout.npm("down", "--yes");
    ok(ran);
    expect(ran.all).toContain("The network nchat_network stays: this stack did not make it.");
    expect(Object.keys((await network.inspect()).Containers ?? {})).toEqual([container.id]);
  });
  await network.remove();
});

it("leaves a network that it made to whoever has joined it since", async () => {
  ok(await checkout.npm("up", "--yes"));
  const neighbour = {
    Image: "tiangolo/nginx-rtmp:latest",
    name: "core_neighbour",
    Cmd: ["sleep", "600"],
    HostConfig: { NetworkMode: "nchat_network" },
  };
  await withContainer(neighbour, async (container) => {
    await container.start();
    const ran = await checkout.npm("down", "--yes");
    ok(ran);
    expect(ran.all).toContain("The network nchat_network stays: core_neighbour uses it.");
    ok(await checkout.npm("up", "--yes"));
    ok(await checkout.npm("preview", "--expect-no-changes"));
  });
});

it("makes a network that a later docker compose up of the core accepts", async () => {
  ok(await checkout.npm("up", "--yes"));
  const file = join(checkout.path, "core.yaml");
  const core = { image: "tiangolo/nginx-rtmp:latest", command: "sleep 600", networks: ["nchat_network"] };
  const networks = { nchat_network: { name: "nchat_network", driver: "bridge" } };
  writeFileSync(file, stringify({ name: "nchat", services: { core }, networks }));
  ok(await checkout.run(compose, ["--file", file, "up", "--detach"]));
  const members = Object.values((await docker.getNetwork("nchat_network").inspect()).Containers ?? {});
  expect(members.map(({ Name }) => Name)).toContain("nchat-core-1");
  ok(await checkout.run(compose, ["--file", file, "down", "--timeout", "1"]));
  ok(await checkout.npm("preview", "--expect-no-changes"));
});

it("runs beside another stack's names with a prefix of its own", async () => {
  const other = await Checkout.create({
    "platform:prefix": "nchat-two",
    "search:port": 17700,
    "rtc:enabled": false,
    "streaming:enabled": false,
  });
  try {
    ok(await other.npm("up", "--yes"));
    expect(await containerNames("nchat-two")).toEqual([
      "nchat-two_meilisearch",
      "nchat-two_meilisearch-setup",
      "nchat-two_meilisearch-upgrade",
    ]);
    ok(await other.npm("verify"));
  } finally {
    ok(await other.npm("down", "--yes", "--volumes"));
    other.remove();
  }
  expect(await containerNames()).toContain("nchat_meilisearch");
});
