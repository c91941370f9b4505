import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../run.ts";

/** Nothing here is renewed while it runs: ten years outlast every lab. */
const days = 3650;

/** Debian's own settings would make every certificate an authority. */
const settings = "[req]\ndistinguished_name = subject\n[subject]\n";

export interface CertificateRequest {
  /** As the server or user is called; Kubernetes reads it as the user name. */
  readonly commonName: string;
  /** Kubernetes reads it as the user's group. */
  readonly organization?: string;
  /** Host names and addresses of a server. */
  readonly names?: readonly string[];
  readonly usage: readonly ("serverAuth" | "clientAuth")[];
}

/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes an authority at `path`.crt and `path`.key, unless it is there. */
export async function ensureAuthority(path: string, commonName: string): Promise<void> {
  if (existsSync(`${path}.crt`)) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
  const { certificate, key } = await request(`/CN=${commonName}`, [...extensions, "subjectKeyIdentifier=hash"], []);
  await writeFile(`${path}.key`, key, { mode: 0o600 });
  // Last: its presence says that both are there.
  await writeFile(`${path}.crt.new`, certificate);
  await rename(`${path}.crt.new`, `${path}.crt`);
}

/** A new certificate of the authority at `path`. */
export function sign(path: string, { commonName, organization, names = [], usage }: CertificateRequest) {
  const subject = `${organization ? `/O=${organization}` : ""}/CN=${commonName}`;
  const extensions = [
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    `extendedKeyUsage=${usage.join(",")}`,
    ...(names.length > 0 ? [`subjectAltName=${subjectAltName(names)}`] : []),
  ];
  return request(subject, extensions, ["-CA", `${path}.crt`, "-CAkey", `${path}.key`]);
}

/** The extension's value: OpenSSL tells addresses from names by a prefix. */
export function subjectAltName(names: readonly string[]): string {
  return names.map((name) => `${isIP(name) ? "IP" : "DNS"}:${name}`).join(",");
}

async function request(subject: string, extensions: string[], options: string[]): Promise<KeyPair> {
  const work = await mkdtemp(join(tmpdir(), "nself-lab-pki-"));
  try {
    const [config, certificate, key] = ["openssl.cnf", "crt", "key"].map((name) => join(work, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(config, settings);
    const algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const serial = ["-set_serial", `0x${randomBytes(16).toString("hex")}`];
    const added = extensions.flatMap((extension) => ["-addext", extension]);
    const files = ["-config", config, "-keyout", key, "-out", certificate];
    const common = ["req", "-x509", "-sha256", "-days", `${days}`, "-subj", subject];
    await run("openssl", [...common, ...algorithm, ...serial, ...added, ...files, ...options]);
    return { certificate: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
