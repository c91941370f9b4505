import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run.ts";
import { apiServiceAddress, nodeAddress, nodeName } from "./addresses.ts";
import { type CertificateRequest, ensureAuthority, type KeyPair, sign } from "./openssl.ts";
import { pkiDirectory } from "./paths.ts";

/** `cluster` says who is who in Kubernetes; who holds a certificate of it must not therefore get into etcd. */
type Authority = "cluster" | "etcd" | "lab";

/** Full path without extension: `.crt` and `.key` lie side by side. */
export const pki = (name: string) => join(pkiDirectory, name);

/** What a client has to trust to reach servers with a certificate of {@link issueCertificate} (NODE_EXTRA_CA_CERTS). */
export const caFile = `${pki("lab-ca")}.crt`;
export const clusterCaFile = `${pki("cluster-ca")}.crt`;
export const etcdCaFile = `${pki("etcd-ca")}.crt`;

/** Signs and checks the tokens of service accounts. */
export const serviceAccountKey = `${pki("service-accounts")}.key`;

const client = (commonName: string, organization?: string): CertificateRequest => ({
  commonName,
  usage: ["clientAuth"],
  ...(organization && { organization }),
});

const apiNames = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];
const server: CertificateRequest = {
  commonName: "nself-lab",
  names: [nodeName, "localhost", "127.0.0.1", nodeAddress, apiServiceAddress, ...apiNames],
  usage: ["serverAuth"],
};

/** Every certificate of the cluster, by its file's name. The user names are those that Kubernetes' own roles know. */
const certificates: Record<string, readonly [Authority, CertificateRequest]> = {
  server: ["cluster", server],
  admin: ["cluster", client("nself-lab-admin", "system:masters")],
  kubelet: ["cluster", client(`system:node:${nodeName}`, "system:nodes")],
  "api-to-kubelet": ["cluster", client("nself-lab-api", "system:masters")],
  "controller-manager": ["cluster", client("system:kube-controller-manager")],
  scheduler: ["cluster", client("system:kube-scheduler")],
  proxy: ["cluster", client("system:kube-proxy")],
  "network-policies": ["cluster", client("nself-lab:network-policies")],
  "load-balancer": ["cluster", client("nself-lab:load-balancer")],
  etcd: ["etcd", { ...server, usage: ["serverAuth", "clientAuth"] }],
  "api-to-etcd": ["etcd", client("nself-lab-api")],
};

/** Makes what is missing; what is there stays, because the cluster's data refers to it. */
export async function ensurePki(): Promise<void> {
  await ensureAuthorities();
  await Promise.all(
    Object.entries(certificates).map(async ([name, [authority, request]]) => {
      if (!existsSync(`${pki(name)}.crt`)) await keep(name, await sign(pki(`${authority}-ca`), request));
    }),
  );
  if (existsSync(serviceAccountKey)) return;
  await run("openssl", ["genrsa", "-out", `${serviceAccountKey}.new`, "2048"]);
  await rename(`${serviceAccountKey}.new`, serviceAccountKey);
}

/**
 * A server certificate of the lab's own authority for host names and addresses, the first one as its common name.
 * Clients that trust {@link caFile} accept it. It works before the cluster's first start, too.
 */
export async function issueCertificate(names: readonly string[]): Promise<KeyPair> {
  const [commonName] = names;
  if (commonName === undefined) throw new RangeError("A server certificate needs at least one name.");
  await ensureAuthorities();
  // X.509 ends a common name at 64 characters; clients read the other names.
  return sign(pki("lab-ca"), { commonName: commonName.slice(0, 64), names, usage: ["serverAuth"] });
}

async function ensureAuthorities(): Promise<void> {
  await mkdir(pkiDirectory, { recursive: true, mode: 0o700 });
  for (const name of ["cluster", "etcd", "lab"]) await ensureAuthority(pki(`${name}-ca`), `nself-chat lab: ${name}`);
}

async function keep(name: string, { certificate, key }: KeyPair): Promise<void> {
  await writeFile(`${pki(name)}.key`, key, { mode: 0o600 });
  await writeFile(`${pki(name)}.crt.new`, certificate);
  await rename(`${pki(name)}.crt.new`, `${pki(name)}.crt`);
}
