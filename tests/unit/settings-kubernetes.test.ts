import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readSettings, type Settings, SettingsError, schema } from "../../components/settings.ts";
import { plainSettings, readStackFile } from "../../scripts/lib/stack-file.ts";
import { type Change, changed, LEAST, problemsOf, read as readValues } from "./helpers/settings.ts";

const SECRETS = [
  "search:masterKey",
  "rtc:apiKey",
  "rtc:apiSecret",
  "rtc:redisPassword",
  "rtc:turnSecret",
  "streaming:publishKey",
];
const HOST = { "rtc:media": "hostNetwork" };
const TURN_UDP = { "rtc:turnDomain": "turn.example.com", "rtc:turnUdpPort": "3478" };
const TURN_TLS = { "rtc:turnDomain": "turn.example.com", "rtc:turnTlsPort": "5349" };
const MEDIA_TWICE = "rtc:turnUdpPort and rtc:mediaPorts";

/** The least settings with the changes on top. */
const read = (change: Change = {}): Settings => readValues(changed(LEAST, change), SECRETS);
const problems = (change: Change = {}) => problemsOf(() => read(change));

function value(settings: Settings, key: string): unknown {
  const [namespace = "", name = ""] = key.split(":");
  return (settings as unknown as Record<string, Record<string, unknown>>)[namespace]?.[name];
}

/** `namespace:key` of the settings that only this platform has. */
const only = (platform: "docker" | "kubernetes") =>
  Object.entries(schema).flatMap(([namespace, keys]) =>
    Object.entries(keys as Record<string, readonly unknown[]>)
      .filter(([, entry]) => entry[2] === platform)
      .map(([key]) => `${namespace}:${key}`),
  );

/** A text that keeps the setting's own rule. */
function accepted(key: string): string {
  const [namespace = "", name = ""] = key.split(":");
  const kinds = schema as unknown as Record<string, Record<string, readonly [{ readonly fallback?: string }]>>;
  const texts = ["name", "a.example.com", "https://a.example.com"];
  const keepsRule = (text: string) => problems({ [key]: text }).every((problem) => !problem.includes(" must be "));
  return kinds[namespace]?.[name]?.[0].fallback ?? texts.find(keepsRule) ?? "";
}

describe("defaults", () => {
  it("of what only Kubernetes has", () => {
    const settings = read({ "platform:domain": "chat.example.com" });
    const found = Object.fromEntries(only("kubernetes").map((key) => [key, value(settings, key)]));
    expect(found).toEqual({
      "platform:domain": "chat.example.com",
      "platform:kubeconfig": undefined,
      "platform:context": undefined,
      "platform:namespace": "nself-chat",
      "platform:createNamespace": true,
      "platform:protect": false,
      "platform:retainData": true,
      "platform:storageClass": undefined,
      "platform:traffic": "ingress",
      "platform:trafficClass": undefined,
      "platform:trafficNamespace": "traefik",
      "platform:trafficFrom": [],
      "platform:trafficAnnotations": {},
      "platform:externalTrafficPolicy": "local",
      "platform:tlsIssuer": "letsencrypt-prod",
      "platform:tlsSecret": undefined,
      "platform:monitoringNamespace": "monitoring",
      "platform:priorityClass": undefined,
      "platform:pullSecret": undefined,
      "platform:dnsService": "kube-dns.kube-system",
      "platform:dnsAddresses": ["169.254.20.10"],
      "platform:clusterDomain": "cluster.local",
      "frontend:podLabels": { "app.kubernetes.io/name": "nself-chat", "app.kubernetes.io/component": "frontend" },
      "frontend:egressPolicy": false,
      "search:replicas": 1,
      "search:storage": 20,
      "search:existingSecret": undefined,
      "rtc:media": "loadBalancer",
      "rtc:hostNamespace": undefined,
      "rtc:mediaAnnotations": {},
      "rtc:useStun": false,
      "rtc:replicas": 1,
      "rtc:turnRelayTo": [],
      "rtc:existingSecret": undefined,
      "streaming:existingSecret": undefined,
      "streaming:ingestHost": undefined,
      "streaming:ingestFrom": ["0.0.0.0/0"],
      "streaming:ingestAnnotations": {},
      "streaming:rtmps": false,
      "streaming:rtmpsPort": 443,
      "streaming:recordings": 50,
      "streaming:scratch": 2,
      "streaming:proxyImage": "nginx:1.28.0",
      "streaming:edgeReplicas": 2,
      "streaming:edgeMaxReplicas": 10,
      "streaming:edgeMemory": 256,
      "streaming:edgeCpus": "0.5",
      "streaming:cdnUrl": undefined,
    });
  });

  it("are what Pulumi.prod.yaml leaves them, and it is accepted as it is", () => {
    const values = plainSettings(readStackFile(readFileSync("Pulumi.prod.yaml", "utf8")));
    const settings = readSettings({ values, isSecret: () => false });
    expect(settings.platform).toMatchObject({ kind: "kubernetes", domain: "chat.example.com", protect: true });
    expect(settings.search).toMatchObject({ backupEvery: 24, backupKind: "dump", backupKeep: 14, startup: 1800 });
  });
});

