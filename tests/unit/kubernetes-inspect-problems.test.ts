import { describe, expect, it } from "vitest";
import { ClusterError, type ClusterObject } from "../../components/kubernetes/cluster.ts";
import { acme, BY_HTTP, called, controllers, GATEWAY, INGRESS, ISSUER, STORAGE } from "./helpers/inspected-classes.ts";
import { type Answers, inspect, K3S, problems, SERVICE_LB } from "./helpers/inspected-cluster.ts";
import { endpoints, namespace, OWN, SERVED_BY, SERVERS, secret, stranger } from "./helpers/inspected-objects.ts";
import { BY_GATEWAY, BY_SECRET, HOST, JOINED, RTMPS, TURN_TLS } from "./helpers/inspected-settings.ts";
import type { Change } from "./helpers/settings.ts";

/** Something of somebody's in a namespace. */
const inside = (namespace: string, name: string): ClusterObject => ({ metadata: { namespace, name } });

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
