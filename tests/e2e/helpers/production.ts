import { expect, vi } from "vitest";
import { caFile, clusterEnvironment, issueCertificate, startCluster, terminalProgress } from "../../../lab/lab.ts";
import { mirrorDigest } from "../../../lab/mirror.ts";
import { Checkout, ok, type Ran } from "./checkout.ts";
import { trustLab } from "./clients.ts";
import { kubectl } from "./cluster.ts";
import { setHosts } from "./hosts.ts";
import { addressOf, apply, soon } from "./pods.ts";

export const DOMAIN = "prod.lab.test";
export const NAMESPACE = "nself-chat";
export const STRANGER = "nself-stranger";
export const TLS_SECRET = "lab-tls";
const RTMP_IMAGE = "tiangolo/nginx-rtmp";

/** Where an earlier run may have left something: the stack's namespace, and that of a stranger. */
const NAMESPACES = [NAMESPACE, STRANGER];

/** What fits a node of two cores. Nothing else of production is smaller here than elsewhere. */
async function small(): Promise<Record<string, unknown>> {
  return {
    "search:memory": 512,
    "search:cpus": 0.4,
    "rtc:memory": 512,
    "rtc:cpus": 0.4,
    "rtc:drain": 10,
    "streaming:memory": 256,
    "streaming:cpus": 0.4,
    "streaming:edgeMemory": 128,
    "streaming:edgeCpus": 0.2,
    "streaming:image": `${RTMP_IMAGE}@${await mirrorDigest(RTMP_IMAGE, "latest")}`,
  };
}

/** A checkout whose operator works on the stack `prod`, with the lab's cluster behind it. */
export class Production {
  readonly checkout: Checkout;

  private constructor(checkout: Checkout) {
    this.checkout = checkout;
  }

  /** The stack's file is the one in git until `configure`. */
  static async create(): Promise<Production> {
    await startCluster(terminalProgress());
    await Production.clean();
    const production = new Production(await Checkout.create());
    production.checkout.chooseLab();
    return production;
  }

  /** The operator's own lines, for this cluster. */
  async settle(): Promise<void> {
    this.configure({
      ...(await small()),
      "platform:domain": DOMAIN,
      "frontend:origins": [`https://${DOMAIN}`],
      "platform:tlsIssuer": undefined,
      "platform:tlsSecret": TLS_SECRET,
    });
  }

  configure(settings: Record<string, unknown>): void {
    this.checkout.configure(settings, "prod");
  }

  /** Runs an npm script on the stack, against the lab's cluster unless `env` names another. */
  npm(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const trusting = { NODE_EXTRA_CA_CERTS: caFile, ...clusterEnvironment(), ...env };
    return this.checkout.run("npm", ["run", "--silent", script, "--", "--stack", "prod", ...args], trusting);
  }

  preview(...args: string[]): Promise<Ran> {
    return this.npm("preview", args);
  }

  up(): Promise<Ran> {
    return this.npm("up", ["--yes", "--no-env"]);
  }

  /** From nothing to servers that this machine finds and trusts. @returns the stack's outputs */
  async start(): Promise<Record<string, string>> {
    await this.settle();
    await makeNamespace(RESTRICTED);
    await makeCertificate();
    this.configure({ "platform:createNamespace": false });
    ok(await this.up());
    await introduce();
    await untilServed();
    return this.outputs();
  }

  /** The stack's outputs, secrets in clear. */
  async outputs(): Promise<Record<string, string>> {
    const ran = await this.npm("pulumi", ["stack", "output", "--json", "--show-secrets"]);
    ok(ran);
    return JSON.parse(ran.stdout);
  }

  static async clean(): Promise<void> {
    setHosts({});
    ok(await kubectl(["uncordon", "nself-lab"]));
    ok(await kubectl(["delete", "namespace", "--ignore-not-found", "--timeout=600s", ...NAMESPACES]));
  }

  async remove(): Promise<void> {
    await Production.clean();
    this.checkout.remove();
  }
}

const WEB_HOSTS = ["search", "livekit", "stream"];

/**
 * Tells this machine where the hosts are, and whom it may trust: the work of DNS and of a public authority.
 * @param direct hosts with a load balancer of their own, by the name of its Service
 */
export async function introduce(direct: Readonly<Record<string, string>> = { ingest: "rtmp-public" }): Promise<void> {
  trustLab();
  const hosts = Object.fromEntries(WEB_HOSTS.map((part) => [`${part}.${DOMAIN}`, "traefik"]));
  for (const [part, service] of Object.entries(direct)) hosts[`${part}.${DOMAIN}`] = service;
  const found = Object.entries(hosts).map(async ([host, service]) => [
    host,
    await (service === "traefik" ? addressOf(service, "traefik") : addressOf(service)),
  ]);
  setHosts(Object.fromEntries(await Promise.all(found)));
}

/** A path of each host that answers 200 to everybody. */
const HEALTH: Readonly<Record<string, string>> = { search: "/health", livekit: "/", stream: "/health" };

/** Pods that are ready are known to the ingress controller, and to whoever routes to them, a moment later. */
export async function untilServed(hosts: readonly string[] = WEB_HOSTS): Promise<void> {
  await vi.waitFor(async () => {
    const answers = hosts.map(async (host) => {
      const signal = AbortSignal.timeout(5_000);
      return [host, (await fetch(`https://${host}.${DOMAIN}${HEALTH[host]}`, { signal })).status];
    });
    expect(await Promise.all(answers)).toEqual(hosts.map((host) => [host, 200]));
  }, soon);
}

/** As an operator makes it before the first update. */
export async function makeNamespace(labels: Record<string, string>): Promise<void> {
  await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels } });
}

export const RESTRICTED = Object.fromEntries(
  ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
);

/** One certificate for all hosts, signed by the lab's authority; again, and it is renewed. */
export async function makeCertificate(parts: readonly string[] = WEB_HOSTS): Promise<void> {
  const { certificate, key } = await issueCertificate(parts.map((part) => `${part}.${DOMAIN}`));
  await apply({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name: TLS_SECRET, namespace: NAMESPACE },
    stringData: { "tls.crt": certificate, "tls.key": key },
  });
}