describe("the platform of a setting", () => {
  it.each(only("docker"))("%s is Docker's alone", (key) => {
    expect(problems({ [key]: accepted(key) })).toEqual([
      `${key} is a setting of platform:kind = docker, and this stack's is kubernetes. Remove it: pulumi config rm ${key}`,
    ]);
  });

  it.each(only("kubernetes"))("%s is the cluster's alone", (key) => {
    const refused = () => readSettings({ values: { [key]: accepted(key) }, isSecret: () => false });
    expect(refused).toThrow(
      new SettingsError([
        `${key} is a setting of platform:kind = kubernetes, and this stack's is docker. Remove it: pulumi config rm ${key}`,
      ]),
    );
  });
});

describe("values", () => {
  it.each<[string, string, unknown, Record<string, string>?]>([
    ["platform:tlsIssuer", "letsencrypt.prod-1", "letsencrypt.prod-1"],
    ["platform:namespace", "a", "a"],
    ["platform:namespace", "a".repeat(63), "a".repeat(63)],
    ["platform:trafficAnnotations", '{"a.io/b":"c"}', { "a.io/b": "c" }],
    ["frontend:podLabels", '{"app":"chat"}', { app: "chat" }],
    ["streaming:ingestFrom", '["203.0.113.0/24","10.0.0.1/32"]', ["203.0.113.0/24", "10.0.0.1/32"]],
    ["rtc:turnRelayTo", "[]", []],
    ["streaming:cdnUrl", "https://cdn.example.com/base", "https://cdn.example.com/base"],
    ["streaming:ingestHost", "publish.example.com", "publish.example.com"],
    ["rtc:redisUrl", "redis://redis", { host: "redis", port: 6379, database: 0, secure: false }],
    [
      "rtc:redisUrl",
      "rediss://user@redis.example.com:6380/3",
      { host: "redis.example.com", port: 6380, database: 3, username: "user", secure: true },
    ],
    [
      "rtc:redisUrl",
      "redis://a%40b@redis/",
      { host: "redis", port: 6379, database: 0, username: "a@b", secure: false },
    ],
    ["rtc:mediaPorts", "50000-50100", { first: 50_000, last: 50_100 }, HOST],
    ["platform:dnsService", "coredns.kube-system", "coredns.kube-system"],
    ["platform:dnsAddresses", '["169.254.169.254","10.96.0.10"]', ["169.254.169.254", "10.96.0.10"]],
    ["platform:dnsAddresses", "[]", []],
    ["platform:trafficFrom", '["130.211.0.0/22"]', ["130.211.0.0/22"]],
    ["platform:externalTrafficPolicy", "cluster", "cluster"],
    ["rtc:hostNamespace", "calls", "calls", HOST],
  ])("%s takes %s", (key, text, expected, others = {}) => {
    expect(value(read({ [key]: text, ...others }), key)).toEqual(expected);
  });

  const OBJECT = "must be the name of a Kubernetes object: lower-case letters, digits, dashes and dots";
  const LABEL = "must be a Kubernetes name such as nself-chat: 1 to 63 lower-case letters, digits and dashes";
  const SERVICE =
    "must be a Service and its namespace, such as kube-dns.kube-system. The default is kube-dns.kube-system";
  const DOMAIN = "must be a domain such as chat.example.com";
  const REDIS =
    "must be redis://[user@]host[:port][/database], or rediss:// with TLS; the password goes into rtc:redisPassword. Remove it: pulumi config rm rtc:redisUrl";
  const CIDRS = 'must be a list of IPv4 networks such as ["203.0.113.0/24"]. The default is ["0.0.0.0/0"]';
  const ADDRESSES = 'must be a list of IPv4 addresses such as ["169.254.20.10"]. The default is ["169.254.20.10"]';
  const TEXTS = 'must be an object of texts such as {"app.kubernetes.io/name":"nself-chat"}. The default is {}';
  const CDN =
    "must be an https URL without a trailing slash, such as https://cdn.example.com. Remove it: pulumi config rm streaming:cdnUrl";

  it.each([
    ["platform:domain", "localhost", `${DOMAIN}. Remove it: pulumi config rm platform:domain`],
    ["platform:domain", "192.0.2.1", `${DOMAIN}. Remove it: pulumi config rm platform:domain`],
    ["platform:domain", "https://chat.example.com", `${DOMAIN}. Remove it: pulumi config rm platform:domain`],
    ["streaming:ingestHost", "ingest", `${DOMAIN}. Remove it: pulumi config rm streaming:ingestHost`],
    ["platform:namespace", "My_Namespace", `${LABEL}. The default is nself-chat`],
    ["platform:namespace", "a.b", `${LABEL}. The default is nself-chat`],
    ["platform:namespace", "a".repeat(64), `${LABEL}. The default is nself-chat`],
    ["platform:trafficNamespace", "-a", `${LABEL}. The default is traefik`],
    ["rtc:hostNamespace", "calls.example", `${LABEL}. Remove it: pulumi config rm rtc:hostNamespace`],
    ["rtc:hostNamespace", "a".repeat(64), `${LABEL}. Remove it: pulumi config rm rtc:hostNamespace`],
    ["platform:dnsService", "kube-dns", SERVICE],
    ["platform:dnsService", "kube-dns.", SERVICE],
    ["platform:dnsService", "Kube-DNS.kube-system", SERVICE],
    ["platform:dnsService", "kube-dns.kube-system.svc", SERVICE],
    ["platform:storageClass", "Fast", `${OBJECT}. Remove it: pulumi config rm platform:storageClass`],
    ["platform:kubeconfig", "", "must be a path of a kubeconfig file. Remove it: pulumi config rm platform:kubeconfig"],
    ["platform:context", "", "must be a context of the kubeconfig. Remove it: pulumi config rm platform:context"],
    ["platform:traffic", "nginx", "must be one of ingress, gateway. The default is ingress"],
    ["platform:trafficAnnotations", '{"a":1}', TEXTS],
    ["platform:trafficAnnotations", "a=b", TEXTS],
    ["streaming:ingestFrom", "10.0.0.0/8", CIDRS],
    ["streaming:ingestFrom", '["10.0.0.0/33"]', CIDRS],
    ["streaming:ingestFrom", '["10.0.0.0"]', CIDRS],
    ["streaming:ingestFrom", '["300.0.0.0/8"]', CIDRS],
    ["platform:trafficFrom", '["10.0.0.1"]', CIDRS.replace('["0.0.0.0/0"]', "[]")],
    ["platform:dnsAddresses", "169.254.169.254", ADDRESSES],
    ["platform:dnsAddresses", '["169.254.0.0/16"]', ADDRESSES],
    ["platform:dnsAddresses", '["300.254.20.10"]', ADDRESSES],
    ["platform:externalTrafficPolicy", "Cluster", "must be one of local, cluster. The default is local"],
    ["streaming:cdnUrl", "http://cdn.example.com", CDN],
    ["streaming:cdnUrl", "https://cdn.example.com/", CDN],
    ["streaming:cdnUrl", "https://cdn.example.com/a?b", CDN],
    ["rtc:redisUrl", "redis:6379", REDIS],
    ["rtc:redisUrl", "redis://:password@redis", REDIS],
    ["rtc:redisUrl", "http://redis", REDIS],
    ["rtc:redisUrl", "redis://redis/one", REDIS],
    ["search:storage", "0", "must be a whole number of GiB from 1 to 65536. The default is 20"],
    ["streaming:scratch", "0", "must be a whole number of GiB from 1 to 1024. The default is 2"],
    ["rtc:media", "nodePort", "must be one of loadBalancer, hostNetwork. The default is loadBalancer"],
    ["streaming:rtmpsPort", "0", "must be a port from 1 to 65535. The default is 443"],
  ])("%s = %j is refused", (key, text, rule) => {
    expect(problems({ [key]: text })).toEqual([`${key} = ${JSON.stringify(text)} ${rule}`]);
  });
});

