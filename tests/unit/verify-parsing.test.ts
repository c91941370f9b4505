import { describe, expect, it } from "vitest";
import { isTransportStream, parsePlaylist } from "../../scripts/verify/hls.ts";
import { InOrder } from "../../scripts/verify/in-order.ts";
import { parseCandidate } from "../../scripts/verify/rtc-addresses.ts";
import { parseStatistics } from "../../scripts/verify/statistics.ts";

describe("an HLS playlist", () => {
  it("names its segments, oldest first", () => {
    // As nginx-rtmp 1.2.2 writes it.
    const text =
      "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:3\n#EXT-X-DISCONTINUITY\n" +
      "#EXTINF:2.930,\n/hls/t1/1795474478098.ts\n#EXTINF:0.994,\n/hls/t1/1795474480960.ts\n";
    expect(parsePlaylist(text)).toEqual({
      segments: ["/hls/t1/1795474478098.ts", "/hls/t1/1795474480960.ts"],
      variants: [],
    });
  });

  it("may have other tags, blank lines and carriage returns before an address", () => {
    const text = "#EXTM3U\r\n#EXTINF:2,\r\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z\r\n\r\na.ts\r\n#EXTINF:2,\r\n";
    expect(parsePlaylist(text)).toEqual({ segments: ["a.ts"], variants: [] });
  });

  it("names its variants where it is a master playlist", () => {
    const text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360\n360/index.m3u8\n";
    expect(parsePlaylist(text)).toEqual({ segments: [], variants: ["360/index.m3u8"] });
  });

  it("is not an error page", () => {
    expect(parsePlaylist("<html>404 Not Found</html>")).toBeUndefined();
    expect(parsePlaylist("")).toBeUndefined();
  });
});

it("tells an MPEG transport stream from other bytes", () => {
  const packets = new Uint8Array(376);
  packets[0] = packets[188] = 0x47;
  expect(isTransportStream(packets)).toBe(true);
  expect(isTransportStream(packets.subarray(0, 188))).toBe(true);
  expect(isTransportStream(packets.subarray(0, 187))).toBe(false);
  expect(isTransportStream(packets.subarray(1))).toBe(false);
  expect(isTransportStream(packets.fill(0, 188))).toBe(false);
  expect(isTransportStream(new Uint8Array())).toBe(false);
});

describe("the RTMP statistics", () => {
  const stat = (inner: string) =>
    `<?xml version="1.0" encoding="utf-8" ?>\r\n<?xml-stylesheet type="text/xsl" href="/stat.xsl" ?>\r\n<rtmp>\r\n${inner}</rtmp>`;
  const version = "<nginx_version>1.23.2</nginx_version><nginx_rtmp_version>1.1.4</nginx_rtmp_version>";
  const stream = (name: string) =>
    `<stream><name>${name}</name><time>1</time><client><id>1</id><publishing/><active/></client></stream>`;

  it("list streams by application", () => {
    const xml = stat(
      `${version}<server><application><name>live</name><live>${stream("a")}${stream("b")}<nclients>2</nclients></live></application>` +
        "<application><name>vod</name><play><nclients>0</nclients></play></application></server>",
    );
    expect(parseStatistics(xml)).toEqual({ version: "1.1.4", streams: { live: ["a", "b"], vod: [] } });
  });

  it.each([
    ["<html><body>It works</body></html>", "the root element is <html>, without <nginx_rtmp_version>"],
    [stat(""), "the root element is <rtmp>, without <nginx_rtmp_version>"],
    [stat(`${version}<server>`), "</rtmp> closes nothing"],
    ["<rtmp><server>", "<server> is never closed"],
    ["ok\n", "no XML"],
  ])("are refused when they are %j", (xml, message) => {
    expect(() => parseStatistics(xml)).toThrow(new Error(message));
  });
});

it.each([
  [
    "candidate:2878742611 1 udp 2130706431 127.0.0.1 7882 typ host ufrag cxGB",
    { protocol: "udp", address: "127.0.0.1", port: 7882 },
  ],
  [
    "candidate:375738803 1 TCP 1671430143 172.18.0.4 7881 typ host tcptype passive",
    { protocol: "tcp", address: "172.18.0.4", port: 7881 },
  ],
  ["candidate:1 1 udp 1 203.0.113.9 40000 typ relay raddr 0.0.0.0 rport 0", undefined],
  ["", undefined],
])("reads the ICE candidate %j", (line, expected) => {
  expect(parseCandidate(line)).toEqual(expected);
});

it("tells lines of events one after the other, the first one live", () => {
  const told: string[] = [];
  const inOrder = new InOrder<string>((event) => told.push(event));
  const [first, second, third] = [inOrder.line(), inOrder.line(), inOrder.line()];
  second.push("2a");
  first.push("1a");
  expect(told).toEqual(["1a"]);
  third.push("3a");
  third.close();
  second.push("2b");
  first.close();
  expect(told).toEqual(["1a", "2a", "2b"]);
  second.push("2c");
  second.close();
  expect(told).toEqual(["1a", "2a", "2b", "2c", "3a"]);
});
