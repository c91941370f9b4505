import { beforeEach, describe, expect, it, vi } from "vitest";
import { kindOf, objects } from "./helpers/cluster.ts";
import { ALL, balanceAt, begin, encrypted, livekitConfig, plain, run, start } from "./helpers/prod-program.ts";
import { inputs, registered } from "./helpers/recorded.ts";
import { failure } from "./helpers/recorder.ts";

vi.mock("../../components/previous.ts", () => ({ previousResources: async () => [] }));
beforeEach(begin);

describe("TURN over TLS", () => {
  const TURN = { "rtc:turnDomain": "turn.example.com", "rtc:turnTlsPort": "5349", "rtc:turnUdpPort": "3478" };

  it("ends at LiveKit, whose load balancer has it at the port that clients are told", async () => {
    const outputs = await run(TURN);
    expect(inputs("Service", "livekit-public").spec.ports).toEqual([
      { name: "ice-tcp", port: 7881, targetPort: "ice-tcp", protocol: "TCP" },
      { name: "media", port: 7882, targetPort: "media", protocol: "UDP" },
      { name: "turn-udp", port: 3478, targetPort: "turn-udp", protocol: "UDP" },
      { name: "turn-tls", port: 443, targetPort: "turn-tls", protocol: "TCP" },
    ]);
    const { containers, volumes, shareProcessNamespace } = inputs("StatefulSet", "livekit").spec.template.spec;
    expect([containers.map(({ name }: { name: string }) => name), volumes.at(-1).name, shareProcessNamespace]).toEqual([
      ["livekit", "certificate-watch"],
      "certificate",
      true,
    ]);
    expect(livekitConfig()).toContain("cert_file: /etc/livekit/turn/tls.crt");
    expect(livekitConfig()).toContain("key_file: /etc/livekit/turn/tls.key");
    expect(await plain(outputs.frontendEnv.public)).toMatchObject({ TURN_SERVER_URL: "turn.example.com" });
  });

  it("has a certificate for its own host", async () => {
    await run(TURN);
    const certificate = registered.find((resource) => kindOf(resource) === "Certificate");
    expect(certificate?.inputs.spec.dnsNames).toEqual(["turn.example.com"]);
    const { volumes } = inputs("StatefulSet", "livekit").spec.template.spec;
    expect(volumes.at(-1).secret.secretName).toBe(certificate?.inputs.spec.secretName);
  });

  it("has a certificate for its own host that is not the one of browsers", async () => {
    await run(TURN);
    const certificate = registered.find((resource) => kindOf(resource) === "Certificate");
    expect([inputs("Ingress", "livekit").spec.tls, certificate?.inputs.spec.secretName]).toEqual([
      [{ hosts: ["livekit.chat.example.com"], secretName: "livekit-tls" }],
      "livekit-server-tls",
    ]);
  });

  it("is refused where another port has its number", async () => {
    // All the pairs: settings-kubernetes.test.ts.
    await expect(start({ ...TURN, "rtc:tcpPort": "443" })).rejects.toMatchObject({
      __pulumiRunError: true,
      message:
        "A setting needs a change:\n  - rtc:tcpPort and rtc:turnTlsPort both use port 443. Give one of them another port",
    });
    expect(registered).toEqual([]);
  });

  it("shares the certificate that is there", async () => {
    await run({ ...TURN, "platform:tlsIssuer": undefined, "platform:tlsSecret": "wildcard" });
    expect(objects(registered).filter((name) => name.startsWith("Certificate"))).toEqual([]);
    const { volumes } = inputs("StatefulSet", "livekit").spec.template.spec;
    expect(volumes.at(-1).secret.secretName).toBe("wildcard");
    expect(inputs("Ingress", "livekit").spec.tls[0].secretName).toBe("wildcard");
  });
});

describe("calls on the nodes' own networks", () => {
  const HOST = { "rtc:media": "hostNetwork", "rtc:replicas": "3", "rtc:redisUrl": "redis://redis.data.svc:6379/2" };

  it("are taken by three servers in a namespace apart", async () => {
    await run(HOST);
    const moved = (name: string) => !["Service livekit-headless", "Service livekit-public"].includes(name);
    expect(objects(registered)).toEqual(
      [
        ...ALL.filter(moved).map((name) => name.replace("StatefulSet livekit", "Deployment livekit")),
        "Namespace nself-chat-rtc",
        "NetworkPolicy nself-default-deny-host",
      ].sort(),
    );
    const apart = registered.filter(({ inputs }) => inputs.metadata?.namespace === "nself-chat-rtc");
    expect(apart.map((resource) => `${kindOf(resource)} ${resource.name}`).sort()).toEqual([
      "ConfigMap livekit-config",
      "Deployment livekit",
      "Ingress livekit",
      "NetworkPolicy livekit",
      "NetworkPolicy nself-default-deny-host",
      "PodDisruptionBudget livekit",
      "Secret livekit-secrets",
      "Service livekit",
      "ServiceAccount livekit",
    ]);
    const { replicas, template } = inputs("Deployment", "livekit").spec;
    expect([replicas, template.spec.hostNetwork, template.spec.containers[0].env]).toEqual([
      3,
      true,
      [{ name: "NODE_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }],
    ]);
  });

  it("share rooms through Redis, which they may reach", async () => {
    await run(HOST);
    expect(livekitConfig()).toContain("address: redis.data.svc:6379");
    expect(livekitConfig()).toContain("db: 2");
    expect(livekitConfig()).not.toContain("node_ip");
    expect(inputs("NetworkPolicy", "livekit").spec.egress.at(-1)).toEqual({
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "data" } } }],
      ports: [{ protocol: "TCP", port: 6379 }],
    });
  });

  it("with a password of Redis the configuration is a Secret", async () => {
    encrypted(["rtc:redisPassword"]);
    await run({ ...HOST, "rtc:redisPassword": "the-password-of-redis" });
    const holders = registered.filter(({ inputs }) => JSON.stringify(inputs).includes("the-password-of-redis"));
    expect(holders.map((resource) => `${kindOf(resource)} ${resource.name}`)).toEqual(["Secret livekit-secrets"]);
    expect(objects(registered)).not.toContain("ConfigMap livekit-config");
  });

  it("with STUN they are told no address of their node", async () => {
    await run({ ...HOST, "rtc:useStun": "true" });
    expect(inputs("Deployment", "livekit").spec.template.spec.containers[0].env).toEqual([]);
    expect(livekitConfig()).toContain("use_external_ip: true");
  });

  it("in a namespace of the operator's choice", async () => {
    await run({ ...HOST, "rtc:hostNamespace": "calls" });
    expect(objects(registered).filter((name) => name.startsWith("Namespace"))).toEqual([
      "Namespace calls",
      "Namespace nself-chat",
    ]);
  });
});

describe("the load balancer of calls", () => {
  it("that has only a host name is refused", async () => {
    balanceAt({ hostname: "a.elb.example.com" });
    // The whole sentence: kubernetes-media.test.ts.
    expect(await failure(() => start({}))).toMatchObject({
      __pulumiRunError: true,
      message: expect.stringContaining(": The load balancer of calls has only the host name a.elb.example.com, and"),
    });
  });

  it("is not asked where its address is named", async () => {
    balanceAt({ hostname: "a.elb.example.com" });
    await run({ "rtc:nodeAddress": "198.51.100.1", "rtc:mediaAnnotations": '{"example.com/eip":"a"}' });
    expect(livekitConfig()).toContain("node_ip: 198.51.100.1\\n");
    expect(inputs("Service", "livekit-public").metadata.annotations).toEqual({ "example.com/eip": "a" });
  });
});
