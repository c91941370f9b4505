import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { issueCertificate, startCluster, terminalProgress } from "../../lab/lab.ts";
import { ok } from "./helpers/checkout.ts";
import { kubectl, overTls } from "./helpers/cluster.ts";

const file = (name: string) => readFileSync(new URL(`./helpers/${name}`, import.meta.url), "utf8");
const soon = { timeout: 60_000, interval: 500 };
const inTest = (...args: string[]) => kubectl(["--namespace=lab-test", ...args]);
const fromClient = (...command: string[]) => inTest("exec", "client", "--", ...command);

/** The cluster is the lab's, and stays. */
const remove = async () => {
  const gone = (...args: string[]) => kubectl(["delete", "--ignore-not-found", "--timeout=600s", ...args]);
  ok(await gone("--namespace=kube-system", "service/lab-test-dns"));
  ok(await gone("namespace/lab-test"));
};

beforeAll(async () => {
  await startCluster(terminalProgress());
  await remove();
  ok(await kubectl(["apply", "--filename=-"], file("cluster-web.yaml")));
  const { certificate, key } = await issueCertificate(["web.lab.test", "gateway.lab.test"]);
  const data = { "tls.crt": certificate, "tls.key": key };
  const metadata = { name: "web-tls", namespace: "lab-test" };
  const secret = { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata, stringData: data };
  ok(await kubectl(["apply", "--filename=-"], JSON.stringify(secret)));
  ok(await inTest("wait", "--for=condition=Ready", "--timeout=120s", "pod/web", "pod/client"));
});
afterAll(remove);

async function addressOf(what: string, namespace = "lab-test"): Promise<string> {
  const path = "jsonpath={.status.loadBalancer.ingress[0].ip}";
  return vi.waitFor(async () => {
    const { stdout } = await kubectl(["get", what, `--namespace=${namespace}`, `--output=${path}`]);
    expect(stdout).toMatch(/^10\./);
    return stdout;
  }, soon);
}

it("is the release that it says", async () => {
  const { stdout } = await kubectl(["version", "--output=json"]);
  const { clientVersion, serverVersion } = JSON.parse(stdout);
  expect([clientVersion.gitVersion, serverVersion.gitVersion]).toEqual(["v1.34.4", "v1.34.4"]);
});

it("lets a restricted pod write to its claim, and shows its log", async () => {
  expect((await inTest("exec", "web", "--", "cat", "/data/index.html")).stdout).toBe("written by 1000");
  expect((await inTest("logs", "web")).stdout).toBe("serving");
});

it("refuses a privileged pod where the namespace is restricted", async () => {
  const { all } = await inTest("run", "root", "--image=busybox:1.35", "--privileged");
  expect(all).toContain('violates PodSecurity "restricted:latest": privileged');
});

it("finds services by name from a pod", async () => {
  // kube-proxy hears of a pod's readiness a moment after everybody else.
  const ask = () => fromClient("wget", "-qO-", "http://web.lab-test:8000");
  await vi.waitFor(async () => expect((await ask()).stdout).toBe("written by 1000"), soon);
});

it("reaches a load balancer from this machine, over TCP and UDP", async () => {
  const web = `http://${await addressOf("service/web")}:8000`;
  const answer = await vi.waitFor(() => fetch(web), soon);
  expect(await answer.text()).toBe("written by 1000\n");

  const address = await addressOf("service/lab-test-dns", "kube-system");
  const resolver = new Resolver({ timeout: 1000, tries: 3 });
  resolver.setServers([`${address}:5300`]);
  await vi.waitFor(async () => {
    expect(await resolver.resolve4("web.lab-test.svc.cluster.local")).toEqual([expect.stringMatching(/^10\./)]);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(5300, address, () => resolve(socket.destroy() && undefined)).once("error", reject);
    });
  }, soon);
});

it("serves Ingress and Gateway over TLS that the lab's authority vouches for", async () => {
  const address = await addressOf("ingress/web");
  expect(address).toBe(await addressOf("service/traefik", "traefik"));
  for (const host of ["web.lab.test", "gateway.lab.test"]) {
    const answer = await vi.waitFor(() => overTls(host, address).then(expectFound), soon);
    expect(answer.body).toBe("written by 1000\n");
  }
});

it("blocks what a network policy does not allow, and only that", async () => {
  ok(await kubectl(["apply", "--filename=-"], file("cluster-policies.yaml")));
  const ask = () => fromClient("timeout", "3", "wget", "-qO-", "http://web.lab-test:8000");
  const address = await addressOf("ingress/web");
  // All at once: when one policy is in force, another may not be yet.
  await vi.waitFor(async () => {
    expect((await ask()).exitCode).not.toBe(0);
    ok(await fromClient("nslookup", "web.lab-test.svc.cluster.local"));
    expectFound(await overTls("web.lab.test", address));
  }, soon);
  ok(await inTest("delete", "networkpolicy", "--all"));
  await vi.waitFor(async () => expect((await ask()).exitCode).toBe(0), soon);
});

function expectFound<T extends { status: number | undefined }>(answer: T): T {
  expect(answer.status).toBe(200);
  return answer;
}
