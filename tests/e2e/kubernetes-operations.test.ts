import { once } from "node:events";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { clusterEnvironment, labEnvironment } from "../../lab/lab.ts";
import { ok } from "./helpers/checkout.ts";
import { complaints, publish } from "./helpers/clients.ts";
import { kubectl } from "./helpers/cluster.ts";
import { everyServerReady, namesOf, objects, ours, podIds, soon } from "./helpers/pods.ts";
import { DOMAIN, introduce, NAMESPACE, Production, untilServed } from "./helpers/production.ts";

/** An operator's later days, in order: accidents, changes, maintenance, the end. */
let production: Production;
let outputs: Record<string, string>;
beforeAll(async () => {
  production = await Production.create();
  outputs = await production.start();
  const { ingestUrl, publishKey } = outputs;
  expect(await publish(`${ingestUrl}/record/kept?key=${publishKey}`, 3)).toBe(true);
  await search("POST", "/indexes/kept/documents", [{ id: 1, text: "kept" }]);
  await dataIsThere();
});
afterAll(() => production?.remove());

const DOCUMENT = { id: 1, text: "kept" };

async function search(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`https://search.${DOMAIN}${path}`, {
    method,
    headers: { Authorization: `Bearer ${outputs.searchMasterKey}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.json();
}

/** A document in the index, and a recording on the disk. */
async function dataIsThere(): Promise<void> {
  await vi.waitFor(async () => expect(await search("GET", "/indexes/kept/documents/1")).toEqual(DOCUMENT), soon);
  const { stdout } = await ours("exec", "rtmp-0", "--", "ls", "/var/lib/nginx-rtmp/recordings");
  expect(stdout).toMatch(/^kept-\d+-\d{8}-\d{6}\.flv$/);
}

/** Everything in the namespace, but what comes and goes by itself. */
async function inventory(): Promise<string[]> {
  const { stdout } = await kubectl(["api-resources", "--namespaced", "--verbs=list", "--output=name"]);
  const kinds = stdout.split("\n").filter((kind) => !/^(events|endpoints|pods\.metrics)/.test(kind));
  const found = await ours("get", kinds.join(","), "--output=name", "--ignore-not-found");
  return found.stdout.split("\n").sort();
}

const changed = (before: Record<string, string>, after: Record<string, string>) =>
  Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .sort();

describe("accidents", () => {
  it.each(["livekit-0", "meilisearch-0", "rtmp-0"])(
    "%s comes back after it was deleted, with its data",
    async (name) => {
      const before = await podIds();
      ok(await ours("delete", "pod", name));
      expect(changed(before, await podIds())).toEqual([name]);
      await dataIsThere();
    },
  );

  it("an edge leaves and comes back without a viewer's notice", async () => {
    const before = await podIds();
    const edge = Object.keys(before).find((name) => name.startsWith("rtmp-edge-")) as string;
    const failed = await complaints(`https://stream.${DOMAIN}/health`, async () => {
      ok(await ours("delete", "pod", edge));
      expect(Object.keys(await podIds())).not.toContain(edge);
    });
    expect(failed).toEqual([]);
  });
});

describe("a change of configuration", () => {
  it("rolls what it concerns and nothing else", async () => {
    const [pods, maps] = [await podIds(), namesOf(await objects("configmap"))];
    production.configure({ "rtc:maxParticipants": 7, "streaming:fragment": 1 });
    ok(await production.up());
    expect(changed(pods, await podIds())).toEqual(["livekit-0", "rtmp-0"]);

    const now = namesOf(await objects("configmap"));
    const stem = (name: string) => name.replace(/-[0-9a-f]{10}$/, "");
    expect(now.map(stem)).toEqual(maps.map(stem));
    expect(now.filter((name) => !maps.includes(name)).map(stem)).toEqual(["livekit-config", "rtmp-config"]);
    expect((await ours("exec", "livekit-0", "--", "cat", "/etc/livekit.yaml")).stdout).toContain("max_participants: 7");
    expect((await ours("exec", "rtmp-0", "--", "cat", "/etc/nginx/nginx.conf")).stdout).toContain("hls_fragment 1s;");
    await dataIsThere();
  });
});

