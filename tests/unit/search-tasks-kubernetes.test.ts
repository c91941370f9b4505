import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readSettings } from "../../components/settings.ts";
import { KubernetesSearchTasks } from "../../scripts/lib/search-tasks-kubernetes.ts";

/** A stand-in for the routes of Kubernetes' API that these commands use; what it does not know it refuses. */
let server: Server;
let kubeconfig: string;
const folder = mkdtempSync(join(tmpdir(), "search-tasks-"));

type Body = Readonly<Record<string, unknown>>;
const requests: { readonly line: string; readonly body: Body }[] = [];
/** What is there; a test changes it. */
let cronJobs: object[] = [];
let jobs: object[] = [];
let ends: "Complete" | "Failed" = "Complete";
let pods: object[] = [];

const BATCH = "/apis/batch/v1/namespaces/nself-chat";
const CORE = "/api/v1/namespaces/nself-chat";
const NAMED = "labelSelector=app.kubernetes.io%2Fname%3Dmeilisearch-backup";
const LOG = "container=meilisearch-backup&follow=true&pretty=true&previous=false&timestamps=false";

function answer(line: string, body: Body): string | object | undefined {
  const made = /by-hand-[a-z0-9]+/.exec(line)?.[0];
  const job = `meilisearch-backup-${made}`;
  const routes: Record<string, () => string | object | undefined> = {
    [`GET ${BATCH}/cronjobs?${NAMED}`]: () => ({ items: cronJobs }),
    [`GET ${BATCH}/jobs?${NAMED}`]: () => ({ items: jobs }),
    [`POST ${BATCH}/jobs`]: () => body,
    [`GET ${CORE}/pods?labelSelector=job-name%3D${job}`]: () => ({
      items: [{ metadata: { name: "pod-1" }, status: { phase: "Running" } }],
    }),
    [`GET ${CORE}/pods/pod-1/log?${LOG}`]: () => "first\nsecond\n",
    [`GET ${BATCH}/jobs/${job}`]: () => ({
      status: ends === "Complete" ? { succeeded: 1 } : { conditions: [{ type: "Failed", status: "True" }] },
    }),
    [`DELETE ${BATCH}/jobs/${job}?propagationPolicy=Background`]: () => ({ kind: "Status" }),
    [`GET ${CORE}/pods/meilisearch-0`]: () => (pods.length > 1 ? pods.shift() : pods[0]),
    [`DELETE ${CORE}/pods/meilisearch-0`]: () => ({ kind: "Pod" }),
  };
  return routes[line]?.();
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    const line = `${request.method} ${request.url}`;
    const body = (text ? JSON.parse(text) : {}) as Body;
    requests.push({ line, body });
    const found = answer(line, body);
    const isText = typeof found === "string";
    response.writeHead(found ? 200 : 404, { "Content-Type": isText ? "text/plain" : "application/json" });
    response.end(isText ? found : JSON.stringify(found ?? { kind: "Status", message: `no route: ${line}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  kubeconfig = join(folder, "kubeconfig");
  const { port } = server.address() as AddressInfo;
  // The client wants this before it speaks without TLS.
  const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "stub", cluster }],
    users: [{ name: "stub", user: {} }],
    contexts: [{ name: "stub", context: { cluster: "stub", user: "stub" } }],
    "current-context": "stub",
  };
  writeFileSync(kubeconfig, stringify(config));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  requests.length = 0;
  [cronJobs, jobs, pods, ends] = [[], [], [], "Complete"];
});

const jobSpec = (script: string) => ({
  activeDeadlineSeconds: 900,
  template: {
    metadata: { labels: { "app.kubernetes.io/name": "meilisearch-backup", "batch.kubernetes.io/job-name": "old" } },
    spec: {
      restartPolicy: "Never",
      containers: [
        { name: "meilisearch-backup", command: ["sh", "-c", script], env: [{ name: "DATA", value: "/data" }] },
      ],
    },
  },
});

function tasks() {
  const { platform, ...rest } = readSettings({ values: {}, isSecret: () => true });
  const there = { ...platform, kubeconfig, context: undefined, namespace: "nself-chat" };
  return new KubernetesSearchTasks({ name: "prod", env: {} }, { ...rest, platform: there });
}

async function run(given: { script?: string; env?: Readonly<Record<string, string>> } = {}) {
  const said: string[] = [];
  await tasks().run("meilisearch-backup", { ...given, onLine: (line) => said.push(line) });
  return said;
}

/** The Job that was made. */
function made() {
  const body = requests.find(({ line }) => line.startsWith("POST"))?.body as ReturnType<typeof jobOf> | undefined;
  if (!body) throw new Error("No Job was made.");
  return body;
}
const jobOf = (spec: ReturnType<typeof jobSpec>) => ({ metadata: { name: "", labels: {} }, spec });
const verbs = () => requests.map(({ line }) => line.split(" ")[0]);

describe("a task by hand", () => {
  it("is a Job like the schedule's, heard from its first line, and removed when it went well", async () => {
    cronJobs = [{ spec: { jobTemplate: { spec: jobSpec("the backup") } } }];
    expect(await run()).toEqual(["first", "second"]);
    expect(made()).toMatchObject({
      metadata: { name: expect.stringMatching(/^meilisearch-backup-by-hand-/), namespace: "nself-chat" },
      spec: { backoffLimit: 0, ttlSecondsAfterFinished: 3600, activeDeadlineSeconds: 900 },
    });
    const { template } = made().spec;
    // Labels that a Job's controller adds would make the pod another Job's.
    expect(template.metadata.labels).toEqual({ "app.kubernetes.io/name": "meilisearch-backup" });
    expect(template.spec.containers[0]?.command).toEqual(["sh", "-c", "the backup"]);
    expect(verbs().at(-1)).toBe("DELETE");
  });

  it("can be another script, of which the kubelet expands nothing, with its own variables", async () => {
    cronJobs = [{ spec: { jobTemplate: { spec: jobSpec("the backup") } } }];
    await run({ script: 'cat "$DATA/restore/result"', env: { FROM: "latest" } });
    const [container] = made().spec.template.spec.containers;
    expect(container?.command).toEqual(["sh", "-c", 'cat "$$DATA/restore/result"']);
    expect(container?.env).toEqual([
      { name: "DATA", value: "/data" },
      { name: "FROM", value: "latest" },
    ]);
  });

  it("that has no schedule is like the newest Job that the stack made", async () => {
    const job = (name: string, creationTimestamp: string) => ({
      metadata: { name, creationTimestamp },
      spec: jobSpec(name),
    });
    jobs = [
      job("meilisearch-backup-1", "2026-01-01T00:00:00Z"),
      job("meilisearch-backup-2", "2026-01-03T00:00:00Z"),
      job("meilisearch-backup-by-hand-1", "2026-01-04T00:00:00Z"),
    ];
    await run();
    expect(made().spec.template.spec.containers[0]?.command.at(-1)).toBe("meilisearch-backup-2");
  });

  it("that fails is a failure, and can still be looked at", async () => {
    cronJobs = [{ spec: { jobTemplate: { spec: jobSpec("the backup") } } }];
    ends = "Failed";
    await expect(run()).rejects.toThrow("meilisearch-backup failed. What it said stands above.");
    expect(verbs()).not.toContain("DELETE");
  });

  it("that was never deployed is told with what to do", async () => {
    await expect(run()).rejects.toThrow(
      "The namespace nself-chat has no meilisearch-backup. Deploy it: npm run up -- --stack prod",
    );
  });
});

describe("a restart of the server", () => {
  const pod = (uid: string, ready: boolean) => ({
    metadata: { uid },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  });

  it("is over when another pod is ready", async () => {
    pods = [pod("old", true), pod("old", true), pod("new", false), pod("new", true)];
    await tasks().restartServer(60);
    expect(verbs()).toEqual(["GET", "DELETE", "GET", "GET", "GET"]);
  });

  it("that takes too long is told with where to look", async () => {
    pods = [pod("old", true)];
    await expect(tasks().restartServer(-1)).rejects.toThrow(
      "meilisearch-0 is not ready after -1 s (search:startup and a minute). See what it says: kubectl --namespace nself-chat logs meilisearch-0",
    );
  });
});
