import { describe, expect, it, vi } from "vitest";
import {
  type Cluster,
  ClusterError,
  type ClusterObject,
  type connectCluster,
  type Solver,
} from "../../components/kubernetes/cluster.ts";
import { inspectCluster } from "../../components/kubernetes/inspect.ts";
import type { PreviousResource } from "../../components/previous.ts";
import { readSettings } from "../../components/settings.ts";

type Change = Readonly<Record<string, string | undefined>>;

const SECRETS = ["search:backupSecretAccessKey", "search:embedderKey"];

function settings(change: Change) {
  const all = {
    "platform:kind": "kubernetes",
    "platform:domain": "chat.example.com",
    "platform:tlsIssuer": "letsencrypt-prod",
    "frontend:origins": '["https://chat.example.com"]',
    "streaming:image": "example/nginx-rtmp:1.2.3",
    "streaming:publish": "key",
    ...change,
  };
  const values = Object.entries<string | undefined>(all).flatMap(([key, text]) =>
    text === undefined ? [] : [[key, text] as const],
  );
  return readSettings({
    values: Object.fromEntries(values),
    isSecret: (key) => SECRETS.includes(key),
  });
}

/**
 * What a cluster answers: `v1 Secret chat/keys` is an object, `storage.k8s.io/v1 StorageClass` are all of a kind. Null is
 * none, and undefined no answer.
 */
interface Answers {
  readonly objects?: Readonly<Record<string, ClusterObject | null | undefined>>;
  readonly kinds?: Readonly<Record<string, readonly ClusterObject[] | null | undefined>>;
  readonly version?: string;
}

const called = (name: string, annotations: Record<string, string> = {}): ClusterObject => ({
  metadata: { name, annotations },
});
const STORAGE = "storage.k8s.io/v1 StorageClass";
const INGRESS = "networking.k8s.io/v1 IngressClass";
const GATEWAY = "gateway.networking.k8s.io/v1 GatewayClass";
const ISSUER = "cert-manager.io/v1 ClusterIssuer";
const PRIORITY = "scheduling.k8s.io/v1 PriorityClass";

/** An empty cluster with all that the least settings ask for. */
const OBJECTS: NonNullable<Answers["objects"]> = {
  "v1 Namespace traefik": called("traefik"),
  "v1 Service kube-system/kube-dns": called("kube-dns"),
};
const KINDS: NonNullable<Answers["kinds"]> = {
  [STORAGE]: [called("slow"), called("fast", { "storageclass.kubernetes.io/is-default-class": "true" })],
  [INGRESS]: [called("traefik", { "ingressclass.kubernetes.io/is-default-class": "true" })],
  [GATEWAY]: null,
  [ISSUER]: [called("letsencrypt-prod")],
  [PRIORITY]: [called("system-node-critical")],
};

function clusterOf({ objects = {}, kinds = {}, version = "v1.34.4" }: Answers) {
  const all: Answers["kinds"] = { ...KINDS, ...kinds };
  const there: Answers["objects"] = { ...OBJECTS, ...objects };
  const read = vi.fn<Cluster["read"]>(async (apiVersion, kind, name, namespace) => {
    const key = `${apiVersion} ${kind} ${namespace ? `${namespace}/` : ""}${name}`;
    return key in there ? there[key] : null;
  });
  const list = vi.fn<Cluster["list"]>(async (apiVersion, kind) => all[`${apiVersion} ${kind}`]);
  return { title: "prod at https://192.0.2.1", version, read, list };
}

function inspect(change: Change, answers: Answers = {}, previous: readonly PreviousResource[] = []) {
  return inspectCluster(settings(change), previous, async () => clusterOf(answers));
}

/** The problems that are found, each as its whole sentence; of a cluster without any the warnings. */
async function problems(
  change: Change,
  answers: Answers = {},
  previous: readonly PreviousResource[] = [],
): Promise<readonly string[]> {
  try {
    const inspection = await inspect(change, answers, previous);
    return "warnings" in inspection ? inspection.warnings : [inspection.unreachable];
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const [head, ...lines] = error.message.split("\n");
    expect(head).toBe("The cluster cannot take the stack as it is:");
    return lines.map((line) => line.replace(/^ {2}- /, ""));
  }
}

