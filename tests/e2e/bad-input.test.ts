import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Checkout, ok } from "./helpers/checkout.ts";
import { containerNames, docker, resetEngine } from "./helpers/engine.ts";
import { PlainPulumi } from "./helpers/plain.ts";
import { withContainer } from "./helpers/throwaway.ts";

let checkout: Checkout;
let pulumi: PlainPulumi;
beforeAll(async () => {
  await resetEngine();
  checkout = await Checkout.create();
  ok(await checkout.npm("lab", "up"));
  pulumi = new PlainPulumi(checkout);
  ok(await pulumi.run("stack", "init", "dev"));
});
afterAll(async () => {
  await resetEngine();
  checkout.remove();
});

const preview = () => pulumi.run("preview", "--stack", "dev");

/** A mistake is told in sentences, and nothing was made. */
async function refused(sentences: readonly string[]): Promise<void> {
  const { exitCode, all } = await preview();
  for (const sentence of sentences) expect(all).toContain(sentence);
  expect(all).not.toMatch(/^\s+at .*\.ts:\d+/m);
  expect(exitCode).not.toBe(0);
}

describe("what the machine holds already", () => {
  let tcp: Server;
  let udp: Socket;
  beforeAll(async () => {
    tcp = createServer();
    await new Promise<void>((resolve) => tcp.listen(7880, "127.0.0.1", resolve));
    udp = createSocket("udp4");
    await new Promise<void>((resolve) => udp.bind(7882, "127.0.0.1", resolve));
  });
  afterAll(() => {
    tcp.close();
    udp.close();
  });

  it("is reported together: a container, a volume, ports", async () => {
    await docker.createVolume({ Name: "nchat_meilisearch_data" });
    const core = {
      name: "nchat_meilisearch",
      Image: "getmeili/meilisearch:v1.50.0",
      HostConfig: { PortBindings: { "7700/tcp": [{ HostIp: "127.0.0.1", HostPort: "7700" }] } },
    };
    await withContainer(core, async (container) => {
      await container.start();
      await refused([
        "A container named nchat_meilisearch exists that this program did not make (image getmeili/meilisearch:v1.50.0); the core backend can run its own. Stop and remove that one, switch ours off (pulumi config set search:enabled false), or give ours other names (pulumi config set platform:prefix nchat-ext)",
        "A volume named nchat_meilisearch_data exists that this program did not make; its data is left alone.",
        "search:port: tcp port 7700 is held by the container nchat_meilisearch.",
        "rtc:port: tcp port 7880 is held by another process.",
        "rtc:mediaPorts: udp port 7882 is held by another process.",
      ]);
    });
    expect(await containerNames()).toEqual([]);
    await docker.getVolume("nchat_meilisearch_data").remove();
  });
});

it("an engine that does not answer", async () => {
  const elsewhere = new PlainPulumi(checkout, { DOCKER_HOST: "unix:///var/run/no-docker-here.sock" });
  const { exitCode, all } = await elsewhere.run("preview", "--stack", "dev");
  expect(all).toContain("No Docker engine answers at unix:///var/run/no-docker-here.sock");
  expect(all).toContain("Start Docker Desktop or the docker service; another engine is chosen by DOCKER_HOST");
  expect(exitCode).not.toBe(0);
});

it("settings that are wrong, all of them at once", async () => {
  checkout.configure({ "search:prot": 1, "rtc:port": 99999 });
  await refused([
    "2 settings need a change:",
    "search:prot is not a setting (did you mean search:port?). Remove it: pulumi config rm search:prot",
    'rtc:port = "99999" must be a port from 1 to 65535. The default is 7880',
  ]);
  checkout.configure({ "search:prot": undefined, "rtc:port": undefined });
});

it("a stack of another checkout", async () => {
  const other = await Checkout.create({ "rtc:enabled": false, "streaming:enabled": false });
  ok(await other.npm("up", "--yes"));
  await refused([
    "The container nchat_meilisearch was made by another checkout or an earlier state of this program. Run `npm run down` there, or remove it: docker rm -f nchat_meilisearch (its data volume stays)",
  ]);
  ok(await other.npm("down", "--yes", "--volumes"));
  other.remove();
});

it("a server that never gets healthy: its last log lines are shown, and the next run mends it", async () => {
  const broken = await Checkout.create({
    "search:enabled": false,
    "rtc:enabled": false,
    // Another server: it ends at once, again and again.
    "streaming:image": "livekit/livekit-server:v1.13.5",
  });
  const ran = await broken.npm("up", "--yes");
  expect(ran.all).toContain("nchat_rtmp is not healthy");
  expect(ran.all).toContain("Its last lines:");
  expect(ran.exitCode).toBe(1);

  broken.configure({ "streaming:image": undefined });
  ok(await broken.npm("up", "--yes"));
  ok(await broken.npm("verify"));
  ok(await broken.npm("down", "--yes"));
  broken.remove();
});
