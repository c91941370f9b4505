import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { mediaAddress } from "../../components/kubernetes/media.ts";
import type { KubernetesPlatformArgs } from "../../components/kubernetes/platform.ts";
import type { AnyPort, Workload } from "../../components/workload.ts";
import { ARGS, cluster, labels, objects, registration, selector, WORKLOAD } from "./helpers/cluster.ts";
import { type Registered, recordResources, resolved, settled } from "./helpers/recorder.ts";

let registered: Registered[];
let balancer: object[] = [];
beforeEach(async () => {
  balancer = [{ ip: "192.0.2.7" }];
  registered = await recordResources({
    "kubernetes:core/v1:Service": () => ({ status: { loadBalancer: { ingress: balancer } } }),
  });
});

const inputs = (kind: string, name: string) => registration(registered, kind, name).inputs;

const PORTS: readonly AnyPort[] = [
  { name: "http", protocol: "tcp", listen: 7880, publish: 7880, audience: { kind: "web", host: "livekit" } },
  { name: "ice-tcp", protocol: "tcp", listen: 7881, publish: 7881, audience: { kind: "media" } },
  { name: "media", protocol: "udp", listen: 7882, publish: 7882, audience: { kind: "media" } },
  { name: "turn-tls", protocol: "tcp", listen: 5349, publish: 443, audience: { kind: "direct", host: "turn" } },
  { name: "metrics", protocol: "tcp", listen: 6789, from: "monitoring" },
];
const OWNER = { name: "server", role: "rtc" } as const;

describe("through a load balancer", () => {
  async function run(media: Partial<KubernetesPlatformArgs["media"]> = {}) {
    const platform = cluster({ media: { ...ARGS.media, ...media } });
    const address = platform.openMedia(OWNER, PORTS, {});
    platform.run({ ...WORKLOAD, ...OWNER, ports: PORTS }, {});
    await settled();
    return address;
  }

  it("clients reach what is theirs at an address of the server's own", async () => {
    await run({ annotations: { "example.com/a": "b" } });
    expect(inputs("Service", "server-public")).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "server-public",
        namespace: "chat",
        labels: labels("server-public", "server", "rtc"),
        annotations: { "example.com/a": "b" },
      },
      spec: {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        loadBalancerSourceRanges: ["0.0.0.0/0"],
        selector: selector("server"),
        ports: [
          { name: "ice-tcp", port: 7881, targetPort: "ice-tcp", protocol: "TCP" },
          { name: "media", port: 7882, targetPort: "media", protocol: "UDP" },
          { name: "turn-tls", port: 443, targetPort: "turn-tls", protocol: "TCP" },
        ],
      },
    });
  });

  it("or through whichever node, where a balancer gives addresses before a server is ready", async () => {
    const platform = cluster({ externalTraffic: "cluster" });
    platform.openMedia(OWNER, PORTS, {});
    platform.run({ ...WORKLOAD, name: "other", ports: PORTS.slice(3, 4) }, {});
    await settled();
    const policies = ["server-public", "other-public"].map(
      (name) => inputs("Service", name).spec.externalTrafficPolicy,
    );
    expect(policies).toEqual(["Cluster", "Cluster"]);
  });

  it("which is opened once, whichever of its ports comes first", async () => {
    const turnFirst = [...PORTS].sort((a, b) => b.name.localeCompare(a.name));
    const platform = cluster();
    platform.openMedia(OWNER, turnFirst, {});
    platform.run({ ...WORKLOAD, ...OWNER, ports: turnFirst }, {});
    await settled();
    expect(turnFirst[0]?.name).toBe("turn-tls");
    const balancers = registered.filter(({ inputs }) => inputs.spec?.type === "LoadBalancer");
    expect(balancers.map(({ name }) => name)).toEqual(["server-public"]);
  });

  it("which is the one that the server tells them", async () => {
    expect(await resolved(await run())).toBe("192.0.2.7");
  });

  it("or the one that was named", async () => {
    balancer = [];
    expect(await run({ address: "198.51.100.1" })).toBe("198.51.100.1");
    expect(objects(registered)).toContain("Service server-public");
  });
});

describe("the address of a load balancer", () => {
  /** An output that is known at once: what is thrown in a real one ends the program, and nobody can catch it. */
  const known = <T>(value: T) => ({ apply: <U>(then: (value: T) => U) => then(value) });
  const address = (ingress: object[] | undefined) => () =>
    mediaAddress({ status: known({ loadBalancer: ingress && { ingress } }) } as never);

  it("is the first that it has", () => {
    expect(address([{ ip: "192.0.2.1" }, { ip: "192.0.2.2" }])()).toBe("192.0.2.1");
  });

  it.each<[string, object[] | undefined, string]>([
    [
      "a host name, since browsers need an address",
      [{ hostname: "a.elb.example.com" }],
      "The load balancer of calls has only the host name a.elb.example.com, and browsers need an address. Give it fixed addresses by rtc:mediaAnnotations and name one: pulumi config set rtc:nodeAddress ADDRESS. Or use the nodes' own: pulumi config set rtc:media hostNetwork",
    ],
    [
      "none",
      [],
      "The load balancer of calls has no address yet. Does the cluster have a controller for Services of type LoadBalancer? Where it is slow, run the update again",
    ],
    [
      "no status",
      undefined,
      "The load balancer of calls has no address yet. Does the cluster have a controller for Services of type LoadBalancer? Where it is slow, run the update again",
    ],
  ])("is refused where there is %s", (_, ingress, message) => {
    expect(address(ingress)).toThrow(expect.objectContaining({ __pulumiRunError: true, message }));
  });

  it("is not known yet in a preview of one that is not there, and refused where it is known to be a name", () => {
    const preview = vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
    expect([address([])(), address(undefined)()]).toEqual([pulumi.unknown, pulumi.unknown]);
    expect(address([{ hostname: "a.elb.example.com" }])).toThrow(/has only the host name a\.elb\.example\.com,/);
    preview.mockRestore();
  });
});