const OURS = { "app.kubernetes.io/part-of": "nself", "app.kubernetes.io/managed-by": "pulumi" };
const ours = (name: string): ClusterObject => ({
  metadata: { name, labels: { ...OURS, "any.example.com/other": "1" } },
});
const stranger = (name: string): ClusterObject => ({
  metadata: { name, labels: { "app.kubernetes.io/managed-by": "Helm" } },
});
const namespace = (level?: string): ClusterObject => ({
  metadata: { labels: { ...OURS, ...(level ? { "pod-security.kubernetes.io/enforce": level } : {}) } },
});
const secret = (...keys: string[]): ClusterObject => ({
  data: Object.fromEntries(keys.map((key) => [key, "dmFsdWU="])),
});

/** Something of somebody's in a namespace. */
const inside = (namespace: string, name: string): ClusterObject => ({ metadata: { namespace, name } });

const OWN = "v1 Namespace nself-chat";
const HOST = { "rtc:media": "hostNetwork" };
const BY_GATEWAY = { "platform:traffic": "gateway", "platform:trafficClass": "envoy" };
const K3S = "v1.34.4+k3s1";
const SERVICE_LB = { "v1 ServiceAccount kube-system/svclb": called("svclb") };
/** A Service's pods, by where they listen. */
const endpoints = (...ports: number[]): ClusterObject => ({ subsets: [{ ports: ports.map((port) => ({ port })) }] });
/** An issuer of Let's Encrypt's kind. */
const acme = (...solvers: Solver[]): ClusterObject => ({
  metadata: { name: "letsencrypt-prod" },
  spec: { acme: { solvers } },
});
const BY_HTTP: Solver = { http01: { ingress: {} } };
const RTMPS = { "streaming:rtmps": "true" };
const TURN_TLS = { "rtc:turnDomain": "turn.example.com", "rtc:turnTlsPort": "5349" };
const controlled = (name: string, spec: NonNullable<ClusterObject["spec"]>): ClusterObject => ({
  metadata: { name },
  spec,
});
/** A controller of Gateways and one of Ingresses. */
const controllers = (gateway: string, ingress: string) => ({
  [GATEWAY]: [controlled("envoy", { controllerName: gateway })],
  [INGRESS]: [
    { ...called("other", { "ingressclass.kubernetes.io/is-default-class": "true" }), spec: { controller: ingress } },
  ],
});
/** Asks a service of the cluster for vectors. */
const EMBEDDER = {
  "search:embedders":
    '{"meaning":{"source":"openAi","model":"text-embedding-3-small","url":"http://vectors.ai.svc/v1/embeddings"}}',
  "search:embedderKey": "k".repeat(32),
  "search:embedderNetworks": '["10.0.0.0/8"]',
};
const BACKUP = {
  "search:backupEvery": "24",
  "search:backupBucket": "backups",
  "search:backupAccessKeyId": "access-key-id",
  "search:backupSecretAccessKey": "s".repeat(32),
};
const BY_SECRET = { "platform:tlsIssuer": undefined, "platform:tlsSecret": "wildcard" };
const JOINED = { "platform:createNamespace": "false" };
/** What our servers are, and how each is switched off. */
const SERVERS = [
  ["meilisearch", "search:enabled"],
  ["livekit", "rtc:enabled"],
  ["rtmp", "streaming:enabled"],
  ["rtmp-edge", "streaming:enabled"],
] as const;
const SERVED_BY = ["v1 Service", "apps/v1 StatefulSet", "apps/v1 Deployment"] as const;

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

