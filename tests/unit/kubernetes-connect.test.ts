import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { type Cluster, ClusterError, connectCluster } from "../../components/kubernetes/cluster.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A kubeconfig file, with a context for each server. */
function kubeconfig(servers: Readonly<Record<string, string>>, current: string | undefined = Object.keys(servers)[0]) {
  const names = Object.keys(servers);
  const path = join(folder, `${names.join("-") || "empty"}.yaml`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    // Without it the client refuses plain HTTP.
    clusters: names.map((name) => ({ name, cluster: { server: servers[name], "insecure-skip-tls-verify": true } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: "me" } })),
    users: [{ name: "me", user: {} }],
    "current-context": current ?? "",
  };
  writeFileSync(path, stringify(config));
  return path;
}

async function listening<S extends Server | TcpServer>(server: S): Promise<[S, string]> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

/** Where nobody listens any more. */
async function deadAddress(): Promise<string> {
  const [server, address] = await listening(createTcpServer());
  await new Promise((resolve) => server.close(resolve));
  return address;
}

describe("a kubeconfig", () => {
  it("without the context that is asked for is a mistake, and names those that it has", async () => {
    const path = kubeconfig({ prod: "https://192.0.2.1", staging: "https://192.0.2.2" });
    const error = connectCluster({ kubeconfig: path, context: "prd" });
    await expect(error).rejects.toBeInstanceOf(ClusterError);
    await expect(error).rejects.toThrow(
      new ClusterError([
        'platform:context = "prd" is not in the kubeconfig, which has prod, staging. Set one of them: pulumi config set platform:context NAME',
      ]),
    );
  });

  it("without any context, too", async () => {
    await expect(connectCluster({ kubeconfig: kubeconfig({}), context: "prod" })).rejects.toThrow(
      new ClusterError([
        'platform:context = "prod" is not in the kubeconfig, which has none. Set one of them: pulumi config set platform:context NAME',
      ]),
    );
  });

  it("that is not there is a reason why nobody can be asked", async () => {
    const path = join(folder, "missing.yaml");
    const unreachable = `the kubeconfig ${path} cannot be read (ENOENT: no such file or directory, open '${path}')`;
    expect(await connectCluster({ kubeconfig: path })).toEqual({ unreachable });
    vi.stubEnv("KUBECONFIG", path);
    expect(await connectCluster({})).toEqual({ unreachable });
  });

  it("that is none is a reason, too", async () => {
    const path = join(folder, "broken.yaml");
    writeFileSync(path, "clusters: [");
    expect(await connectCluster({ kubeconfig: path })).toEqual({
      unreachable: expect.stringContaining(`the kubeconfig ${path} cannot be read (`),
    });
  });

  it("that kubectl would find is called by its usual path", async () => {
    vi.stubEnv("KUBECONFIG", undefined);
    vi.stubEnv("HOME", folder);
    mkdirSync(join(folder, ".kube"));
    writeFileSync(join(folder, ".kube", "config"), "clusters: [");
    expect(await connectCluster({})).toEqual({
      unreachable:
        "the kubeconfig ~/.kube/config cannot be read (unexpected end of the stream within a flow collection (1:12))",
    });
  });

  it("that names no cluster is one as well", async () => {
    expect(await connectCluster({ kubeconfig: kubeconfig({}) })).toEqual({
      unreachable: "the kubeconfig names no cluster",
    });
  });
});

describe("a cluster that does not answer", () => {
  it("since nobody listens is told in the system's word, at once", async () => {
    const address = await deadAddress();
    const start = performance.now();
    const path = kubeconfig({ current: "https://192.0.2.1", dead: address });
    expect(await connectCluster({ kubeconfig: path, context: "dead" })).toEqual({
      unreachable: `dead at ${address} does not answer (ECONNREFUSED)`,
    });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("is the current one where no context is named", async () => {
    const address = await deadAddress();
    vi.stubEnv("KUBECONFIG", kubeconfig({ one: "https://192.0.2.1", two: address }, "two"));
    expect(await connectCluster({})).toEqual({ unreachable: `two at ${address} does not answer (ECONNREFUSED)` });
  });

  it("but listens is given five seconds", async () => {
    const [server, address] = await listening(createTcpServer());
    const connected = new Promise((resolve) => server.once("connection", resolve));
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      let answer: unknown;
      const asked = connectCluster({ kubeconfig: kubeconfig({ silent: address }) }).then((found) => {
        answer = found;
      });
      const socket = (await connected) as { destroy(): void };
      await vi.advanceTimersByTimeAsync(4999);
      expect(answer).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1);
      await asked;
      expect(answer).toEqual({ unreachable: `silent at ${address} does not answer (no answer within 5 s)` });
      socket.destroy();
    } finally {
      vi.useRealTimers();
      server.close();
    }
  });

  it("to us is told by its status", async () => {
    const [server, address] = await listening(createServer((_, response) => response.writeHead(401).end("{}")));
    expect(await connectCluster({ kubeconfig: kubeconfig({ closed: address }) })).toEqual({
      unreachable: `closed at ${address} does not answer (401)`,
    });
    server.close();
  });
});