describe("settings that do not go together", () => {
  it("nothing is missing from the least", () => expect(problems()).toEqual([]));

  it.each<[string, Record<string, string | undefined>, readonly string[]]>([
    [
      "no domain",
      { "platform:domain": undefined },
      [
        "platform:domain is missing: the services are at search., livekit. and stream. of it. Set it: pulumi config set platform:domain chat.example.com",
      ],
    ],
    [
      "no certificate",
      { "platform:tlsIssuer": undefined },
      [
        "platform:tlsIssuer or platform:tlsSecret is missing: nothing is served without TLS. Set a cert-manager ClusterIssuer (pulumi config set platform:tlsIssuer letsencrypt-prod), or a Secret with a certificate for all hosts (pulumi config set platform:tlsSecret NAME)",
      ],
    ],
    [
      "two sources of certificates",
      { "platform:tlsSecret": "wildcard" },
      [
        "platform:tlsIssuer and platform:tlsSecret are both set: certificates come from one of them. Remove one: pulumi config rm platform:tlsSecret",
      ],
    ],
    [
      "a Gateway without a class",
      { "platform:traffic": "gateway" },
      [
        "platform:trafficClass is missing: a Gateway has no default class. Set it: pulumi config set platform:trafficClass NAME (see kubectl get gatewayclass)",
      ],
    ],
    [
      "origins that are not encrypted",
      { "frontend:origins": '["http://a.example.com","https://b.example.com","http://c.example.com"]' },
      [
        `frontend:origins has http://a.example.com and http://c.example.com: in production the app is served over https. Set it: pulumi config set frontend:origins '["https://chat.example.com"]'`,
      ],
    ],
    [
      "origins of a laptop, which are the default",
      { "frontend:origins": undefined },
      [
        `frontend:origins has http://localhost:3000 and http://127.0.0.1:3000: in production the app is served over https. Set it: pulumi config set frontend:origins '["https://chat.example.com"]'`,
      ],
    ],
    ...["search:image", "rtc:image", "streaming:image", "streaming:proxyImage"].map(
      (key): [string, Record<string, string>, string[]] => [
        `${key} that moves`,
        { [key]: "registry.example.com:5000/1.2.3/name:1.28" },
        [
          `${key} = "registry.example.com:5000/1.2.3/name:1.28" can be another image tomorrow. Name a version in full, a build date or, best, a digest: pulumi config set ${key} NAME@sha256:…`,
        ],
      ],
    ),
    [
      "the default image of nginx-rtmp, which has no version",
      { "streaming:image": undefined },
      [
        'streaming:image = "tiangolo/nginx-rtmp:latest" can be another image tomorrow. Name a version in full, a build date or, best, a digest: pulumi config set streaming:image NAME@sha256:…',
      ],
    ],
    [
      "two MeiliSearch",
      { "search:replicas": "2" },
      [
        'search:replicas = "2" cannot work: MeiliSearch keeps its index on one disk and knows of no other server, so a second one would answer from an index of its own. Set it to 1, and give it more memory and processors instead',
      ],
    ],
    [
      "two LiveKit without Redis, on their nodes' networks",
      { ...HOST, "rtc:replicas": "2" },
      [
        'rtc:replicas = "2" needs Redis, through which servers share rooms: without it two people of one room can be on servers that do not know of each other. Set it: pulumi config set rtc:redisUrl redis://HOST:6379',
      ],
    ],
    [
      "two LiveKit behind one load balancer",
      { "rtc:replicas": "2", "rtc:redisUrl": "redis://redis:6379" },
      [
        "rtc:replicas = \"2\" with rtc:media = loadBalancer cannot work: a balancer sends a client's media to any server, and the client's call is on one. Set rtc:replicas to 1, or use the nodes' own network: pulumi config set rtc:media hostNetwork",
      ],
    ],
    [
      "a range of ports behind a load balancer",
      { "rtc:mediaPorts": "50000-50100" },
      [
        'rtc:mediaPorts = "50000-50100" with rtc:media = loadBalancer: a Service has no ranges. Set one port, over which all media is multiplexed: pulumi config set rtc:mediaPorts 7882',
      ],
    ],
    [
      "STUN behind a load balancer",
      { "rtc:useStun": "true" },
      [
        "rtc:useStun = true with rtc:media = loadBalancer: a STUN server would see the address by which the cluster goes out, not the balancer's. Remove it: pulumi config rm rtc:useStun",
      ],
    ],
    ...(
      [
        ["two ports of ICE and TURN", { ...TURN_TLS, "rtc:tcpPort": "5349" }, "rtc:tcpPort and rtc:turnTlsPort", 5349],
        [
          "ICE at the number that clients of TURN are told",
          { ...TURN_TLS, "rtc:tcpPort": "443" },
          "rtc:tcpPort and rtc:turnTlsPort",
          443,
        ],
        ["ICE at the port of the API", { "rtc:tcpPort": "7880" }, "rtc:tcpPort and LiveKit's API", 7880],
        ["ICE at the port of the metrics", { "rtc:tcpPort": "6789" }, "rtc:tcpPort and LiveKit's metrics", 6789],
        [
          "TURN at the port of the API",
          { ...TURN_TLS, "rtc:turnTlsPort": "7880" },
          "rtc:turnTlsPort and LiveKit's API",
          7880,
        ],
        [
          "TURN at the port of the metrics",
          { ...TURN_TLS, "rtc:turnTlsPort": "6789" },
          "rtc:turnTlsPort and LiveKit's metrics",
          6789,
        ],
        ["TURN at the port of media", { ...TURN_UDP, "rtc:turnUdpPort": "7882" }, MEDIA_TWICE, 7882],
        ...[50_000, 50_100].map((port): [string, Record<string, string>, string, number] => [
          `TURN at ${port}, an end of the range of media`,
          { ...HOST, ...TURN_UDP, "rtc:mediaPorts": "50000-50100", "rtc:turnUdpPort": String(port) },
          MEDIA_TWICE,
          port,
        ]),
      ] satisfies [string, Record<string, string>, string, number][]
    ).map(([what, change, keys, port]): [string, Record<string, string>, string[]] => [
      what,
      change,
      [`${keys} both use port ${port}. Give one of them another port`],
    ]),
    [
      "TURN over TLS on the nodes' networks",
      { ...HOST, ...TURN_TLS },
      [
        'rtc:turnTlsPort = "5349" with rtc:media = hostNetwork cannot work: clients are told port 443, which the server may not open on a node. Use an external TURN server (rtc:turnServer), or rtc:turnUdpPort alone: pulumi config rm rtc:turnTlsPort',
      ],
    ],
    [
      "one address for many nodes",
      { ...HOST, "rtc:nodeAddress": "192.0.2.1" },
      [
        'rtc:nodeAddress = "192.0.2.1" with rtc:media = hostNetwork: each node has an address of its own. Remove it: pulumi config rm rtc:nodeAddress',
      ],
    ],
    [
      "one namespace for restricted pods and those on their nodes' networks",
      { ...HOST, "rtc:hostNamespace": "nself-chat" },
      [
        'rtc:hostNamespace = "nself-chat" is the namespace of the other services, which is restricted: pods on their node\'s network are refused there. Choose another name: pulumi config set rtc:hostNamespace nself-chat-rtc',
      ],
    ],
    ...(
      [
        ["a playlist that is longer than the disk", { "streaming:playlist": "600" }, "600", 2, "4.5", 267, 5],
        ["a playlist that is a second too long", { "streaming:playlist": "268" }, "268", 2, "2.1", 267, 3],
        [
          "a playlist with long fragments on a small disk",
          { "streaming:playlist": "130", "streaming:fragment": "30", "streaming:scratch": "1" },
          ...(["130", 1, "1.1", 126, 2] as const),
        ],
      ] as const
    ).map(([what, change, playlist, scratch, needed, longest, room]): [string, Record<string, string>, string[]] => [
      what,
      change,
      [
        `streaming:playlist = "${playlist}" does not fit into streaming:scratch = ${scratch} GiB: one stream of 8 Mbit/s takes up to ${needed} GiB, four playlists and a fragment as HLS and again as DASH. Set it to ${longest} or less, or make room: pulumi config set streaming:scratch ${room}`,
      ],
    ]),
    [
      "fewer edge servers at most than at least",
      { "streaming:edgeReplicas": "5", "streaming:edgeMaxReplicas": "4" },
      ['streaming:edgeMaxReplicas = "4" is less than streaming:edgeReplicas = 5. Set it to 5 or more'],
    ],
    [
      "publishers of one network, whose addresses a node hides",
      { "streaming:ingestFrom": '["203.0.113.0/24"]', "platform:externalTrafficPolicy": "cluster" },
      [
        'streaming:ingestFrom = ["203.0.113.0/24"] with platform:externalTrafficPolicy = cluster cannot work: a node that passes traffic on hides the publisher\'s address, and nobody would be let in. Have each node take its own (pulumi config set platform:externalTrafficPolicy local), or let all in: pulumi config rm streaming:ingestFrom',
      ],
    ],
    ...[
      ["search:existingSecret", "search:masterKey"],
      ["rtc:existingSecret", "rtc:apiKey"],
      ["rtc:existingSecret", "rtc:apiSecret"],
      ["streaming:existingSecret", "streaming:publishKey"],
    ].map(([existing = "", given = ""]): [string, Record<string, string>, string[]] => [
      `${given} and a Secret that has one`,
      { [existing]: "keys", [given]: "s".repeat(32) },
      [
        `${existing} and ${given} are both set: the secret comes from one of them. Remove one: pulumi config rm ${given}`,
      ],
    ]),
    [
      "open publishing",
      { "streaming:publish": undefined },
      [
        'streaming:publish = "open" with platform:kind = kubernetes would let anybody on the network publish. Set it: pulumi config set streaming:publish key',
      ],
    ],
    [
      "a published development secret",
      { "search:masterKey": "nchat-search-dev-key-32-chars-long" },
      [
        "search:masterKey is a published development value, and this stack is reachable from outside. Remove it to have one generated: pulumi config rm search:masterKey",
      ],
    ],
    [
      "a counter of a master key that a Secret has",
      { "search:existingSecret": "keys", "search:rotation": '{"masterKey":2,"frontend":2}' },
      [
        "search:rotation counts masterKey, and the master key is your own (search:existingSecret): nothing is generated. Change it there, and remove the counter",
      ],
    ],
    [
      "a password of no Redis",
      { "rtc:redisPassword": "p".repeat(8) },
      [
        "rtc:redisUrl is missing: a password for Redis is set. Set it: pulumi config set rtc:redisUrl redis://HOST:6379",
      ],
    ],
  ])("%s", (_, change, messages) => {
    expect(problems(change)).toEqual(messages);
  });

  it("are all reported together", () => {
    expect(
      problems({ "platform:domain": undefined, "platform:tlsIssuer": undefined, "rtc:replicas": "3" }),
    ).toHaveLength(4);
  });

  it.each<[string, Record<string, string>]>([
    ["rtc", { "rtc:enabled": "false", "rtc:replicas": "3", "rtc:mediaPorts": "50000-50100", "rtc:useStun": "true" }],
    ["rtc on its node's network", { ...HOST, "rtc:enabled": "false", "rtc:hostNamespace": "nself-chat" }],
    [
      "rtc with ports of equal numbers",
      { ...TURN_UDP, ...TURN_TLS, "rtc:enabled": "false", "rtc:tcpPort": "443", "rtc:turnUdpPort": "7882" },
    ],
    ["rtc with TURN on its node's network", { ...HOST, ...TURN_TLS, "rtc:enabled": "false" }],
    ["streaming", { "streaming:enabled": "false", "streaming:publish": "open", "streaming:image": "a/b:latest" }],
    ["streaming's disk", { "streaming:enabled": "false", "streaming:playlist": "600" }],
    [
      "streaming's edge",
      { "streaming:enabled": "false", "streaming:edgeReplicas": "5", "streaming:edgeMaxReplicas": "4" },
    ],
    [
      "streaming's publishers",
      {
        "streaming:enabled": "false",
        "streaming:ingestFrom": '["203.0.113.0/24"]',
        "platform:externalTrafficPolicy": "cluster",
      },
    ],
    ["search", { "search:enabled": "false", "search:image": "a/b:latest", "search:replicas": "2" }],
    ["search's backups", { "search:enabled": "false", "search:backupBucket": "backups" }],
  ])("are not looked at for %s that is switched off", (_, change) => {
    expect(problems(change)).toEqual([]);
  });
});