describe("a problem", () => {
  const noClass = (key: string, offer: string) => `${key} is missing, and the cluster has no default one. ${offer}`;

  it.each<[string, Change, Answers, readonly string[]]>([
    [
      "a namespace to join that is not there",
      JOINED,
      {},
      [
        'platform:namespace = "nself-chat" does not exist. Make it (kubectl create namespace nself-chat), or let the stack do it: pulumi config set platform:createNamespace true',
      ],
    ],
    [
      "a namespace of somebody else",
      { "platform:namespace": "chat" },
      { objects: { "v1 Namespace chat": stranger("chat") } },
      [
        'platform:namespace = "chat" exists, and this stack did not make it. Join it: pulumi config set platform:createNamespace false. Or choose another: pulumi config set platform:namespace NAME',
      ],
    ],
    [
      "a namespace that has one of our labels, and not the other",
      {},
      { objects: { [OWN]: { metadata: { labels: { "app.kubernetes.io/part-of": "nself" } } } } },
      [
        'platform:namespace = "nself-chat" exists, and this stack did not make it. Join it: pulumi config set platform:createNamespace false. Or choose another: pulumi config set platform:namespace NAME',
      ],
    ],
    ...["restricted", "baseline"].map((level): [string, Change, Answers, string[]] => [
      `a ${level} namespace for servers on their nodes' networks`,
      HOST,
      { objects: { "v1 Namespace nself-chat-rtc": namespace(level) } },
      [
        `rtc:hostNamespace = "nself-chat-rtc" enforces the Pod Security Standard ${level}, which refuses pods on their node's network. Choose another: pulumi config set rtc:hostNamespace NAME`,
      ],
    ]),
    [
      "a restricted one of the operator's choice",
      { ...HOST, "rtc:hostNamespace": "calls" },
      { objects: { "v1 Namespace calls": namespace("restricted") } },
      [
        'rtc:hostNamespace = "calls" enforces the Pod Security Standard restricted, which refuses pods on their node\'s network. Choose another: pulumi config set rtc:hostNamespace NAME',
      ],
    ],
    [
      "an unknown storage class",
      { "platform:storageClass": "ssd" },
      {},
      [
        'platform:storageClass = "ssd" does not exist. The cluster has fast, slow. Set it: pulumi config set platform:storageClass fast',
      ],
    ],
    [
      "no default storage class",
      {},
      { kinds: { [STORAGE]: [called("b"), called("a", { "storageclass.kubernetes.io/is-default-class": "false" })] } },
      [noClass("platform:storageClass", "The cluster has a, b. Set it: pulumi config set platform:storageClass a")],
    ],
    [
      "no storage class at all",
      {},
      { kinds: { [STORAGE]: [] } },
      [noClass("platform:storageClass", "The cluster has none. Set it: pulumi config set platform:storageClass NAME")],
    ],
    [
      "an unknown ingress class",
      { "platform:trafficClass": "nginx" },
      {},
      [
        'platform:trafficClass = "nginx" does not exist. The cluster has traefik. Set it: pulumi config set platform:trafficClass traefik',
      ],
    ],
    [
      "no default ingress class",
      {},
      { kinds: { [INGRESS]: [called("nginx")] } },
      [
        noClass(
          "platform:trafficClass",
          "The cluster has nginx. Set it: pulumi config set platform:trafficClass nginx",
        ),
      ],
    ],
    [
      "the default of another kind",
      {},
      { kinds: { [INGRESS]: [called("nginx", { "storageclass.kubernetes.io/is-default-class": "true" })] } },
      [
        noClass(
          "platform:trafficClass",
          "The cluster has nginx. Set it: pulumi config set platform:trafficClass nginx",
        ),
      ],
    ],
    [
      "no Gateway API",
      BY_GATEWAY,
      {},
      [
        'platform:traffic = "gateway" needs the Gateway API, which the cluster does not have. Install its CRDs and a controller, or use Ingress: pulumi config set platform:traffic ingress',
      ],
    ],
    [
      "an unknown gateway class",
      BY_GATEWAY,
      { kinds: { [GATEWAY]: [called("traefik"), called("cilium")] } },
      [
        'platform:trafficClass = "envoy" does not exist. The cluster has cilium, traefik. Set it: pulumi config set platform:trafficClass cilium',
      ],
    ],
    [
      "no cert-manager",
      {},
      { kinds: { [ISSUER]: null } },
      [
        'platform:tlsIssuer = "letsencrypt-prod" needs cert-manager, which the cluster does not have. Install it, or bring a certificate: pulumi config rm platform:tlsIssuer; pulumi config set platform:tlsSecret NAME',
      ],
    ],
    [
      "an unknown issuer",
      {},
      { kinds: { [ISSUER]: [called("staging")] } },
      [
        'platform:tlsIssuer = "letsencrypt-prod" does not exist. The cluster has staging. Set it: pulumi config set platform:tlsIssuer staging',
      ],
    ],
    [
      "no certificate in a namespace that is there",
      { ...BY_SECRET, ...JOINED },
      { objects: { [OWN]: stranger("nself-chat") } },
      [
        'platform:tlsSecret = "wildcard" does not exist in the namespace nself-chat. Make it: kubectl create secret tls wildcard --namespace nself-chat --cert FILE --key FILE',
      ],
    ],
    [
      "no certificate in a namespace that this stack left",
      BY_SECRET,
      { objects: { [OWN]: namespace() } },
      [
        'platform:tlsSecret = "wildcard" does not exist in the namespace nself-chat. Make it: kubectl create secret tls wildcard --namespace nself-chat --cert FILE --key FILE',
      ],
    ],
    [
      "no certificate, and no namespace to put it into",
      BY_SECRET,
      {},
      [
        'platform:tlsSecret = "wildcard" does not exist in the namespace nself-chat. Make it: kubectl create namespace nself-chat; pulumi config set platform:createNamespace false; kubectl create secret tls wildcard --namespace nself-chat --cert FILE --key FILE',
      ],
    ],
    ...[[], ["tls.crt"], ["tls.key"]].map((keys): [string, Change, Answers, string[]] => [
      `a certificate with ${keys.join("") || "nothing"} alone`,
      { ...BY_SECRET, ...JOINED },
      { objects: { [OWN]: namespace(), "v1 Secret nself-chat/wildcard": secret(...keys) } },
      [
        'platform:tlsSecret = "wildcard" has no tls.crt and tls.key. Make it anew: kubectl create secret tls wildcard --namespace nself-chat --cert FILE --key FILE',
      ],
    ]),
    [
      "an unknown priority class",
      { "platform:priorityClass": "high" },
      {},
      [
        'platform:priorityClass = "high" does not exist. The cluster has system-node-critical. Set it: pulumi config set platform:priorityClass system-node-critical',
      ],
    ],
    ...["platform:pullSecret", "search:existingSecret", "rtc:existingSecret", "streaming:existingSecret"].map(
      (key): [string, Change, Answers, string[]] => [
        `${key} that is not there`,
        { [key]: "kept", "platform:namespace": "chat" },
        {},
        [`${key} = "kept" does not exist in the namespace chat. Make it there`],
      ],
    ),
    ...(
      [
        ["platform:pullSecret", [], ".dockerconfigjson"],
        ["search:existingSecret", ["LIVEKIT_API_KEY"], "MEILISEARCH_MASTER_KEY"],
        ["rtc:existingSecret", ["LIVEKIT_API_KEY"], "LIVEKIT_API_SECRET"],
        ["rtc:existingSecret", ["LIVEKIT_API_SECRET"], "LIVEKIT_API_KEY"],
        ["rtc:existingSecret", [], "LIVEKIT_API_KEY and no LIVEKIT_API_SECRET"],
        ["streaming:existingSecret", [], "RTMP_PUBLISH_KEY"],
      ] satisfies [string, string[], string][]
    ).map(([key, keys, missing]): [string, Change, Answers, string[]] => [
      `${key} without ${missing}`,
      { [key]: "kept" },
      { objects: { "v1 Secret nself-chat/kept": secret(...keys) } },
      [`${key} = "kept" has no ${missing}. Add it to the Secret`],
    ]),
    ...SERVERS.flatMap(([name, key]) =>
      SERVED_BY.map((of): [string, Change, Answers, string[]] => [
        `a ${of} ${name} of somebody else`,
        JOINED,
        { objects: { [OWN]: stranger("nself-chat"), [`${of} nself-chat/${name}`]: stranger(name) } },
        [
          `A ${of.split(" ")[1]} ${name} exists in the namespace nself-chat that this program did not make. Choose another namespace (pulumi config set platform:namespace NAME), or switch our service off (pulumi config set ${key} false)`,
        ],
      ]),
    ),
    [
      "no namespace of an ingress controller, and none to be seen",
      {},
      { objects: { "v1 Namespace traefik": null } },
      [
        `platform:trafficNamespace = "traefik" does not exist, and browsers are let in from there alone. Look for its pods (kubectl get pods --all-namespaces | grep -i -E "traefik|nginx"), and set it: pulumi config set platform:trafficNamespace NAME. Where traffic comes from no pod, name its networks: pulumi config set platform:trafficFrom '["10.0.0.0/8"]'`,
      ],
    ],
    [
      "no namespace of an ingress controller, and some that may be one",
      { "platform:trafficNamespace": "ingress" },
      {
        kinds: {
          "apps/v1 Deployment": [
            inside("ingress-nginx", "ingress-nginx-controller"),
            inside("kube-system", "traefik"),
            inside("shop", "web"),
          ],
          "apps/v1 DaemonSet": [inside("kube-system", "svclb-traefik-1f2e3d4c"), inside("kube-system", "kube-proxy")],
        },
      },
      [
        `platform:trafficNamespace = "ingress" does not exist, and browsers are let in from there alone. An ingress controller seems to be in ingress-nginx or kube-system. Set it: pulumi config set platform:trafficNamespace ingress-nginx. Where traffic comes from no pod, name its networks: pulumi config set platform:trafficFrom '["10.0.0.0/8"]'`,
      ],
    ],
    [
      "no name service, and none to be seen",
      { "platform:dnsService": "coredns.dns" },
      {},
      [
        'platform:dnsService = "coredns.dns" does not exist. Look for it (kubectl get services --all-namespaces | grep 53/UDP), and set it: pulumi config set platform:dnsService NAME.NAMESPACE',
      ],
    ],
    [
      "a name service of another name",
      {},
      {
        objects: { "v1 Service kube-system/kube-dns": null },
        kinds: {
          "v1 Service": [
            { ...inside("shop", "web"), spec: { ports: [{ port: 80 }] } },
            { ...inside("openshift-dns", "dns-default"), spec: { ports: [{ port: 9154 }, { port: 53 }] } },
            inside("data", "headless"),
          ],
        },
      },
      [
        'platform:dnsService = "kube-dns.kube-system" does not exist. The cluster has dns-default.openshift-dns. Set it: pulumi config set platform:dnsService dns-default.openshift-dns',
      ],
    ],
    [
      "an address of calls that k3s gives when they have one",
      {},
      { version: K3S, objects: SERVICE_LB },
      [
        'platform:externalTrafficPolicy = "local" cannot work for calls on k3s: its ServiceLB gives an address to servers that are ready, and LiveKit is ready when it knows its address. Have any node take the traffic: pulumi config set platform:externalTrafficPolicy cluster. Or name the address that clients reach: pulumi config set rtc:nodeAddress ADDRESS',
      ],
    ],
    ...(
      [
        [{ "rtc:redisUrl": "redis://redis:6380" }, "rtc:redisUrl", "redis", "nself-chat", 6380],
        [EMBEDDER, "search:embedders", "vectors", "ai", 80],
        [{ "rtc:redisUrl": "redis://redis:6380", ...HOST }, "rtc:redisUrl", "redis", "nself-chat-rtc", 6380],
        [
          { ...BACKUP, "search:backupEndpoint": "http://minio.storage" },
          "search:backupEndpoint",
          "minio",
          "storage",
          80,
        ],
        [
          { ...BACKUP, "search:backupEndpoint": "https://minio.storage.svc.cluster.local" },
          "search:backupEndpoint",
          "minio",
          "storage",
          443,
        ],
      ] satisfies [Change, string, string, string, number][]
    ).map(([change, key, service, where, port]): [string, Change, Answers, string[]] => [
      `${key} at a port that the pods of ${service} in ${where} do not have`,
      change,
      { objects: { [`v1 Endpoints ${where}/${service}`]: endpoints(9000, 9001) } },
      [
        `${key} names port ${port} of the Service ${service} in ${where}, whose pods listen at 9000 and 9001: a network policy sees their port, and ours would let nothing through. Name a Service that has the same port as its pods`,
      ],
    ]),
    ...(
      [
        ["RTMPS", RTMPS, "ingest.chat.example.com (streaming:rtmps)"],
        [
          "RTMPS and TURN",
          { ...RTMPS, ...TURN_TLS, "streaming:ingestHost": "publish.example.com" },
          "publish.example.com (streaming:rtmps) and turn.example.com (rtc:turnDomain)",
        ],
        ["a Gateway of its own address", BY_GATEWAY, "*.chat.example.com (platform:traffic = gateway)"],
      ] satisfies [string, Change, string][]
    ).map(([what, change, hosts]): [string, Change, Answers, string[]] => [
      `an issuer that cannot prove the host of ${what}`,
      change,
      {
        kinds: {
          ...controllers("gateway.envoyproxy.io/controller", "k8s.io/ingress-nginx"),
          [ISSUER]: [acme(BY_HTTP)],
        },
      },
      [
        `platform:tlsIssuer = "letsencrypt-prod" proves hosts by HTTP-01 alone, at their port 80, where nobody of ours answers for ${hosts}. Unless the ingress controller does, name an issuer with a DNS-01 solver: pulumi config set platform:tlsIssuer NAME. Or bring a certificate: pulumi config rm platform:tlsIssuer; pulumi config set platform:tlsSecret NAME`,
      ],
    ]),
    [
      "an issuer that asks a Gateway's port 80",
      BY_GATEWAY,
      {
        kinds: {
          ...controllers("traefik.io/gateway-controller", "traefik.io/ingress-controller"),
          [ISSUER]: [acme({ http01: {} })],
        },
      },
      [
        'platform:tlsIssuer = "letsencrypt-prod" proves hosts by HTTP-01 alone, at their port 80, where nobody of ours answers for *.chat.example.com (platform:traffic = gateway). Unless the ingress controller does, name an issuer with a DNS-01 solver: pulumi config set platform:tlsIssuer NAME. Or bring a certificate: pulumi config rm platform:tlsIssuer; pulumi config set platform:tlsSecret NAME',
      ],
    ],
  ])("%s", async (_, change, answers, sentences) => {
    expect(await problems(change, answers)).toEqual(sentences);
  });

  it("comes with all others, in one error", async () => {
    const error = inspect(
      {
        ...JOINED,
        ...HOST,
        "platform:storageClass": "ssd",
        "platform:priorityClass": "high",
        "search:existingSecret": "keys",
      },
      {
        objects: {
          "apps/v1 Deployment nself-chat/rtmp": stranger("rtmp"),
          "v1 Namespace nself-chat-rtc": namespace("baseline"),
        },
        kinds: { [INGRESS]: [], [ISSUER]: null },
      },
    );
    await expect(error).rejects.toBeInstanceOf(ClusterError);
    await expect(error).rejects.toThrow(
      new ClusterError([
        'platform:namespace = "nself-chat" does not exist. Make it (kubectl create namespace nself-chat), or let the stack do it: pulumi config set platform:createNamespace true',
        "A Deployment rtmp exists in the namespace nself-chat that this program did not make. Choose another namespace (pulumi config set platform:namespace NAME), or switch our service off (pulumi config set streaming:enabled false)",
        'rtc:hostNamespace = "nself-chat-rtc" enforces the Pod Security Standard baseline, which refuses pods on their node\'s network. Choose another: pulumi config set rtc:hostNamespace NAME',
        'platform:storageClass = "ssd" does not exist. The cluster has fast, slow. Set it: pulumi config set platform:storageClass fast',
        "platform:trafficClass is missing, and the cluster has no default one. The cluster has none. Set it: pulumi config set platform:trafficClass NAME",
        'platform:tlsIssuer = "letsencrypt-prod" needs cert-manager, which the cluster does not have. Install it, or bring a certificate: pulumi config rm platform:tlsIssuer; pulumi config set platform:tlsSecret NAME',
        'platform:priorityClass = "high" does not exist. The cluster has system-node-critical. Set it: pulumi config set platform:priorityClass system-node-critical',
        'search:existingSecret = "keys" does not exist in the namespace nself-chat. Make it there',
      ]),
    );
  });
});

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
