import { beforeEach, describe, expect, it } from "vitest";
import { platformArgs } from "../../components/kubernetes/from-settings.ts";
import type { KubernetesPlatformArgs } from "../../components/kubernetes/platform.ts";
import { readSettings } from "../../components/settings.ts";
import type { AnyPort, Destination, Workload } from "../../components/workload.ts";
import { ARGS, cluster, labels, objects, registration, selector, TASK, WORKLOAD } from "./helpers/cluster.ts";
import { type Registered, recordResources, settled } from "./helpers/recorder.ts";

let registered: Registered[];
beforeEach(async () => {
  registered = await recordResources();
});

const policy = (name: string) => registration(registered, "NetworkPolicy", name).inputs;

async function run(change: Partial<Workload> = {}, args: Partial<KubernetesPlatformArgs> = {}) {
  cluster(args).run({ ...WORKLOAD, ...change }, {});
  await settled();
}

const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});
const pods = (name: string) => ({ podSelector: { matchLabels: selector(name) } });
const ANYWHERE = { ipBlock: { cidr: "0.0.0.0/0" } };
const OUTSIDE = { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } };
/** Where NodeLocal DNSCache answers on each node. */
const NODE_DNS = { ipBlock: { cidr: "169.254.20.10/32" } };
const both = (...ports: number[]) =>
  ports.flatMap((port) => [
    { protocol: "UDP", port },
    { protocol: "TCP", port },
  ]);
const DNS = [
  { to: [inNamespace("kube-system")], ports: both(53, 5353) },
  { to: [NODE_DNS], ports: both(53) },
];

it("a server that reaches nobody may ask for names, and browsers come through the ingress controller", async () => {
  await run();
  expect(policy("server")).toEqual({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "server", namespace: "chat", labels: labels("server") },
    spec: {
      podSelector: { matchLabels: selector("server") },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            inNamespace("traefik"),
            { podSelector: { matchLabels: { app: "frontend" } } },
            { podSelector: { matchLabels: { "nself.org/task-of": "server" } } },
          ],
          ports: [{ protocol: "TCP", port: 8080 }],
        },
      ],
      egress: DNS,
    },
  });
});

describe("a port is open", () => {
  it.each<[string, AnyPort, object]>([
    [
      "of browsers: to the ingress controller, the app and tasks, at the number on which it listens",
      { name: "http", protocol: "tcp", listen: 80, publish: 81, audience: { kind: "web", host: "search" } },
      {
        from: [
          inNamespace("traefik"),
          { podSelector: { matchLabels: { app: "frontend" } } },
          { podSelector: { matchLabels: { "nself.org/task-of": "server" } } },
        ],
        ports: [{ protocol: "TCP", port: 80 }],
      },
    ],
    [
      "of browsers and a monitoring system: to that too, at the same number",
      {
        ...{ name: "http", protocol: "tcp", listen: 80, publish: 81 },
        audience: { kind: "web", host: "search", monitored: true },
      },
      {
        from: [
          inNamespace("traefik"),
          { podSelector: { matchLabels: { app: "frontend" } } },
          { podSelector: { matchLabels: { "nself.org/task-of": "server" } } },
          inNamespace("monitoring"),
        ],
        ports: [{ protocol: "TCP", port: 80 }],
      },
    ],
    [
      "of publishers: to their networks, at the number on which it listens",
      { name: "ingest", protocol: "tcp", listen: 1936, publish: 443, audience: { kind: "direct", host: "ingest" } },
      { from: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [{ protocol: "TCP", port: 1936 }] },
    ],
    [
      "of TURN: to everybody",
      { name: "turn", protocol: "udp", listen: 3478, publish: 3478, audience: { kind: "direct", host: "turn" } },
      { from: [ANYWHERE], ports: [{ protocol: "UDP", port: 3478 }] },
    ],
    [
      "of media: to everybody",
      { name: "media", protocol: "udp", listen: 7882, publish: 7882, audience: { kind: "media" } },
      { from: [ANYWHERE], ports: [{ protocol: "UDP", port: 7882 }] },
    ],
    [
      "that is internal: to those who are named",
      { name: "http", protocol: "tcp", listen: 81, from: ["one", "two"] },
      { from: [pods("one"), pods("two")], ports: [{ protocol: "TCP", port: 81 }] },
    ],
    [
      "of metrics: to the monitoring system",
      { name: "metrics", protocol: "tcp", listen: 6789, from: "monitoring" },
      { from: [inNamespace("monitoring")], ports: [{ protocol: "TCP", port: 6789 }] },
    ],
  ])("%s", async (_, port, rule) => {
    await run({ ports: [port] });
    expect(policy("server").spec.ingress).toEqual([rule]);
  });

  it("as a range of media", async () => {
    const host = { namespaces: { ...ARGS.namespaces, host: "chat-rtc" } };
    await run(
      { ports: [{ name: "media", protocol: "udp", first: 50_000, last: 50_100 }] },
      { ...host, media: { by: "hostNetwork", annotations: {} } },
    );
    expect(policy("server").spec.ingress).toEqual([
      { from: [ANYWHERE], ports: [{ protocol: "UDP", port: 50_000, endPort: 50_100 }] },
    ]);
  });

  it("each by a rule of its own", async () => {
    await run({
      ports: [
        { name: "a", protocol: "tcp", listen: 81, from: ["one"] },
        { name: "b", protocol: "tcp", listen: 82, from: ["two"] },
      ],
    });
    expect(policy("server").spec.ingress).toEqual([
      { from: [pods("one")], ports: [{ protocol: "TCP", port: 81 }] },
      { from: [pods("two")], ports: [{ protocol: "TCP", port: 82 }] },
    ]);
  });
});

