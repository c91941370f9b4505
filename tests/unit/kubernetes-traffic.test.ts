import { beforeEach, describe, expect, it } from "vitest";
import type { KubernetesPlatformArgs } from "../../components/kubernetes/platform.ts";
import type { TrafficArgs } from "../../components/kubernetes/traffic.ts";
import type { Workload } from "../../components/workload.ts";
import { ARGS, cluster, labels, objects, registration, WORKLOAD } from "./helpers/cluster.ts";
import { type Registered, recordResources, settled } from "./helpers/recorder.ts";

let registered: Registered[];
beforeEach(async () => {
  registered = await recordResources();
});

const inputs = (kind: string, name: string) => registration(registered, kind, name).inputs;

async function run(
  traffic: Partial<TrafficArgs>,
  change: Partial<Workload> = {},
  args: Partial<KubernetesPlatformArgs> = {},
) {
  cluster({ ...args, traffic: { ...ARGS.traffic, ...traffic } }).run({ ...WORKLOAD, ...change }, {});
  await settled();
}

describe("by Ingress", () => {
  it("a host has one, with a certificate of its own", async () => {
    await run({});
    expect(inputs("Ingress", "server")).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        name: "server",
        namespace: "chat",
        labels: labels("server"),
        annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" },
      },
      spec: {
        tls: [{ hosts: ["search.example.com"], secretName: "server-tls" }],
        rules: [
          {
            host: "search.example.com",
            http: {
              paths: [
                { path: "/", pathType: "Prefix", backend: { service: { name: "server", port: { number: 8080 } } } },
              ],
            },
          },
        ],
      },
    });
    expect(objects(registered).filter((name) => /Gateway|Route|Certificate/.test(name))).toEqual([]);
  });

  it("the Service that it names has the port that it names", async () => {
    await run({});
    const { name, port } = inputs("Ingress", "server").spec.rules[0].http.paths[0].backend.service;
    const ports = inputs("Service", name).spec.ports.map(({ port }: { port: number }) => port);
    expect(ports).toEqual([port.number]);
  });

  it("with a class and annotations where they are given, which win", async () => {
    const annotations = { "cert-manager.io/cluster-issuer": "other", "example.com/a": "b" };
    await run({ className: "traefik", annotations });
    const { metadata, spec } = inputs("Ingress", "server");
    expect([metadata.annotations, spec.ingressClassName]).toEqual([annotations, "traefik"]);
  });

  it("with a certificate that is there nobody is asked for one", async () => {
    await run({ certificates: { secret: "wildcard" } });
    const { metadata, spec } = inputs("Ingress", "server");
    expect("annotations" in metadata).toBe(false);
    expect(spec.tls).toEqual([{ hosts: ["search.example.com"], secretName: "wildcard" }]);
  });
});

describe("by Gateway API", () => {
  const GATEWAY = { by: "gateway", className: "envoy" } as const;

  /** Namespaces whose routes the first listener takes. */
  const allowed = () => inputs("Gateway", "nself").spec.listeners[0].allowedRoutes;
  const from = (...names: string[]) => ({
    namespaces: {
      from: "Selector",
      selector: {
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: names }],
      },
    },
  });

  it("there is one Gateway, with a listener for each host", async () => {
    await run(GATEWAY, {}, { webHosts: ["search", "livekit"] });
    const listener = (part: string) => ({
      name: part,
      hostname: `${part}.example.com`,
      port: 443,
      protocol: "HTTPS",
      tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: `${part}-tls` }] },
      allowedRoutes: from("chat"),
    });
    expect(inputs("Gateway", "nself")).toEqual({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: {
        name: "nself",
        namespace: "chat",
        labels: {
          "app.kubernetes.io/part-of": "nself",
          "app.kubernetes.io/managed-by": "pulumi",
          "app.kubernetes.io/instance": "nself",
        },
        annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" },
      },
      spec: { gatewayClassName: "envoy", listeners: [listener("search"), listener("livekit")] },
    });
  });

  it("a host has a route to it", async () => {
    await run(GATEWAY);
    expect(inputs("HTTPRoute", "server")).toEqual({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "server", namespace: "chat", labels: labels("server") },
      spec: {
        parentRefs: [{ name: "nself", namespace: "chat", sectionName: "search" }],
        hostnames: ["search.example.com"],
        rules: [{ backendRefs: [{ name: "server", port: 8080 }] }],
      },
    });
    expect(objects(registered).filter((name) => name.startsWith("Ingress"))).toEqual([]);
  });

  it("a route comes in by a listener that lets its namespace in", async () => {
    await run(GATEWAY);
    const [{ sectionName }] = inputs("HTTPRoute", "server").spec.parentRefs;
    const listener = inputs("Gateway", "nself").spec.listeners.find(
      ({ name }: { name: string }) => name === sectionName,
    );
    expect(listener.allowedRoutes).toEqual(from(inputs("HTTPRoute", "server").metadata.namespace));
  });

  it("a server on its node's network has its route there, to the same Gateway", async () => {
    await run(
      GATEWAY,
      {
        ports: [
          ...WORKLOAD.ports,
          { name: "media", protocol: "udp", listen: 7882, publish: 7882, audience: { kind: "media" } },
        ],
      },
      {
        namespaces: { ...ARGS.namespaces, host: "chat-rtc" },
        media: { by: "hostNetwork", annotations: {} },
      },
    );
    const { metadata, spec } = inputs("HTTPRoute", "server");
    expect([metadata.namespace, spec.parentRefs]).toEqual([
      "chat-rtc",
      [{ name: "nself", namespace: "chat", sectionName: "search" }],
    ]);
    expect(allowed()).toEqual(from("chat", "chat-rtc"));
  });

  it("a namespace that is joined lets its routes in, whatever its labels", async () => {
    await run(GATEWAY, {}, { namespaces: { ...ARGS.namespaces, create: false } });
    expect(objects(registered).filter((name) => name.startsWith("Namespace"))).toEqual([]);
    expect(allowed()).toEqual(from("chat"));
  });

  it("with annotations where they are given, and a certificate that is there", async () => {
    await run({ ...GATEWAY, annotations: { "example.com/a": "b" }, certificates: { secret: "wildcard" } });
    const { metadata, spec } = inputs("Gateway", "nself");
    expect(metadata.annotations).toEqual({ "example.com/a": "b" });
    expect(spec.listeners[0].tls.certificateRefs).toEqual([{ kind: "Secret", name: "wildcard" }]);
  });
});

it.each(["ingress", "gateway"] as const)(
  "by %s nobody is let in to a server that browsers do not reach",
  async (by) => {
    await run({ by, className: "any" }, { ports: [{ name: "http", protocol: "tcp", listen: 80, from: ["other"] }] });
    expect(objects(registered).filter((name) => /^(Ingress|HTTPRoute) /.test(name))).toEqual([]);
  },
);
