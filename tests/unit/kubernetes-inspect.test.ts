import { describe, expect, it, vi } from "vitest";
import { ClusterError, type connectCluster, type Solver } from "../../components/kubernetes/cluster.ts";
import { inspectCluster } from "../../components/kubernetes/inspect.ts";
import {
  acme,
  BY_HTTP,
  called,
  controlled,
  controllers,
  GATEWAY,
  INGRESS,
  ISSUER,
  STORAGE,
} from "./helpers/inspected-classes.ts";
import { type Answers, clusterOf, inspect, K3S, problems, SERVICE_LB } from "./helpers/inspected-cluster.ts";
import { endpoints, namespace, OWN, ours, SERVED_BY, SERVERS, secret, stranger } from "./helpers/inspected-objects.ts";
import { BY_GATEWAY, BY_SECRET, HOST, JOINED, RTMPS, settings, TURN_TLS } from "./helpers/inspected-settings.ts";
import type { Change } from "./helpers/settings.ts";

describe("a cluster that fits", () => {
  it("is told by its title", async () => {
    expect(await inspect({})).toEqual({ title: "prod at https://192.0.2.1", warnings: [] });
  });

  it("is the one that the settings name", async () => {
    const connect = vi.fn<typeof connectCluster>(async () => clusterOf({}));
    const access = { kubeconfig: "/home/me/.kube/prod", context: "prod" };
    await inspectCluster(
      settings({ "platform:kubeconfig": access.kubeconfig, "platform:context": access.context }),
      [],
      connect,
    );
    expect(connect.mock.calls).toEqual([[access]]);
  });

  it("that does not answer is no problem of its own: the reason goes on", async () => {
    const unreachable = { unreachable: "prod at https://192.0.2.1 does not answer (ECONNREFUSED)" };
    expect(await inspectCluster(settings({}), [], async () => unreachable)).toBe(unreachable);
  });

  it("whose context is unknown is refused as it was", async () => {
    const error = new ClusterError(["platform:context"]);
    await expect(inspectCluster(settings({}), [], () => Promise.reject(error))).rejects.toBe(error);
  });
});

