import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { publishedFolders } from "../../lab/build/go-module.ts";
import { withoutOurs } from "../../lab/cluster/host-network.ts";
import { assign, type ServiceView } from "../../lab/cluster/load-balancer/pool.ts";
import { fill } from "../../lab/cluster/manifests.ts";
import { heldImages } from "../../lab/cluster/node-images.ts";
import { ensureAuthority, sign, subjectAltName } from "../../lab/cluster/openssl.ts";
import { clusterDaemons } from "../../lab/cluster/servers.ts";

const pool = ["10.0.0.1", "10.0.0.2"];
const service = (uid: string, more: Partial<ServiceView> = {}): ServiceView => ({
  uid,
  created: 0,
  wanted: true,
  held: undefined,
  requested: undefined,
  ...more,
});

test.each<[string, ServiceView[], Record<string, string | undefined>]>([
  ["the lowest free one", [service("a"), service("b")], { a: "10.0.0.1", b: "10.0.0.2" }],
  ["the one it has", [service("a"), service("b", { held: "10.0.0.1" })], { a: "10.0.0.2", b: "10.0.0.1" }],
  ["none when all are taken", [service("a"), service("b"), service("c")], { c: undefined }],
  ["none when it wants none any more", [service("a", { wanted: false, held: "10.0.0.1" })], { a: undefined }],
  ["the one it asks for", [service("a"), service("b", { requested: "10.0.0.1" })], { a: "10.0.0.2", b: "10.0.0.1" }],
  ["no other than the one it asks for", [service("a", { requested: "10.9.9.9" })], { a: undefined }],
  ["one of the pool instead of a stranger", [service("a", { held: "10.9.9.9" })], { a: "10.0.0.1" }],
  [
    "its own, of two the older one",
    [service("a", { held: "10.0.0.1", created: 2 }), service("b", { held: "10.0.0.1", created: 1 })],
    { a: "10.0.0.2", b: "10.0.0.1" },
  ],
  [
    "the one it asks for instead of the one it has",
    [service("a", { held: "10.0.0.1", requested: "10.0.0.2" })],
    { a: "10.0.0.2" },
  ],
])("a load balancer gets %s", (_, services, expected) => {
  expect(Object.fromEntries(assign(services, pool))).toMatchObject(expected);
});

test("of a saved firewall, only the cluster's rules go", () => {
  const saved = [
    "*nat",
    ":PREROUTING ACCEPT [0:0]",
    ":KUBE-SERVICES - [0:0]",
    ":DOCKER - [0:0]",
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    "-A POSTROUTING -s 10.201.0.7/32 -j CNI-0f",
    "-A FORWARD -s 10.201.0.0/24 -m comment --comment nself-lab0 -j ACCEPT",
    "COMMIT",
  ];
  expect(withoutOurs(saved.join("\n")).split("\n")).toEqual([saved[0], saved[1], saved[3], saved[5], saved[8]]);
});

test("a placeholder without a value is an error, a variable of a script is none", () => {
  const placeholder = ["$", "{image}"].join("");
  const text = `image: ${placeholder}\nmkdir "$VOL_DIR"`;
  expect(fill(text, { image: "x:1" }, "a.yaml")).toBe('image: x:1\nmkdir "$VOL_DIR"');
  expect(() => fill(text, {}, "a.yaml")).toThrow(`a.yaml has the placeholder ${placeholder}, which has no value.`);
});

test("the manifests are valid YAML, and every container of theirs is locked down", () => {
  const directory = join(import.meta.dirname, "..", "..", "lab", "cluster", "manifests");
  const objects = readdirSync(directory).flatMap((name) =>
    parseAllDocuments(readFileSync(join(directory, name), "utf8")).map((document) =>
      document.toJS({ maxAliasCount: 10 }),
    ),
  );
  const containers = objects.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);
  expect(containers.map(({ name }) => name)).toEqual(["coredns", "traefik", "local-path-provisioner"]);
  for (const { securityContext } of containers) {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  }
});

test("every server of the cluster is told from others by one of its arguments", () => {
  const marks = clusterDaemons.map(({ mark }) => mark);
  expect(new Set(marks).size).toBe(clusterDaemons.length);
  for (const { args, mark } of clusterDaemons) expect(args).toContain(mark);
});

test("containerd's table says what the node holds", () => {
  const table = [
    "REF                          TYPE                DIGEST        SIZE     PLATFORMS   LABELS",
    "registry.test/library/busybox:1  application/vnd.x   sha256:abc    1.0 MiB  linux/amd64 x=y",
    "",
  ];
  const name = "registry.test/library/busybox:1";
  expect(heldImages(table.join("\n"))).toEqual([{ name, path: "library/busybox:1", digest: "sha256:abc" }]);
});

test("folders of a repository become published modules, other versions and replacements stay", () => {
  const goMod = {
    Require: [
      { Path: "k8s.io/api", Version: "v0.0.0" },
      { Path: "k8s.io/utils", Version: "v0.0.0-20250604170112-4c0f3b243397" },
    ],
    Replace: [
      { Old: { Path: "k8s.io/api" }, New: { Path: "./staging/src/k8s.io/api" } },
      { Old: { Path: "example.org/a" }, New: { Path: "example.org/b", Version: "v1.0.0" } },
    ],
  };
  expect(publishedFolders(JSON.stringify(goMod), "v0.34.4")).toEqual([
    "-dropreplace=k8s.io/api",
    "-require=k8s.io/api@v0.34.4",
  ]);
});

test("a certificate names its hosts and addresses, and its authority vouches for it", async () => {
  expect(subjectAltName(["a.test", "10.0.0.1", "::1"])).toBe("DNS:a.test,IP:10.0.0.1,IP:::1");
  const directory = await mkdtemp(join(tmpdir(), "lab-pki-"));
  try {
    const path = join(directory, "ca");
    await ensureAuthority(path, "a test");
    const names = ["a.test", "10.0.0.1"];
    const signed = await sign(path, { commonName: "a.test", names, usage: ["serverAuth"] });
    const authority = new X509Certificate(readFileSync(`${path}.crt`));
    const certificate = new X509Certificate(signed.certificate);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, certificate.ca]).toEqual([true, false]);
    expect(certificate.checkHost("a.test")).toBe("a.test");
    expect(certificate.checkIP("10.0.0.1")).toBe("10.0.0.1");
    expect(certificate.checkHost("b.test")).toBeUndefined();
  } finally {
    await rm(directory, { recursive: true });
  }
});
