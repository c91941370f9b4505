import { describe, expect, it } from "vitest";
import { normalizeCapabilities } from "../../lab/plugins/docker/container-request.ts";
import { demultiplex } from "../../lab/plugins/docker/container-start.ts";
import { formatCpus, parseCpus } from "../../lab/plugins/docker/cpus.ts";
import { formatDuration, parseDuration } from "../../lab/plugins/docker/durations.ts";
import { repoDigest } from "../../lab/plugins/docker/image.ts";
import { flattenPorts, type Port, samePorts, toPortBindings } from "../../lab/plugins/docker/ports.ts";
import { tar } from "../../lab/plugins/docker/tar.ts";

describe("durations", () => {
  it.each([
    ["0", "0s"],
    ["60s", "1m0s"],
    ["90s", "1m30s"],
    ["1h", "1h0m0s"],
    ["1500ms", "1.5s"],
    ["100ms", "100ms"],
    ["2us", "2µs"],
    ["1h1m1.5s", "1h1m1.5s"],
    ["-5s", "-5s"],
  ])("%s is %s in Go's writing", (text, canonical) => {
    expect(formatDuration(parseDuration(text) ?? Number.NaN)).toBe(canonical);
  });
  it.each(["", "5", "5 s", "s", "1d"])("%j is none", (text) => expect(parseDuration(text)).toBeUndefined());
});

describe("cpus, as the official provider reads them back", () => {
  it.each([
    ["0.5", "0.5"],
    ["1", "1.0"],
    ["1.5", "1.5"],
    ["0.25", "0.25"],
    ["10", "10."],
    ["0.01", "0.0"],
  ])("%s comes back as %s", (text, back) => expect(formatCpus(parseCpus(text))).toBe(back));
});

describe("ports", () => {
  const http: Port = { internal: 8080, external: 80, ip: "127.0.0.1", protocol: "tcp" };
  const tcp: Port = { internal: 1935, external: 1935, ip: "0.0.0.0", protocol: "tcp" };
  const udp: Port = { ...tcp, protocol: "udp" };

  it("come back by container port, without those that are only exposed", () => {
    const { bindings } = toPortBindings([http, udp, tcp]);
    expect(flattenPorts({ ...bindings, "9000/tcp": null })).toEqual([udp, tcp, http]);
    expect(flattenPorts(undefined)).toEqual([]);
  });
  it.each<[string, Port[], Port[], boolean]>([
    ["another order", [http, udp, tcp], [tcp, http, udp], true],
    ["one less", [http, tcp], [http], false],
    ["another host port", [http], [{ ...http, external: 81 }], false],
    ["another address", [http], [{ ...http, ip: "0.0.0.0" }], false],
    ["another protocol", [tcp], [udp], false],
    ["a host port that the engine chose", [tcp], [{ internal: 1935, ip: "0.0.0.0", protocol: "tcp" }], true],
  ])("%s", (_what, olds, news, same) => expect(samePorts(olds, news)).toBe(same));
});

it("writes capabilities as Docker's client does", () => {
  expect(normalizeCapabilities(["net_raw", "CAP_KILL", "KILL", "ALL"])).toEqual(["ALL", "CAP_KILL", "CAP_NET_RAW"]);
});

it("picks the digest of the repository that was asked for", () => {
  const digests = ["mirror:5000/web@sha256:1", "web@sha256:2"];
  expect([
    repoDigest("web:1", digests),
    repoDigest("other:1", digests),
    repoDigest("x", ["y@z"]),
    repoDigest("x", []),
  ]).toEqual(["web@sha256:2", "", "y@z", ""]);
});

it("reads both streams of a log", () => {
  const frame = (stream: number, text: string) =>
    Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length, ...Buffer.from(text)]);
  expect(demultiplex(Buffer.concat([frame(1, "out\n"), frame(2, "err\n")])).toString()).toBe("out\nerr\n");
});

describe("tar", () => {
  it("holds name, mode, size and content in whole blocks", () => {
    const archive = tar([{ path: "/etc/app.yaml", mode: 0o640, content: Buffer.from("a: 1\n") }]);
    expect(archive.length % 512).toBe(0);
    expect(archive.subarray(0, 13).toString("latin1")).toBe("etc/app.yaml\0");
    expect(archive.subarray(100, 108).toString("latin1")).toBe("0000640\0");
    expect(archive.subarray(124, 136).toString("latin1")).toBe("00000000005\0");
    expect(archive.subarray(512, 517).toString()).toBe("a: 1\n");
  });
  it("refuses a name that has no room", () => {
    const file = { path: `/${"x".repeat(101)}`, mode: 0o644, content: Buffer.alloc(0) };
    expect(() => tar([file])).toThrow(`"${file.path}" is longer than the 100 bytes that this stand-in uploads`);
  });
});