describe("on the network of each server's node", () => {
  const HOST: Partial<KubernetesPlatformArgs> = {
    namespaces: { ...ARGS.namespaces, host: "chat-rtc" },
    media: { by: "hostNetwork", annotations: {} },
  };
  const RANGE: Workload = {
    ...WORKLOAD,
    ...OWNER,
    ports: [...PORTS.slice(0, 2), { name: "media", protocol: "udp", first: 50_000, last: 50_100 }, ...PORTS.slice(3)],
    hostAddressVariable: "NODE_IP",
  };

  async function run(change: Partial<Workload> = {}) {
    const platform = cluster(HOST);
    const address = platform.openMedia(OWNER, RANGE.ports, {});
    platform.run({ ...RANGE, ...change }, {});
    await settled();
    return address;
  }
  const pod = () => inputs("Deployment", "server").spec.template.spec;

  it("there is no load balancer, and no address that all of them have", async () => {
    expect(await run()).toBeUndefined();
    expect(registered.filter(({ inputs }) => inputs.spec?.type === "LoadBalancer")).toEqual([]);
  });

  it("they live in a namespace that lets them, which is closed too", async () => {
    await run();
    expect(inputs("Namespace", "chat-rtc").metadata.labels).toEqual({
      "app.kubernetes.io/name": "chat-rtc",
      "app.kubernetes.io/instance": "chat-rtc",
      "app.kubernetes.io/part-of": "nself",
      "app.kubernetes.io/managed-by": "pulumi",
      "pod-security.kubernetes.io/enforce": "privileged",
    });
    const { metadata, spec } = inputs("NetworkPolicy", "nself-default-deny-host");
    expect([metadata.namespace, spec]).toEqual(["chat-rtc", inputs("NetworkPolicy", "nself-default-deny").spec]);
  });

  it("with all that is theirs, and nobody else", async () => {
    const platform = cluster(HOST);
    platform.run(RANGE, {});
    platform.run({ ...WORKLOAD, name: "other" }, {});
    await settled();
    const places = registered
      .filter(({ inputs }) => inputs.metadata?.namespace)
      .map(({ name, inputs }) => `${inputs.kind} ${name}: ${inputs.metadata.namespace}`)
      .filter((line) => line.endsWith("chat-rtc"))
      .sort();
    expect(places).toEqual([
      "Deployment server: chat-rtc",
      "Ingress server: chat-rtc",
      "NetworkPolicy nself-default-deny-host: chat-rtc",
      "NetworkPolicy server: chat-rtc",
      "PodDisruptionBudget server: chat-rtc",
      "Service server: chat-rtc",
      "ServiceAccount server: chat-rtc",
    ]);
  });

  it("each has a node to itself, whose address it is told, and a name service", async () => {
    await run();
    const { hostNetwork, dnsPolicy, affinity, containers } = pod();
    expect({ hostNetwork, dnsPolicy, affinity, env: containers[0].env }).toEqual({
      hostNetwork: true,
      dnsPolicy: "ClusterFirstWithHostNet",
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: selector("server") }, topologyKey: "kubernetes.io/hostname" },
          ],
        },
      },
      env: [{ name: "NODE_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }],
    });
  });

  it("or finds its address by itself", async () => {
    const { hostAddressVariable: _, ...rest } = RANGE;
    cluster(HOST).run(rest, {});
    await settled();
    expect(pod().containers[0].env).toEqual([]);
  });

  it.each([1, 3])("%i of them: the old one leaves its ports before the new one takes them", async (number) => {
    await run({ replicas: { min: number, max: number } });
    const { replicas, strategy } = inputs("Deployment", "server").spec;
    expect([replicas, strategy]).toEqual([
      number,
      { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    ]);
    expect(pod().affinity.podAntiAffinity).toHaveProperty("requiredDuringSchedulingIgnoredDuringExecution");
    expect("topologySpreadConstraints" in pod()).toBe(false);
  });

  it("a range needs no names, and is opened for everybody", async () => {
    await run();
    expect(pod().containers[0].ports.map(({ name }: { name: string }) => name)).toEqual([
      "http",
      "ice-tcp",
      "turn-tls",
      "metrics",
    ]);
    expect(inputs("NetworkPolicy", "server").spec.ingress[2]).toEqual({
      from: [{ ipBlock: { cidr: "0.0.0.0/0" } }],
      ports: [{ protocol: "UDP", port: 50_000, endPort: 50_100 }],
    });
  });

  it("keeps the rest of the pod's locks", async () => {
    await run();
    expect(pod().containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    });
  });

  it("a server without media stays where the others are", async () => {
    cluster(HOST).run(WORKLOAD, {});
    await settled();
    expect(inputs("StatefulSet", "server").metadata.namespace).toBe("chat");
    expect("hostNetwork" in inputs("StatefulSet", "server").spec.template.spec).toBe(false);
  });
});