describe("a server reaches", () => {
  it.each<[string, Destination, object]>([
    [
      "another of ours",
      { kind: "workload", name: "other", port: 80 },
      { to: [pods("other")], ports: [{ protocol: "TCP", port: 80 }] },
    ],
    [
      "clients anywhere, but not the credentials of its node",
      { kind: "media-clients" },
      { to: [OUTSIDE], ports: [{ protocol: "UDP", port: 1024, endPort: 65_535 }] },
    ],
    [
      "an address",
      { kind: "host", host: "192.0.2.1", port: 6379 },
      { to: [{ ipBlock: { cidr: "192.0.2.1/32" } }], ports: [{ protocol: "TCP", port: 6379 }] },
    ],
    [
      "a Service of its own namespace",
      { kind: "host", host: "redis", port: 6379 },
      { to: [{ podSelector: {} }], ports: [{ protocol: "TCP", port: 6379 }] },
    ],
    [
      "a Service of another namespace",
      { kind: "host", host: "redis.data.svc", port: 6379 },
      { to: [inNamespace("data")], ports: [{ protocol: "TCP", port: 6379 }] },
    ],
    [
      "a Service by its full name",
      { kind: "host", host: "redis.data.svc.cluster.local", port: 6379 },
      { to: [inNamespace("data")], ports: [{ protocol: "TCP", port: 6379 }] },
    ],
    [
      "a pod of such a Service by its own name",
      { kind: "host", host: "redis-0.redis.data.svc.cluster.local", port: 6379 },
      { to: [inNamespace("data")], ports: [{ protocol: "TCP", port: 6379 }] },
    ],
    [
      "a Service and its namespace, which may as well be a domain",
      { kind: "host", host: "minio.storage", port: 9000 },
      { to: [OUTSIDE, inNamespace("storage")], ports: [{ protocol: "TCP", port: 9000 }] },
    ],
    [
      "a domain, which may as well be a Service and its namespace",
      { kind: "host", host: "example.com", port: 443 },
      { to: [OUTSIDE, inNamespace("com")], ports: [{ protocol: "TCP", port: 443 }] },
    ],
    [
      "a name that only DNS knows, by its port",
      { kind: "host", host: "redis.example.com", port: 6380 },
      { to: [OUTSIDE], ports: [{ protocol: "TCP", port: 6380 }] },
    ],
    [
      "a domain that begins as a Service of another cluster would",
      { kind: "host", host: "redis.svc.example.com", port: 6380 },
      { to: [OUTSIDE], ports: [{ protocol: "TCP", port: 6380 }] },
    ],
  ])("%s", async (_, to, rule) => {
    await run({ reaches: [to] });
    expect(policy("server").spec.egress).toEqual([...DNS, rule]);
  });

  it("a Service under the cluster's own domain", async () => {
    const neighbours = { ...ARGS.neighbours, clusterDomain: "k8s.example.com" };
    await run({ reaches: [{ kind: "host", host: "redis.data.svc.k8s.example.com", port: 6379 }] }, { neighbours });
    expect(policy("server").spec.egress.map(({ to }: { to: unknown }) => to)).toEqual([
      [inNamespace("kube-system")],
      [NODE_DNS],
      [inNamespace("data")],
    ]);
  });
});