describe("maintenance of the node", () => {
  it("takes one edge at a time: the last one stays until another is there", async () => {
    const env = { ...labEnvironment(), ...clusterEnvironment() };
    const available = "--output=jsonpath={.status.availableReplicas}{'\\n'}";
    const watch = execa("kubectl", ["get", "deployment/rtmp-edge", `--namespace=${NAMESPACE}`, "--watch", available], {
      ...{ env, reject: false },
    });
    // Its first line is the number before the drain.
    await Promise.race([once(watch.stdout, "data"), watch]);
    const only = ["--pod-selector=app.kubernetes.io/part-of=nself", "--delete-emptydir-data", "--timeout=25s"];
    const drained = await kubectl(["drain", "nself-lab", ...only]);
    watch.kill();
    expect(drained.exitCode).toBe(1);
    expect(drained.all).toMatch(
      /evicting pods\/"rtmp-edge.*Cannot evict pod as it would violate the pod's disruption budget/,
    );
    expect(new Set((await watch).stdout.split("\n"))).toEqual(new Set(["2", "1"]));

    ok(await kubectl(["uncordon", "nself-lab"]));
    await everyServerReady();
    await dataIsThere();
  });
});

describe("npm run down", () => {
  it("is refused while data and secrets are protected", async () => {
    const before = await podIds();
    const { exitCode, all } = await production.npm("down", ["--yes"]);
    expect(all).toContain(
      "Nothing was changed: data volumes, generated secrets and the namespace are protected in the stack prod.\n\nTake the protection off first:\n  npm run pulumi -- --stack prod config set platform:protect false\n  npm run up -- --stack prod",
    );
    expect(exitCode).toBe(1);
    const plain = await production.npm("pulumi", ["destroy", "--yes"]);
    expect(plain.all).toMatch(/cannot be deleted\s+because it is protected/);
    expect(plain.exitCode).not.toBe(0);
    expect(await podIds()).toEqual(before);
  });

  it("keeps the data alone, and says how to let go of it", async () => {
    ok(await production.npm("pulumi", ["config", "set", "platform:protect", "false"]));
    ok(await production.up());
    const refused = await production.npm("down", ["--yes", "--volumes"]);
    expect(refused.all).toContain("Nothing was changed: the stack prod keeps its data volumes when it is destroyed.");
    expect(refused.exitCode).toBe(1);

    const ran = await production.npm("down", ["--yes"]);
    ok(ran);
    expect(ran.all).toContain("kubectl get pvc --namespace nself-chat");
    const claims = ["meilisearch-data-meilisearch-0", "rtmp-recordings-rtmp-0"];
    const kept = claims.map((name) => `persistentvolumeclaim/${name}`);
    await vi.waitFor(async () => expect(await inventory()).toEqual([...BEFORE, ...kept].sort()), soon);
  });

  it("is undone by the next update, which finds the data", async () => {
    ok(await production.up());
    // Its load balancers are others, and so may be their addresses.
    await introduce();
    await untilServed();
    outputs = await production.outputs();
    await dataIsThere();
    ok(await production.npm("verify"));
  });

  it("leaves nothing behind when the data may go", async () => {
    production.configure({ "platform:retainData": false });
    ok(await production.up());
    ok(await production.npm("down", ["--yes", "--volumes"]));
    await vi.waitFor(async () => expect(await inventory()).toEqual(BEFORE), soon);
  });
});

/** What an operator made by hand, and what Kubernetes gives to every namespace. */
const BEFORE = ["configmap/kube-root-ca.crt", "secret/lab-tls", "serviceaccount/default"];
