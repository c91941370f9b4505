import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { call } from "./helpers/call.ts";
import { ok } from "./helpers/checkout.ts";
import { play } from "./helpers/clients.ts";
import { addressOf, everyServerReady, objects, ours, soon } from "./helpers/pods.ts";
import {
  DOMAIN,
  introduce,
  makeCertificate,
  makeNamespace,
  Production,
  RESTRICTED,
  untilServed,
} from "./helpers/production.ts";
import { Publisher } from "./helpers/publisher.ts";

/** An operator's first day, in order: from the stack's file in git to calls and streams. */
let production: Production;
let outputs: Record<string, string>;
let printed = "";
beforeAll(async () => {
  production = await Production.create();
});
afterAll(() => production?.remove());

describe("without a cluster", () => {
  /** Points to a port at which nobody listens. */
  const nowhere = () => {
    const file = join(production.checkout.path, ".local", "nowhere.json");
    const kubeconfig = {
      ...{ apiVersion: "v1", kind: "Config", "current-context": "nowhere" },
      clusters: [{ name: "nowhere", cluster: { server: "https://127.0.0.1:47799" } }],
      users: [{ name: "nobody", user: { token: "none" } }],
      contexts: [{ name: "nowhere", context: { cluster: "nowhere", user: "nobody" } }],
    };
    writeFileSync(file, JSON.stringify(kubeconfig));
    return { KUBECONFIG: file };
  };

  it("previews the stack as it is in git, and says that nothing was checked", async () => {
    const ran = await production.npm("preview", [], nowhere());
    expect(ran.all).toContain(
      "Not checked against the cluster: nowhere at https://127.0.0.1:47799 does not answer (ECONNREFUSED). Classes, certificates and the namespace are taken as they are set.",
    );
    expect(ran.all).toMatch(/\+ \d\d to create/);
    ok(ran);
  });

  it("does not go on with an update", async () => {
    const { exitCode, all } = await production.npm("up", ["--yes", "--no-env"], nowhere());
    expect(all).toContain(
      "nowhere at https://127.0.0.1:47799 does not answer (ECONNREFUSED). Check the kubeconfig (kubectl cluster-info), platform:kubeconfig and platform:context",
    );
    expect(all).not.toMatch(/^\s+at .*\.ts:\d+/m);
    expect(exitCode).toBe(1);
  });
});

describe("a stack that does not fit into the cluster", () => {
  it("is refused with all that is wrong", async () => {
    await production.settle();
    await makeNamespace({});
    production.configure({ "platform:storageClass": "fast", "platform:trafficClass": "nginx" });
    const { exitCode, all } = await production.preview();
    for (const sentence of [
      'platform:namespace = "nself-chat" exists, and this stack did not make it. Join it: pulumi config set platform:createNamespace false. Or choose another: pulumi config set platform:namespace NAME',
      'platform:storageClass = "fast" does not exist. The cluster has local-path. Set it: pulumi config set platform:storageClass local-path',
      'platform:trafficClass = "nginx" does not exist. The cluster has traefik. Set it: pulumi config set platform:trafficClass traefik',
      'platform:tlsSecret = "lab-tls" does not exist in the namespace nself-chat. Make it: kubectl create secret tls lab-tls --namespace nself-chat --cert FILE --key FILE',
    ]) {
      expect(all).toContain(sentence);
    }
    expect(exitCode).toBe(1);
  });

  it("and so is a context that the kubeconfig lacks", async () => {
    production.configure({
      ...{ "platform:storageClass": undefined, "platform:trafficClass": undefined },
      ...{ "platform:createNamespace": false, "platform:context": "elsewhere" },
    });
    const { exitCode, all } = await production.preview();
    expect(all).toContain(
      'platform:context = "elsewhere" is not in the kubeconfig, which has nself-lab. Set one of them: pulumi config set platform:context NAME',
    );
    expect(exitCode).toBe(1);
    production.configure({ "platform:context": undefined });
  });
});