// What is wrong: kubernetes-inspect-problems.test.ts.
describe("nothing is wrong with", () => {
  const leftOver = SERVERS.flatMap(([name]) =>
    SERVED_BY.map((of) => [`${of} nself-chat/${name}`, ours(name)] as const),
  );

  it.each<[string, Change, Answers]>([
    [
      "what a stack before left, by its labels",
      {},
      { objects: { [OWN]: namespace(), ...Object.fromEntries(leftOver) } },
    ],
    ["a namespace to join, whoever made it", JOINED, { objects: { [OWN]: stranger("nself-chat") } }],
    ["a namespace that the stack shall make", {}, { objects: { [OWN]: null } }],
    [
      "objects of others beside ours",
      JOINED,
      { objects: { [OWN]: stranger("nself-chat"), "v1 Service nself-chat/web": stranger("web") } },
    ],
    [
      "objects of our names in another namespace",
      {},
      { objects: { "apps/v1 Deployment other/livekit": stranger("livekit") } },
    ],
    ["a host namespace that is not there", HOST, {}],
    ["a privileged one", HOST, { objects: { "v1 Namespace nself-chat-rtc": namespace("privileged") } }],
    ["one of ours without a level", HOST, { objects: { "v1 Namespace nself-chat-rtc": namespace() } }],
    ["a restricted one that nobody needs", {}, { objects: { "v1 Namespace nself-chat-rtc": namespace("restricted") } }],
    ["a class that is not the default", { "platform:storageClass": "slow" }, {}],
    ["a gateway class", BY_GATEWAY, { kinds: { [GATEWAY]: [called("envoy")], [INGRESS]: [] } }],
    [
      "a certificate",
      { ...BY_SECRET, ...JOINED },
      {
        objects: { [OWN]: namespace(), "v1 Secret nself-chat/wildcard": secret("tls.crt", "tls.key") },
        kinds: { [ISSUER]: null },
      },
    ],
    ["a priority class", { "platform:priorityClass": "system-node-critical" }, {}],
    [
      "Secrets with all their keys",
      {
        "platform:pullSecret": "registry",
        "search:existingSecret": "keys",
        "rtc:existingSecret": "keys",
        "streaming:existingSecret": "keys",
      },
      {
        objects: {
          "v1 Secret nself-chat/registry": secret(".dockerconfigjson"),
          "v1 Secret nself-chat/keys": secret(
            "MEILISEARCH_MASTER_KEY",
            "LIVEKIT_API_KEY",
            "LIVEKIT_API_SECRET",
            "RTMP_PUBLISH_KEY",
          ),
        },
      },
    ],
    [
      "the namespace of an ingress controller where traffic comes from no pod",
      { "platform:trafficFrom": '["130.211.0.0/22"]' },
      { objects: { "v1 Namespace traefik": null } },
    ],
    [
      "neighbours where nothing is on",
      { "search:enabled": "false", "rtc:enabled": "false", "streaming:enabled": "false" },
      { objects: { "v1 Namespace traefik": null, "v1 Service kube-system/kube-dns": null } },
    ],
    ["calls on k3s whose ServiceLB is switched off", {}, { version: K3S }],
    ["calls elsewhere, whatever has an account of that name", {}, { objects: SERVICE_LB }],
    ...[
      { "platform:externalTrafficPolicy": "cluster" },
      { "rtc:nodeAddress": "192.0.2.1" },
      { "rtc:enabled": "false" },
      HOST,
    ].map((change): [string, Change, Answers] => [
      `k3s with ${Object.entries(change).join()}`,
      change,
      { version: K3S, objects: SERVICE_LB },
    ]),
    ...(
      [
        ["of a Service whose pods have it", "redis://redis:6379", { "v1 Endpoints nself-chat/redis": endpoints(6379) }],
        ["of a Service without pods", "redis://redis:6380", { "v1 Endpoints nself-chat/redis": {} }],
        ["of a domain", "redis://example.com:6380", {}],
        ["of an address", "redis://192.0.2.1:6380", { "v1 Endpoints nself-chat/192": endpoints(6379) }],
      ] satisfies [string, string, Answers["objects"]][]
    ).map(([what, url, objects]): [string, Change, Answers] => [
      `a port ${what}`,
      { "rtc:redisUrl": url },
      { objects },
    ]),
    ...(
      [
        ["hosts behind the ingress controller", {}, [BY_HTTP]],
        ["its own load balancers by DNS", { ...RTMPS, ...TURN_TLS }, [BY_HTTP, { dns01: {} }]],
        [
          "TURN that needs no certificate",
          { "rtc:turnDomain": "turn.example.com", "rtc:turnUdpPort": "3478" },
          [BY_HTTP],
        ],
        [
          "what is switched off",
          { ...RTMPS, ...TURN_TLS, "streaming:enabled": "false", "rtc:enabled": "false" },
          [BY_HTTP],
        ],
      ] satisfies [string, Change, Solver[]][]
    ).map(([what, change, solvers]): [string, Change, Answers] => [
      `an issuer that proves ${what}`,
      change,
      { kinds: { [ISSUER]: [acme(...solvers)] } },
    ]),
    [
      "an issuer without ACME",
      { ...RTMPS, ...TURN_TLS },
      { kinds: { [ISSUER]: [controlled("letsencrypt-prod", {})] } },
    ],
    [
      "an issuer that proves the hosts of a Gateway by an Ingress of the same controller",
      BY_GATEWAY,
      {
        kinds: {
          ...controllers("traefik.io/gateway-controller", "traefik.io/ingress-controller"),
          [ISSUER]: [acme(BY_HTTP)],
        },
      },
    ],
    [
      "an issuer where nobody may know the controllers",
      BY_GATEWAY,
      { kinds: { [GATEWAY]: undefined, [ISSUER]: [acme(BY_HTTP)] } },
    ],
    [
      "storage where nothing is kept",
      { "search:enabled": "false", "streaming:enabled": "false" },
      { kinds: { [STORAGE]: [] } },
    ],
  ])("%s", async (_, change, answers) => {
    expect(await problems(change, answers)).toEqual([]);
  });

  it.each(SERVERS)("%s of somebody else where ours is switched off", async (name, key) => {
    const objects = Object.fromEntries(SERVED_BY.map((of) => [`${of} nself-chat/${name}`, stranger(name)]));
    expect(await problems({ [key]: "false" }, { objects })).toEqual([]);
  });

  it("a namespace that this stack made, whose labels somebody took away", async () => {
    const made = { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name: "nself-chat" } } };
    const answers = { objects: { [OWN]: stranger("nself-chat") } };
    expect(await inspect({}, answers, [made])).toEqual({ title: "prod at https://192.0.2.1", warnings: [] });
    const other = { type: "kubernetes:core/v1:Secret", outputs: { metadata: { name: "nself-chat" } } };
    await expect(inspect({}, answers, [other])).rejects.toBeInstanceOf(ClusterError);
  });

  it.each<[string, Change]>([
    ["the least", {}],
    ["all that can be asked for", { ...JOINED, ...BY_GATEWAY, ...BY_SECRET, ...HOST }],
    [
      "names of what is there",
      {
        "platform:storageClass": "ssd",
        "platform:trafficClass": "nginx",
        "platform:priorityClass": "high",
        "platform:pullSecret": "registry",
        "search:existingSecret": "keys",
        "rtc:existingSecret": "keys",
        "streaming:existingSecret": "keys",
      },
    ],
  ])("a cluster that says nothing: %s", async (_, change) => {
    const silent = { title: "prod", version: K3S, read: async () => undefined, list: async () => undefined };
    expect(await inspectCluster(settings(change), [], async () => silent)).toEqual({ title: "prod", warnings: [] });
  });
});