describe("names are asked for", () => {
  async function egress(dns: KubernetesPlatformArgs["neighbours"]["dns"]) {
    await run({}, { frontendEgress: true, neighbours: { ...ARGS.neighbours, dns } });
    return [policy("server").spec.egress, policy("nself-frontend").spec.egress.slice(0, -1)];
  }

  it("where the name service's pods are, at either number, and at addresses that answer without pods", async () => {
    const rules = [
      { to: [inNamespace("openshift-dns")], ports: both(53, 5353) },
      {
        to: [{ ipBlock: { cidr: "169.254.169.254/32" } }, { ipBlock: { cidr: "10.96.0.10/32" } }],
        ports: both(53),
      },
    ];
    const dns = { namespace: "openshift-dns", addresses: ["169.254.169.254", "10.96.0.10"] };
    expect(await egress(dns)).toEqual([rules, rules]);
  });

  it("and nowhere else where there are no such addresses", async () => {
    const rules = [{ to: [inNamespace("kube-system")], ports: both(53, 5353) }];
    expect(await egress({ namespace: "kube-system", addresses: [] })).toEqual([rules, rules]);
  });
});

it("traffic that comes from no pod of a namespace is let in by its networks, and the app's pods may go there", async () => {
  const traffic = { namespace: "traefik", networks: ["130.211.0.0/22", "35.191.0.0/16"] };
  await run({}, { frontendEgress: true, neighbours: { ...ARGS.neighbours, traffic } });
  const peers = [
    inNamespace("traefik"),
    { ipBlock: { cidr: "130.211.0.0/22" } },
    { ipBlock: { cidr: "35.191.0.0/16" } },
  ];
  expect(policy("server").spec.ingress[0].from.slice(0, 3)).toEqual(peers);
  expect(policy("nself-frontend").spec.egress.at(-1)).toEqual({ to: peers });
});

describe("all pods of the stack", () => {
  it("are closed, whoever makes them", async () => {
    cluster();
    await settled();
    const own = { "app.kubernetes.io/part-of": "nself", "app.kubernetes.io/managed-by": "pulumi" };
    expect(policy("nself-default-deny")).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: {
        name: "nself-default-deny",
        namespace: "chat",
        labels: { ...own, "app.kubernetes.io/instance": "nself-default-deny" },
      },
      spec: { podSelector: { matchLabels: own }, policyTypes: ["Ingress", "Egress"] },
    });
  });

  it("carry the labels by which they are closed", async () => {
    const platform = cluster();
    platform.run(WORKLOAD, {}).runTask(TASK, {});
    platform.run({ ...WORKLOAD, name: "many", replicas: { min: 2, max: 3 } }, {});
    await settled();
    const closed = Object.entries(policy("nself-default-deny").spec.podSelector.matchLabels);
    const templates = registered.filter(({ inputs }) => inputs.spec?.template);
    expect(templates.map(({ name }) => name).sort()).toEqual(["job", "many", "server"]);
    for (const { inputs } of templates) {
      expect(Object.entries(inputs.spec.template.metadata.labels)).toEqual(expect.arrayContaining(closed));
    }
  });

  it("a task is let in by its server, and by no other", async () => {
    cluster().run(WORKLOAD, {}).runTask(TASK, {});
    await settled();
    const task = registration(registered, "Job", "job").inputs.spec.template.metadata.labels;
    const [{ from }] = policy("server").spec.ingress;
    const matching = from.filter(({ podSelector }: { podSelector?: { matchLabels: Record<string, string> } }) =>
      Object.entries(podSelector?.matchLabels ?? { none: "" }).every(([label, text]) => task[label] === text),
    );
    expect(matching).toEqual([{ podSelector: { matchLabels: { "nself.org/task-of": "server" } } }]);
    expect(selector("server")).not.toEqual(selector("job"));
  });
});