describe("npm run up", () => {
  it("brings everything up in a restricted namespace that somebody else made", async () => {
    await makeNamespace(RESTRICTED);
    await makeCertificate();
    const ran = await production.up();
    printed += ran.all;
    ok(ran);
    expect(ran.all).toContain(`https://search.${DOMAIN}`);
    const restarts = (await everyServerReady()).map(({ status }) => status.containerStatuses[0].restartCount);
    expect(restarts).toEqual([0, 0, 0, 0, 0]);
    outputs = await production.outputs();
  });

  it("is what the second preview expects", async () => {
    const ran = await production.preview("--expect-no-changes");
    printed += ran.all;
    expect(ran.all).toMatch(/\d+ unchanged/);
    ok(ran);
  });

  it("shows no secret, in its text, in the state's file or in the cluster outside of Secrets", async () => {
    const kinds = "configmap,pod,ingress,statefulset,deployment,replicaset,job,service,networkpolicy,pvc,event";
    const inCluster = await ours("get", kinds, "--output=json");
    ok(inCluster);
    const shown = inCluster.stdout + printed;
    const held = (await objects("secret")).flatMap(({ data }) => Object.values(data as Record<string, string>));
    const kept = held.map((text) => Buffer.from(text, "base64").toString()).join("\n");
    for (const name of ["searchMasterKey", "rtcApiKey", "rtcApiSecret", "publishKey"]) {
      const secret = outputs[name] as string;
      expect(secret.length).toBeGreaterThanOrEqual(20);
      expect(kept).toContain(secret);
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(Buffer.from(secret).toString("base64"));
      expect((await production.checkout.run("grep", ["-rlF", secret, ".local"])).stdout).toBe("");
    }
  });
});

describe("what runs", () => {
  it("passes verify, over HTTPS", async () => {
    await introduce();
    await untilServed();
    const ran = await production.npm("verify");
    expect(ran.all).toContain("✓ plays a test stream");
    expect(ran.all).toContain("✓ All services are running and healthy!");
    ok(ran);
  });

  it("carries a call with sound and pictures over UDP, through the load balancer", async () => {
    const { rtcUrl: url = "", rtcApiKey: apiKey = "", rtcApiSecret: apiSecret = "" } = outputs;
    expect(url).toBe(`wss://livekit.${DOMAIN}`);
    const received = await call({ url, apiKey, apiSecret }, 20);
    expect(received.audio).toBeGreaterThanOrEqual(20);
    expect(received.video).toBeGreaterThanOrEqual(20);

    const way = `udp4 host ${await addressOf("livekit-public")}:7882`;
    await vi.waitFor(async () => {
      const log = (await ours("logs", "livekit-0")).stdout.split("\n");
      const joined = log.filter((line) => line.includes("participant active") && line.includes('"room":"call-'));
      const selected = joined.map((line) => /\[local\]\[selected:\d\](?:\[trickle\])? ([^(]+) \(/.exec(line)?.[1]);
      expect(selected).toEqual([way, way]);
    }, soon);
  });

  it("takes a stream with the key, and plays it through an edge that caches", async () => {
    const { ingestUrl, hlsUrl, publishKey } = outputs;
    const publisher = new Publisher(`${ingestUrl}/live/production?key=${publishKey}`);
    const playlist = `${hlsUrl}/production/index.m3u8`;
    const text = await vi.waitFor(async () => {
      const answer = await fetch(playlist);
      expect(answer.status).toBe(200);
      return answer.text();
    }, soon);
    const segment = text.split("\n").find((line) => line.endsWith(".ts")) as string;
    // With two edges, each with a copy of its own, one of them is asked twice.
    const cache: (string | null)[] = [];
    for (const _ of [1, 2, 3]) cache.push((await fetch(new URL(segment, playlist))).headers.get("X-Cache-Status"));
    expect(cache[0]).toBe("MISS");
    expect(cache).toContain("HIT");
    expect(await play(playlist, 2)).toBeGreaterThanOrEqual(30);
    await publisher.stop();
  });
});
