import { expect, it } from "vitest";
import type { RtcServiceArgs } from "../../components/rtc.ts";
import type { Settings } from "../../components/settings.ts";
import type { StreamingServiceArgs } from "../../components/streaming.ts";
import { fillNginx } from "../../components/templates.ts";
import type { Port, PortRange, Workload } from "../../components/workload.ts";

/** The compiler is the judge: an error that does not come is an error. What runs here is beside the point. */
it("what cannot work does not compile", () => {
  const range: PortRange = { name: "media", protocol: "udp", first: 1, last: 2 };

  // @ts-expect-error: a range keeps its numbers, so it has nowhere else to be published
  const published: PortRange = { ...range, publish: 3 };

  // @ts-expect-error: a range is media, and media is UDP
  const tcp: PortRange = { ...range, protocol: "tcp" };

  // @ts-expect-error: a port without a number on which clients reach it
  const closed: Port = { name: "http", protocol: "tcp", listen: 80 };

  // @ts-expect-error: a server without a probe: nobody would know when it is ready
  const blind: Workload = {
    name: "a",
    image: "a:b",
    ports: [],
    limits: { memory: 1, cpus: "1", maxProcesses: 1 },
    stopGrace: 1,
  };

  // @ts-expect-error: publishing is open or asks for a key
  const publish: StreamingServiceArgs["publish"] = "secret";

  // @ts-expect-error: the platform is the one argument that has no default
  const homeless: RtcServiceArgs = { image: "a:b" };

  // @ts-expect-error: settings are read, never written
  (settings: Settings) => (settings.search.port = 1);

  // @ts-expect-error: there is no such setting
  (settings: Settings) => settings.search.prot;

  // @ts-expect-error: a template's value is text
  expect(fillNginx("a b; #= a", { a: 1 })).toBe("a 1;");

  expect([published, tcp, closed, blind, publish, homeless]).toHaveLength(6);
});