describe("a cluster that answers", () => {
  const resources = (...all: [string, string, boolean][]) => ({
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: "any",
    resources: all.map(([kind, name, namespaced]) => ({ kind, name, namespaced, singularName: "", verbs: ["get"] })),
  });
  const found = (kind: string, name: string) => ({ apiVersion: "v1", kind, metadata: { name, labels: { a: "b" } } });
  const BODIES: Readonly<Record<string, object>> = {
    "/version": { major: "1", minor: "33", gitVersion: "v1.33.4+k3s1" },
    "/api/v1": resources(["Namespace", "namespaces", false], ["Secret", "secrets", true]),
    "/apis/storage.k8s.io/v1": resources(["StorageClass", "storageclasses", false]),
    "/apis/scheduling.k8s.io/v1": resources(["PriorityClass", "priorityclasses", false]),
    "/api/v1/namespaces/chat": found("Namespace", "chat"),
    "/api/v1/namespaces/chat/secrets/keys": { ...found("Secret", "keys"), data: { KEY: "dmFsdWU=" } },
    "/apis/storage.k8s.io/v1/storageclasses": {
      kind: "StorageClassList",
      apiVersion: "storage.k8s.io/v1",
      items: [{ metadata: { name: "fast", annotations: { default: "true" } } }],
    },
  };
  /** What is answered instead, by its path. */
  const STATUS: Readonly<Record<string, number>> = {
    "/api/v1/namespaces/chat/secrets/forbidden": 403,
    "/apis/scheduling.k8s.io/v1/priorityclasses": 403,
    "/apis/closed.example.com/v1": 403,
    "/apis/broken.example.com/v1": 503,
  };

  let server: Server;
  let address = "";
  let cluster: Cluster;
  const asked: string[] = [];
  beforeAll(async () => {
    [server, address] = await listening(
      createServer(({ url = "" }, response) => {
        const path = url.replace(/\/?(\?.*)?$/, "");
        asked.push(path);
        const body = BODIES[path];
        response.setHeader("content-type", "application/json");
        response.writeHead(body ? 200 : (STATUS[path] ?? 404)).end(JSON.stringify(body ?? { kind: "Status" }));
      }),
    );
    const connected = await connectCluster({ kubeconfig: kubeconfig({ test: address }) });
    if ("unreachable" in connected) throw new Error(connected.unreachable);
    cluster = connected;
  });
  afterAll(() => void server.close());

  it("is called by its context and its address, and has a version", () => {
    expect([cluster.title, cluster.version]).toEqual([`test at ${address}`, "v1.33.4+k3s1"]);
  });

  it("has objects", async () => {
    expect(await cluster.read("v1", "Namespace", "chat")).toMatchObject({
      metadata: { name: "chat", labels: { a: "b" } },
    });
    expect(await cluster.read("v1", "Secret", "keys", "chat")).toMatchObject({ data: { KEY: "dmFsdWU=" } });
    expect(await cluster.list("storage.k8s.io/v1", "StorageClass")).toMatchObject([
      { metadata: { name: "fast", annotations: { default: "true" } } },
    ]);
  });

  it("is asked for a list once, however many want it", async () => {
    const list = () => cluster.list("storage.k8s.io/v1", "StorageClass");
    expect(await Promise.all([list(), list()])).toEqual([await list(), await list()]);
    expect(asked.filter((path) => path.endsWith("/storageclasses"))).toHaveLength(1);
  });

  it("has none where it says so, and kinds that it does not know", async () => {
    expect([
      await cluster.read("v1", "Secret", "missing", "chat"),
      await cluster.read("v1", "Thing", "any"),
      await cluster.list("cert-manager.io/v1", "ClusterIssuer"),
      await cluster.list("storage.k8s.io/v1", "Thing"),
    ]).toEqual([null, null, null, null]);
  });

  it("does not say what we may not know", async () => {
    expect([
      await cluster.read("v1", "Secret", "forbidden", "chat"),
      await cluster.list("scheduling.k8s.io/v1", "PriorityClass"),
    ]).toEqual([undefined, undefined]);
  });

  it.each(["closed", "broken"])("does not say what is in a group that is %s", async (group) => {
    expect(await cluster.list(`${group}.example.com/v1`, "Thing")).toBeUndefined();
  });
});
