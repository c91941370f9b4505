import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderLivekit } from "../../components/rtc-config.ts";
import { renderKey, renderNginx, renderOrigins, renderProxy } from "../../components/streaming-config.ts";
import { fillNginx, fillYaml, readTemplate } from "../../components/templates.ts";

describe("an nginx template", () => {
  it("has the values of its marked lines replaced and the rest left alone", () => {
    const template = "# head\n    hls_fragment 2s; #= fragment\n    live on;\n";
    expect(fillNginx(template, { fragment: "4s" })).toBe("# head\n    hls_fragment 4s;\n    live on;\n");
  });

  it.each<[string, string, Record<string, string>, string]>([
    ["a value without a line", "live on;", { fragment: "4s" }, "The template has no line for fragment."],
    ["a line without a value", "record off; #= record", {}, 'The template asks for "record", and no value is given.'],
    [
      "a mark that is not behind a directive",
      "application live { #= name",
      {},
      'The template\'s line "application live { #= name" cannot be filled in: it needs "directive value; #= name".',
    ],
  ])("is refused for %s", (_, template, values, message) => {
    expect(() => fillNginx(template, values)).toThrow(message);
  });
});

describe("a YAML template", () => {
  it("keeps its comments, sets paths and removes those without a value", () => {
    const template = "# head\nrtc:\n  # why\n  udp_port: 1\n  tcp_port: 2\n";
    const filled = fillYaml(template, [
      [["rtc", "udp_port"], 7],
      [["rtc", "tcp_port"], undefined],
    ]);
    expect(filled).toBe("# head\nrtc:\n  # why\n  udp_port: 7\n");
  });

  it("is refused for a path that it does not show", () => {
    expect(() => fillYaml("a: 1", [[["b"], 1]])).toThrow("The template has no key b.");
  });
});

const rtc = {
  port: 7880,
  tcpPort: 7881,
  mediaPorts: { first: 7882, last: 7882 },
  nodeAddress: "127.0.0.1",
  maxParticipants: 100,
  emptyTimeout: 300,
  logLevel: "info",
  turn: {},
};

describe("livekit.yaml", () => {
  it("of a laptop", () => {
    expect(parse(renderLivekit(rtc))).toEqual({
      port: 7880,
      rtc: { tcp_port: 7881, udp_port: 7882, node_ip: "127.0.0.1", use_external_ip: false },
      room: { auto_create: true, max_participants: 100, empty_timeout: 300 },
      logging: { level: "info", json: true },
    });
    expect(renderLivekit(rtc)).toMatchSnapshot();
  });

  it("has a range or one port, never both", () => {
    const range = parse(renderLivekit({ ...rtc, mediaPorts: { first: 50_000, last: 50_100 } })).rtc;
    expect(range).toMatchObject({ port_range_start: 50_000, port_range_end: 50_100 });
    expect(range).not.toHaveProperty("udp_port");
    expect(parse(renderLivekit(rtc)).rtc).not.toHaveProperty("port_range_start");
  });

  it("has the built-in TURN server, an external one, or none", () => {
    const own = parse(renderLivekit({ ...rtc, turn: { domain: "turn.example.com", udpPort: 3478 } }));
    expect(own.turn).toEqual({ enabled: true, domain: "turn.example.com", udp_port: 3478 });
    const tls = parse(renderLivekit({ ...rtc, turn: { domain: "turn.example.com", tlsPort: 5349 } }));
    expect(tls.turn).toEqual({ enabled: true, domain: "turn.example.com", tls_port: 5349, external_tls: true });
    const external = { host: "turn.example.com", port: 3478, secret: "s".repeat(32) };
    expect(parse(renderLivekit({ ...rtc, turn: { external } })).rtc.turn_servers).toEqual([
      { ...external, protocol: "udp" },
    ]);
  });
});

describe("nginx-rtmp.conf", () => {
  const plain = { fragment: 2, playlist: 20, record: false, keyNeeded: false };

  it("is filled with the values that it shows by itself, but for who may publish", () => {
    const template = readTemplate("nginx-rtmp.conf").replaceAll(/ #= \w+$/gm, "");
    expect(renderNginx({ ...plain, keyNeeded: true })).toBe(template);
  });

  it.each([
    [{ fragment: 4 }, "hls_fragment 4s;"],
    [{ playlist: 30 }, "hls_playlist_length 30s;"],
    [{ record: true }, "record all;\n            record_path /var/lib/nginx-rtmp/recordings;"],
    [{ keyNeeded: false }, "map $arg_key $may_publish {\n        default 1;"],
  ])("with %j has %j", (change, text) => {
    expect(renderNginx({ ...plain, ...change })).toContain(text);
  });

  it("compares the key with regard to case, and holds it in a file of its own", () => {
    expect(renderKey("Abc-123")).toBe('"~^Abc-123$" 1;\n');
  });

  it("allows origins one by one", () => {
    expect(renderOrigins(["http://localhost:3000"])).toBe(
      '# Origins from which browsers may play.\n"http://localhost:3000" $http_origin;\n',
    );
  });
});

describe.each(["nginx-edge.conf", "nginx-gateway.conf"] as const)("%s", (template) => {
  it("is filled with the values that it shows by itself", () => {
    const shown = readTemplate(template);
    const [, origin = ""] = /set \$origin (\S+); #= origin/.exec(shown) ?? [];
    expect(origin).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(renderProxy(template, { origin, resolver: "127.0.0.11" })).toBe(shown.replaceAll(/ #= \w+$/gm, ""));
  });

  it("names the origin and who knows it, wherever it does", () => {
    const filled = renderProxy(template, { origin: "rtmp.chat.svc:1935", resolver: "192.0.2.53" });
    const places = readTemplate(template).match(/#= origin$/gm) ?? [];
    expect(filled.match(/set \$origin rtmp\.chat\.svc:1935;$/gm)).toHaveLength(places.length);
    expect(filled).toContain("resolver 192.0.2.53 valid=5s ipv6=off;");
    expect(filled).not.toMatch(/#= (origin|resolver)$|127\.0\.0\.1/m);
  });
});
