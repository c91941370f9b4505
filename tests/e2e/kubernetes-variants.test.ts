import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { caFile } from "../../lab/lab.ts";
import { ok } from "./helpers/checkout.ts";
import { publish } from "./helpers/clients.ts";
import { objects, ours } from "./helpers/pods.ts";
import {
  DOMAIN,
  introduce,
  makeCertificate,
  makeNamespace,
  Production,
  RESTRICTED,
  untilServed,
} from "./helpers/production.ts";

/** Production by its other settings: Gateway API, RTMPS, TURN over TLS; and a hand that changes something. */
const HOSTS = ["search", "livekit", "stream", "ingest", "turn"];

let production: Production;
let outputs: Record<string, string>;
beforeAll(async () => {
  production = await Production.create();
  await production.settle();
  await makeNamespace(RESTRICTED);
  await makeCertificate(HOSTS);
  production.configure({
    "platform:createNamespace": false,
    "platform:traffic": "gateway",
    "platform:trafficClass": "traefik",
    "streaming:rtmps": true,
    "rtc:turnDomain": `turn.${DOMAIN}`,
    "rtc:turnTlsPort": 5349,
  });
  ok(await production.up());
  await introduce({ ingest: "rtmp-gateway-public", turn: "livekit-public" });
  await untilServed();
  outputs = await production.outputs();
});
afterAll(() => production?.remove());

/** Serial number of the certificate that a host shows; it must be one that clients accept. */
function serialAt(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, servername: host, port: 443, ca: readFileSync(caFile), timeout: 5_000 }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on("error", reject).on("timeout", () => socket.destroy(new Error(`${host} does not answer`)));
  });
}

/** How often each container of a pod was started again; they are all ready. */
async function restarts(pod: string): Promise<Record<string, number>> {
  const [found] = await objects("pod", `--field-selector=metadata.name=${pod}`);
  const statuses: { name: string; restartCount: number; ready: boolean }[] = found?.status.containerStatuses;
  expect(statuses.filter(({ ready }) => !ready)).toEqual([]);
  return Object.fromEntries(statuses.map(({ name, restartCount }) => [name, restartCount]));
}

/** Publishes until it is told to stop; ffmpeg does not connect again by itself. */
function publisher(url: string) {
  const picture = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=15"];
  const encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "15"];
  const ffmpeg = execa("ffmpeg", ["-loglevel", "error", "-re", ...picture, ...encode, "-f", "flv", url], {
    reject: false,
    all: true,
  });
  let ended: string | undefined;
  void ffmpeg.then(({ all }) => {
    ended = all || "ended by itself";
  });
  return { ended: () => ended, stop: () => ffmpeg.kill("SIGKILL") };
}

describe("Gateway API, RTMPS and TURN over TLS", () => {
  it("serve what Ingress does, as verify finds", async () => {
    ok(await production.npm("verify"));
    const listeners = (await objects("gateway"))[0]?.spec.listeners.map(
      ({ hostname }: { hostname: string }) => hostname,
    );
    expect(listeners).toEqual(["search", "livekit", "stream"].map((part) => `${part}.${DOMAIN}`));
    expect(await objects("ingress")).toEqual([]);
  });

  it("are what the second preview expects", async () => {
    ok(await production.preview("--expect-no-changes"));
  });

  it("take publishers with and without TLS at one address", async () => {
    expect(outputs.ingestUrl).toBe(`rtmps://ingest.${DOMAIN}:443`);
    const key = `?key=${outputs.publishKey}`;
    expect(await publish(`${outputs.ingestUrl}/live/encrypted${key}`, 2)).toBe(true);
    expect(await publish(`rtmp://ingest.${DOMAIN}:1935/live/plain${key}`, 2)).toBe(true);
    expect(await publish(`${outputs.ingestUrl}/live/encrypted`, 2)).toBe(false);
  });

  it("show a renewed certificate: LiveKit's server was started again, and the gateway kept its publishers", async () => {
    const held = publisher(`${outputs.ingestUrl}/live/held?key=${outputs.publishKey}`);
    onTestFinished(() => void held.stop());
    const hosts = [`turn.${DOMAIN}`, `ingest.${DOMAIN}`];
    const before = await Promise.all(hosts.map(serialAt));
    await makeCertificate(HOSTS);
    // The kubelet brings a changed Secret within a minute or so, and the watcher looks every fifteen seconds.
    await vi.waitFor(
      async () => {
        const now = await Promise.all(hosts.map(serialAt));
        expect(now.map((serial, index) => serial === before[index])).toEqual([false, false]);
      },
      { timeout: 180_000, interval: 2_000 },
    );
    // The kubelet says so in the pod's status a little later than the server answers, and the next test looks at all.
    await vi.waitFor(
      async () => {
        expect(await restarts("livekit-0")).toEqual({ livekit: 1, "certificate-watch": 0 });
        expect(await restarts("rtmp-gateway-0")).toEqual({ "rtmp-gateway": 0, "certificate-watch": 0 });
      },
      { timeout: 60_000, interval: 1_000 },
    );
    expect(held.ended()).toBeUndefined();
  });
});

describe("what somebody changed by hand", () => {
  const expectNothing = () => production.npm("preview", ["--expect-no-changes"], { PULUMI_OPTION_REFRESH: "true" });

  it("is seen, and put back", async () => {
    ok(await expectNothing());
    ok(await ours("set", "resources", "deployment/rtmp-edge", "--limits=cpu=250m"));
    const seen = await expectNothing();
    expect(seen.all).toContain("no changes were expected");
    expect(seen.exitCode).toBe(7);

    ok(await production.npm("pulumi", ["up", "--yes", "--skip-preview", "--refresh"]));
    ok(await expectNothing());
    const [edge] = await objects("deployment", "--field-selector=metadata.name=rtmp-edge");
    expect(edge?.spec.template.spec.containers[0].resources.limits.cpu).toBe("200m");
  });
});
