import { beforeEach, describe, expect, it } from "vitest";
import type { Certificates } from "../../components/kubernetes/certificates.ts";
import { readTemplate } from "../../components/templates.ts";
import type { Workload } from "../../components/workload.ts";
import { ARGS, cluster, labels, objects, registration, WORKLOAD } from "./helpers/cluster.ts";
import { type Registered, recordResources, settled } from "./helpers/recorder.ts";

let registered: Registered[];
beforeEach(async () => {
  registered = await recordResources();
});

const inputs = (kind: string, name: string) => registration(registered, kind, name).inputs;
const pod = () => inputs("StatefulSet", "server").spec.template.spec;

/** A server of publishers: it is no host of browsers, so nobody else asks for a certificate for it. */
async function run(certificates: Certificates = { issuer: "letsencrypt" }, change: Partial<Workload> = {}) {
  cluster({ traffic: { ...ARGS.traffic, certificates } }).run(
    {
      ...WORKLOAD,
      certificates: [{ folder: "/etc/tls", host: "ingest.example.com", renewal: "restart" }],
      ports: [
        {
          name: "ingest",
          protocol: "tcp",
          listen: 1936,
          publish: 443,
          audience: { kind: "direct", host: "ingest", secure: true },
        },
      ],
      ...change,
    },
    {},
  );
  await settled();
}

describe("a server that ends TLS by itself", () => {
  it("has a certificate issued for its host", async () => {
    await run();
    expect(inputs("Certificate", "server-server-tls")).toEqual({
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: "server-server-tls", namespace: "chat", labels: labels("server-server-tls") },
      spec: {
        secretName: "server-server-tls",
        dnsNames: ["ingest.example.com"],
        issuerRef: { name: "letsencrypt", kind: "ClusterIssuer" },
      },
    });
  });

  it("finds it in the folder, readable for its group alone", async () => {
    await run();
    const mount = { name: "certificate", mountPath: "/etc/tls", readOnly: true };
    expect(pod().volumes.at(-1)).toEqual({
      name: "certificate",
      secret: { secretName: "server-server-tls", defaultMode: 0o440 },
    });
    expect(pod().containers.map(({ volumeMounts }: { volumeMounts: object[] }) => volumeMounts.at(-1))).toEqual([
      mount,
      mount,
    ]);
  });

  it("has another than browsers get at the same server's host", async () => {
    await run({ issuer: "letsencrypt" }, { ports: WORKLOAD.ports });
    expect(inputs("Ingress", "server").spec.tls).toEqual([{ hosts: ["search.example.com"], secretName: "server-tls" }]);
    expect(pod().volumes.at(-1).secret.secretName).toBe("server-server-tls");
  });

  it("cannot have two", async () => {
    const certificates = [
      { folder: "/etc/tls", host: "ingest.example.com", renewal: "restart" },
      { folder: "/etc/tls-2", host: "other.example.com", renewal: "reload" },
    ] as const;
    await expect(run({ issuer: "letsencrypt" }, { certificates })).rejects.toThrow(
      new Error("server asks for more than one certificate."),
    );
    await settled();
    expect(objects(registered).filter((name) => /^(Certificate|StatefulSet|Deployment) /.test(name))).toEqual([]);
  });

  it("has one that is there, and asks for none", async () => {
    await run({ secret: "wildcard" });
    expect(pod().volumes.at(-1)).toEqual({
      name: "certificate",
      secret: { secretName: "wildcard", defaultMode: 0o440 },
    });
    expect(objects(registered).filter((name) => name.startsWith("Certificate"))).toEqual([]);
  });

  it("is watched by a container that is as locked down, of the same user, and sees its processes", async () => {
    await run();
    expect(pod().shareProcessNamespace).toBe(true);
    expect(pod().containers).toHaveLength(2);
    expect(pod().containers[1]).toEqual({
      name: "certificate-watch",
      image: "example/server:v1.0.0",
      imagePullPolicy: "Always",
      // The kubelet takes `$$` for `$`.
      command: [
        ...["sh", "-c", readTemplate("watch-certificate.sh").split("$").join("$$")],
        ...["--", "/etc/tls", "restart", "7"],
      ],
      resources: {
        requests: { cpu: "25m", memory: "32Mi", "ephemeral-storage": "64Mi" },
        limits: { cpu: "50m", memory: "32Mi", "ephemeral-storage": "64Mi" },
      },
      securityContext: pod().containers[0].securityContext,
      volumeMounts: [{ name: "certificate", mountPath: "/etc/tls", readOnly: true }],
      readinessProbe: { exec: { command: ["test", "-r", "/etc/tls/tls.crt"] }, periodSeconds: 30 },
      livenessProbe: { exec: { command: ["test", "-d", "/etc/tls"] }, periodSeconds: 60 },
    });
  });

  it("is told to reload where that is what it does", async () => {
    const certificates = [{ folder: "/etc/tls", host: "ingest.example.com", renewal: "reload" }] as const;
    await run({ issuer: "letsencrypt" }, { certificates });
    expect(pod().containers[1].command.slice(3)).toEqual(["--", "/etc/tls", "reload", "7"]);
  });

  it("and one that does not has neither", async () => {
    await run({ issuer: "letsencrypt" }, { certificates: [] });
    expect(pod().containers).toHaveLength(1);
    expect("shareProcessNamespace" in pod()).toBe(false);
    expect(objects(registered).filter((name) => name.startsWith("Certificate"))).toEqual([]);
  });
});
