import { execa } from "execa";
import { AccessToken } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { clusterEnvironment } from "../../lab/lab.ts";
import { publish } from "./helpers/clients.ts";
import { kubectl } from "./helpers/cluster.ts";
import { apply, everyServerReady, kindOf, ours, soon } from "./helpers/pods.ts";
import { DOMAIN, NAMESPACE, Production, RESTRICTED, STRANGER } from "./helpers/production.ts";
import { reaches, type Visitor, visitor } from "./helpers/visitors.ts";

/** Whoever is not meant to get in, at every door of a production that runs. */
let production: Production;
let outputs: Record<string, string>;
beforeAll(async () => {
  production = await Production.create();
  outputs = await production.start();
});
afterAll(() => production?.remove());

describe("from outside", () => {
  it.each([
    ["no key", {}, 401],
    ["a wrong key", { Authorization: "Bearer wrong" }, 403],
  ])("search with %s is refused", async (_, headers, status) => {
    const ask = (path: string, init: RequestInit) => fetch(`https://search.${DOMAIN}${path}`, init);
    expect((await ask("/indexes", { headers })).status).toBe(status);
    expect((await ask("/keys", { headers: { Authorization: `Bearer ${outputs.searchKey}` } })).status).toBe(403);
    const master = { Authorization: `Bearer ${outputs.searchMasterKey}` };
    expect((await ask("/indexes", { headers: master })).status).toBe(200);
  });

  it("a call with a token that somebody else signed is refused", async () => {
    const { rtcApiKey, rtcApiSecret = "" } = outputs;
    const join = async (secret: string) => {
      const token = new AccessToken(rtcApiKey, secret, { identity: "stranger" });
      token.addGrant({ room: "private", roomJoin: true });
      return (await fetch(`https://livekit.${DOMAIN}/rtc/validate?access_token=${await token.toJwt()}`)).status;
    };
    expect(await join(rtcApiSecret)).toBe(200);
    expect(await join("x".repeat(48))).toBe(401);
  });

  it("a stream is refused without the key and with another one", async () => {
    const stream = `${outputs.ingestUrl}/live/stranger`;
    expect(await publish(stream, 3)).toBe(false);
    expect(await publish(`${stream}?key=${"x".repeat(32)}`, 3)).toBe(false);
    expect(await publish(`${stream}?key=${outputs.publishKey}`, 3)).toBe(true);
  });

  it.each(["/stat", "/stat.xsl", "/control/drop/publisher?app=live&name=a", "/"])("%s is not found", async (path) => {
    expect((await fetch(`https://stream.${DOMAIN}${path}`)).status).toBe(404);
  });

  it("the API of the cluster wants to know who asks", async () => {
    const { stdout } = await kubectl(["config", "view", "--output=jsonpath={.clusters[0].cluster.server}"]);
    const server = [`--server=${stdout}`, "--insecure-skip-tls-verify", "--token=stranger"];
    const { all } = await execa("kubectl", ["--kubeconfig=/dev/null", ...server, "get", "secrets"], {
      ...{ all: true, reject: false, env: { ...clusterEnvironment() } },
    });
    expect(all).toContain("Unauthorized");
  });
});

describe("from inside", () => {
  let visitors: Record<"stranger" | "neighbour" | "app", Visitor>;
  beforeAll(async () => {
    await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: STRANGER, labels: RESTRICTED } });
    const frontend = { "app.kubernetes.io/name": "nself-chat", "app.kubernetes.io/component": "frontend" };
    const [stranger, neighbour, app] = await Promise.all([
      visitor(STRANGER, "stranger"),
      visitor(NAMESPACE, "neighbour"),
      visitor(NAMESPACE, "app", frontend),
    ]);
    visitors = { stranger, neighbour, app };
  });

  /** For everybody: RTMP ingest, ICE over TCP. For the app: search, signalling, playback. Origin and metrics: for nobody here. */
  const everybodys = { "rtmp:1935": true, "livekit:7881": true };
  const apps = { "meilisearch:7700": true, "livekit:7880": true, "rtmp-edge:8088": true };
  const nobodys = { "rtmp:8088": false, "livekit:6789": false };
  const never = (doors: object) => Object.fromEntries(Object.keys(doors).map((door) => [door, false]));

  it.each([
    ["a pod of another namespace", "stranger", { ...everybodys, ...never(apps), ...nobodys }],
    ["a pod beside the servers", "neighbour", { ...everybodys, ...never(apps), ...nobodys }],
    // Its own list of destinations is closed: what we add to it is what it needs.
    ["the app", "app", { ...never(everybodys), ...apps, ...nobodys }],
  ] as const)("%s reaches what is meant for it and nothing else", async (_, who, expected) => {
    const doors = Object.keys(expected);
    // Policies hold for a new pod a moment after it runs.
    await vi.waitFor(async () => {
      const found = await Promise.all(doors.map((door) => reaches(visitors[who], door)));
      expect(Object.fromEntries(doors.map((door, index) => [door, found[index]]))).toEqual(expected);
    }, soon);
  });

  it("no server holds a token for the API", async () => {
    for (const pod of await everyServerReady()) {
      const { all } = await ours("exec", pod.metadata.name, "--", "ls", "/var/run/secrets/kubernetes.io");
      expect(all, kindOf(pod)).toMatch(/No such file or directory|not found/);
    }
  });
});

describe("what breaks the standard", () => {
  it("is refused as a pod", async () => {
    const { exitCode, all } = await ours("run", "root", "--image=busybox:1.35", "--privileged");
    expect(all).toContain('violates PodSecurity "restricted:latest": privileged');
    expect(exitCode).toBe(1);
  });

  it("is warned of in whatever makes pods, which ours is not", async () => {
    const kinds = "statefulset,deployment,job,service,ingress,networkpolicy,hpa,pdb,configmap";
    const { stdout } = await ours("get", kinds, "--selector=app.kubernetes.io/part-of=nself", "--output=json");
    const again = await kubectl(["replace", "--dry-run=server", "--filename=-"], stdout);
    expect(again.all).toMatch(/statefulset.apps\/rtmp replaced/);
    expect(again.all).not.toContain("Warning");

    const worse = JSON.stringify({ spec: { template: { spec: { hostNetwork: true } } } });
    const { all } = await ours("patch", "statefulset", "rtmp", "--dry-run=server", `--patch=${worse}`);
    expect(all).toContain('Warning: would violate PodSecurity "restricted:latest": host namespaces');
  });
});