describe("LiveKit on its node's network", () => {
  const made = (type: string, namespace: string) => ({
    type: `kubernetes:apps/v1:${type}`,
    outputs: { metadata: { name: "livekit", namespace } },
  });

  it("does not follow on a StatefulSet that holds its ports", async () => {
    expect(await problems(HOST, {}, [made("StatefulSet", "nself-chat-rtc")])).toEqual([
      'rtc:media = "hostNetwork": an earlier version made LiveKit a StatefulSet, which holds the ports that its successor needs. Let it go first, which ends the calls: kubectl delete statefulset livekit --namespace nself-chat-rtc; npm run pulumi -- --stack prod refresh',
    ]);
  });

  it.each([
    ["itself", HOST, made("Deployment", "nself-chat-rtc")],
    ["one behind a load balancer", HOST, made("StatefulSet", "nself-chat")],
    ["one that goes behind a load balancer", {}, made("StatefulSet", "nself-chat-rtc")],
  ])("follows on %s", async (_, change, before) => {
    expect(await problems(change, {}, [before])).toEqual([]);
  });
});

describe("it is seen that", () => {
  it("the server in front of RTMP ingest is somebody else's", async () => {
    const objects = { "apps/v1 StatefulSet nself-chat/rtmp-gateway": stranger("rtmp-gateway") };
    expect(await problems({ "streaming:rtmps": "true" }, { objects })).toHaveLength(1);
  });

  it("LiveKit is somebody else's in the namespace of servers on their nodes' networks", async () => {
    const objects = { "apps/v1 Deployment nself-chat-rtc/livekit": stranger("livekit") };
    expect(await problems(HOST, { objects })).toHaveLength(1);
  });

  it("that namespace itself is somebody else's, and would become privileged", async () => {
    const objects = { "v1 Namespace nself-chat-rtc": stranger("nself-chat-rtc") };
    expect(await problems(HOST, { objects })).toHaveLength(1);
  });

  it("the namespace that this stack made is another", async () => {
    const before = { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name: "nself-chat" } } };
    const objects = { "v1 Namespace shop": stranger("shop") };
    await expect(inspect({ "platform:namespace": "shop" }, { objects }, [before])).rejects.toBeInstanceOf(ClusterError);
  });

  it("LiveKit's Ingress has no certificate in the namespace where it is", async () => {
    const objects = { [OWN]: namespace(), "v1 Secret nself-chat/wildcard": secret("tls.crt", "tls.key") };
    expect(await problems({ ...BY_SECRET, ...JOINED, ...HOST }, { objects })).toHaveLength(1);
  });
});