describe("what a laptop refuses and a cluster takes", () => {
  it.each<[string, Record<string, string | undefined>]>([
    ["a port of the core", { "streaming:ingestPort": "8080" }],
    ["a range on the node's network", { ...HOST, "rtc:mediaPorts": "50000-50100", "rtc:useStun": "true" }],
    [
      "several LiveKit that share rooms",
      { ...HOST, "rtc:replicas": "3", "rtc:redisUrl": "rediss://redis.example.com:6380" },
    ],
    ["the longest playlist of a default disk", { "streaming:playlist": "267" }],
    ["the longest playlist, on a disk for it", { "streaming:playlist": "600", "streaming:scratch": "5" }],
    ["an image with a digest", { "streaming:image": `a/b@sha256:${"0".repeat(64)}` }],
    ["an image with a build date", { "streaming:image": "a/b:latest-2024-12-02" }],
    ["TURN over TLS, reached at the port where it listens", { ...TURN_TLS, "rtc:turnTlsPort": "443" }],
    ["TURN over UDP on the nodes' networks", { ...HOST, ...TURN_UDP }],
    ["TURN over UDP beside a range", { ...HOST, ...TURN_UDP, "rtc:mediaPorts": "3479-3579" }],
    ["one number of TCP and of UDP", { ...TURN_UDP, ...TURN_TLS, "rtc:turnUdpPort": "443", "rtc:tcpPort": "7882" }],
    ["a certificate that is there", { "platform:tlsIssuer": undefined, "platform:tlsSecret": "wildcard" }],
    ["a Gateway with a class", { "platform:traffic": "gateway", "platform:trafficClass": "envoy" }],
    [
      "publishers of one network, each seen by the node of the server",
      { "streaming:ingestFrom": '["203.0.113.0/24"]' },
    ],
    ["publishers from anywhere, through any node", { "platform:externalTrafficPolicy": "cluster" }],
    ["a Secret that is there", { "search:existingSecret": "keys", "rtc:existingSecret": "keys" }],
    [
      "another key in the place of a browser's",
      { "search:existingSecret": "keys", "search:rotation": '{"frontend":2}' },
    ],
  ])("%s", (_, change) => {
    expect(problems(change)).toEqual([]);
  });
});