describe("the app's pods", () => {
  it("are left alone where they have no closed list of destinations", async () => {
    await run();
    expect(objects(registered).filter((name) => name.startsWith("NetworkPolicy"))).toEqual([
      "NetworkPolicy nself-default-deny",
      "NetworkPolicy server",
    ]);
  });

  const remark = { "kube-score/ignore": "networkpolicy-targets-pod" };

  it("may ask for names and reach the ingress controller", async () => {
    await run({}, { frontendEgress: true });
    expect(policy("nself-frontend")).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: {
        name: "nself-frontend",
        namespace: "chat",
        labels: {
          "app.kubernetes.io/part-of": "nself",
          "app.kubernetes.io/managed-by": "pulumi",
          "app.kubernetes.io/instance": "nself-frontend",
        },
        annotations: remark,
      },
      spec: {
        podSelector: { matchLabels: { app: "frontend" } },
        policyTypes: ["Egress"],
        egress: [...DNS, { to: [inNamespace("traefik")] }],
      },
    });
  });

  it("may reach a server that browsers reach", async () => {
    await run({}, { frontendEgress: true });
    expect(policy("nself-frontend-server")).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: {
        name: "nself-frontend-server",
        namespace: "chat",
        labels: labels("nself-frontend-server"),
        annotations: remark,
      },
      spec: {
        podSelector: { matchLabels: { app: "frontend" } },
        policyTypes: ["Egress"],
        egress: [{ to: [{ ...inNamespace("chat"), ...pods("server") }], ports: [{ protocol: "TCP", port: 8080 }] }],
      },
    });
  });

  it("and no other", async () => {
    await run({ ports: [{ name: "http", protocol: "tcp", listen: 80, from: ["other"] }] }, { frontendEgress: true });
    expect(objects(registered).filter((name) => name.includes("frontend"))).toEqual(["NetworkPolicy nself-frontend"]);
  });

  it("reach a server on its node's network where that lives", async () => {
    const ports: AnyPort[] = [
      { name: "http", protocol: "tcp", listen: 80, publish: 80, audience: { kind: "web", host: "livekit" } },
      { name: "media", protocol: "udp", listen: 7882, publish: 7882, audience: { kind: "media" } },
    ];
    await run(
      { ports },
      {
        frontendEgress: true,
        namespaces: { ...ARGS.namespaces, host: "chat-rtc" },
        media: { by: "hostNetwork", annotations: {} },
      },
    );
    const { metadata, spec } = policy("nself-frontend-server");
    expect([metadata.namespace, spec.egress[0].to]).toEqual([
      "chat",
      [{ ...inNamespace("chat-rtc"), ...pods("server") }],
    ]);
  });
});

it("the neighbours are those that the settings name", () => {
  const values = {
    "platform:kind": "kubernetes",
    "platform:domain": "chat.example.com",
    "platform:tlsIssuer": "letsencrypt-prod",
    "platform:trafficNamespace": "ingress-nginx",
    "platform:trafficFrom": '["130.211.0.0/22"]',
    "platform:dnsService": "dns-default.openshift-dns",
    "platform:dnsAddresses": '["169.254.169.254"]',
    "platform:externalTrafficPolicy": "cluster",
    "frontend:origins": '["https://chat.example.com"]',
    "streaming:enabled": "false",
  };
  const { neighbours, externalTraffic } = platformArgs(readSettings({ values, isSecret: () => false }));
  expect([neighbours.traffic, neighbours.dns, externalTraffic]).toEqual([
    { namespace: "ingress-nginx", networks: ["130.211.0.0/22"] },
    { namespace: "openshift-dns", addresses: ["169.254.169.254"] },
    "cluster",
  ]);
});
