import { describe, expect, it } from "vitest";
import { schema } from "../../components/settings.ts";
import { problems, read } from "./helpers/settings.ts";

/** The settings of one platform, those of the other left out. */
function settingsOf(platform: "docker" | "kubernetes", settings: object) {
  const other = platform === "docker" ? "kubernetes" : "docker";
  const entries = (of: object): [string, unknown][] => Object.entries(of);
  return Object.fromEntries(
    entries(settings).map(([namespace, values]) => [
      namespace,
      Object.fromEntries(
        entries(values as object).filter(
          ([key]) => (schema as Record<string, Record<string, readonly unknown[]>>)[namespace]?.[key]?.[2] !== other,
        ),
      ),
    ]),
  );
}

describe("defaults", () => {
  it("are the laptop's", () => {
    expect(settingsOf("docker", read())).toEqual({
      platform: {
        kind: "docker",
        prefix: "nchat",
        network: undefined,
        bindAddress: "127.0.0.1",
        hostname: "localhost",
        logSize: 10,
      },
      frontend: { origins: ["http://localhost:3000", "http://127.0.0.1:3000"] },
      search: {
        enabled: true,
        image: "getmeili/meilisearch:v1.50.0",
        port: 7700,
        memory: 1024,
        cpus: "1",
        maxProcesses: 512,
        startup: 180,
        masterKey: undefined,
        languages: ["en", "de", "fr", "es", "pt", "it", "nl"],
        locales: [],
        indexes: {},
        settingsOwner: "stack",
        embedders: {},
        embedderKey: undefined,
        embedderNetworks: [],
        keys: {},
        rotation: {},
        keepPrevious: true,
        publicKey: true,
        appKey: undefined,
        backupEvery: "off",
        backupKind: "dump",
        backupKeep: 7,
        backupEndpoint: undefined,
        backupBucket: undefined,
        backupPrefix: "nself-chat/search",
        backupRegion: "us-east-1",
        backupAccessKeyId: undefined,
        backupSecretAccessKey: undefined,
      },
      rtc: {
        enabled: true,
        image: "livekit/livekit-server:v1.13.5",
        port: 7880,
        tcpPort: 7881,
        mediaPorts: { first: 7882, last: 7882 },
        nodeAddress: undefined,
        redisUrl: undefined,
        redisPassword: undefined,
        maxParticipants: 100,
        emptyTimeout: 300,
        drain: 5,
        logLevel: "info",
        turnDomain: undefined,
        turnUdpPort: undefined,
        turnTlsPort: undefined,
        turnServer: undefined,
        turnServerPort: undefined,
        turnSecret: undefined,
        memory: 1024,
        cpus: "1",
        maxProcesses: 512,
        apiKey: undefined,
        apiSecret: undefined,
      },
      streaming: {
        enabled: true,
        image: "tiangolo/nginx-rtmp:latest",
        ingestPort: 1935,
        httpPort: 8088,
        publish: "open",
        publishKey: undefined,
        fragment: 2,
        playlist: 20,
        record: false,
        memory: 256,
        cpus: "1",
        maxProcesses: 128,
      },
    });
  });

  it("each satisfy their own rule", () => {
    for (const keys of Object.values(schema)) {
      for (const [kind] of Object.values(keys)) {
        if ("fallback" in kind && kind.fallback !== undefined) {
          expect(kind.parse.safeParse(kind.fallback)).toMatchObject({ success: true });
        }
      }
    }
  });
});

describe("values", () => {
  it.each([
    ["rtc:mediaPorts", "50000-50100", { first: 50_000, last: 50_100 }],
    ["rtc:mediaPorts", "7882-7882", { first: 7882, last: 7882 }],
    ["rtc:mediaPorts", "50000-50999", { first: 50_000, last: 50_999 }],
    ["search:image", "getmeili/meilisearch:v1.6", "getmeili/meilisearch:v1.6"],
    ["search:image", "registry.example.com:5000/a/b:v1", "registry.example.com:5000/a/b:v1"],
    ["search:image", `a/b@sha256:${"0".repeat(64)}`, `a/b@sha256:${"0".repeat(64)}`],
    ["search:image", `a/b:v1@sha256:${"0".repeat(64)}`, `a/b:v1@sha256:${"0".repeat(64)}`],
    ["search:cpus", "0.5", "0.5"],
    ["search:enabled", "false", false],
    ["frontend:origins", '["https://chat.example.com","https://chat.example.com"]', ["https://chat.example.com"]],
  ])("%s takes %s", (key, text, value) => {
    const [namespace = "", name = ""] = key.split(":");
    expect((read({ [key]: text }) as unknown as Record<string, Record<string, unknown>>)[namespace]?.[name]).toEqual(
      value,
    );
  });
});

const RANGE =
  "must be one UDP port such as 7882 or a range such as 50000-50100, lower end first, of at most 1000 ports (one or the other, never both). The default is 7882";
const IMAGE =
  "must be an image reference with a tag or a digest, such as name:v1.2.3 or name@sha256:…. The default is getmeili/meilisearch:v1.50.0";
const ORIGINS =
  'must be a list of origins, each scheme://host[:port] with no path, such as ["http://localhost:3000"]. The default is ["http://localhost:3000","http://127.0.0.1:3000"]';

describe("one broken value", () => {
  it.each([
    ["search:port", "70000", "must be a port from 1 to 65535. The default is 7700"],
    ["search:port", "0", "must be a port from 1 to 65535. The default is 7700"],
    ["search:port", "seven", "must be a port from 1 to 65535. The default is 7700"],
    ["search:port", "7700.5", "must be a port from 1 to 65535. The default is 7700"],
    ["search:enabled", "yes", "must be true or false. The default is true"],
    ["search:memory", "64", "must be a whole number of MiB from 256 to 1048576. The default is 1024"],
    ["rtc:cpus", "0", "must be a number of processors such as 0.5, 1 or 2. The default is 1"],
    ["rtc:mediaPorts", "50100-50000", RANGE],
    ["rtc:mediaPorts", "50000-51000", RANGE],
    ["rtc:mediaPorts", "7882,50000-50100", RANGE],
    ["rtc:mediaPorts", "", RANGE],
    ["rtc:logLevel", "loud", "must be one of debug, info, warn, error. The default is info"],
    [
      "rtc:nodeAddress",
      "300.1.1.1",
      "must be an IPv4 address such as 192.168.1.20. Remove it: pulumi config rm rtc:nodeAddress",
    ],
    ["search:image", "", IMAGE],
    ["search:image", "meilisearch", IMAGE],
    ["search:image", "Upper/case:v1", IMAGE],
    ["search:image", "name:v1 ; rm", IMAGE],
    ["frontend:origins", "http://localhost:3000", ORIGINS],
    ["frontend:origins", '["*"]', ORIGINS],
    ["frontend:origins", '["http://localhost:3000/"]', ORIGINS],
    ["frontend:origins", '["javascript:alert(1)"]', ORIGINS],
    ["platform:kind", "podman", "must be one of docker, kubernetes. The default is docker"],
    [
      "platform:prefix",
      "My App",
      "must be 1 to 32 lower-case letters, digits and dashes, starting with a letter. The default is nchat",
    ],
  ])("%s = %j", (key, text, rule) => {
    expect(problems({ [key]: text })).toEqual([`${key} = ${JSON.stringify(text)} ${rule}`]);
  });
});

describe("unknown keys", () => {
  it.each([
    [
      "search:prot",
      "search:prot is not a setting (did you mean search:port?). Remove it: pulumi config rm search:prot",
    ],
    [
      "serach:port",
      "serach:port is not a setting (did you mean search:port?). Remove it: pulumi config rm serach:port",
    ],
    [
      "nself-chat-services:mediaPorts",
      "nself-chat-services:mediaPorts is not a setting (did you mean rtc:mediaPorts?). Remove it: pulumi config rm nself-chat-services:mediaPorts",
    ],
    ["search:quantum", "search:quantum is not a setting. Remove it: pulumi config rm search:quantum"],
  ])("%s", (key, message) => {
    expect(problems({ [key]: "1" })).toEqual([message]);
  });

  it("of Pulumi and its providers are left alone", () => {
    expect(problems({ "pulumi:disable-default-providers": '["docker"]', "docker:host": "unix:///x" })).toEqual([]);
  });
});

describe("secrets", () => {
  const key = "search:masterKey";
  const TOKEN = "8 to 512 letters, digits and any of -_./+=";

  it.each([
    [key, "short-and-secret", "at least 32 characters, letters, digits, - and _ only"],
    ["search:embedderKey", "sk-1 2", TOKEN],
    ["search:backupSecretAccessKey", "short", TOKEN],
  ])("are never repeated: %s", (name, text, rule) => {
    expect(problems({ [name]: text }, [name])).toEqual([
      `${name} = (a secret) must be ${rule}. Remove it: pulumi config rm ${name}`,
    ]);
  });

  it.each([
    [key, "nchat-search-dev-key-32-chars-long"],
    ["search:embedderKey", "sk-example-token"],
    ["search:backupSecretAccessKey", "wJalrXUtnFEMI/K7+MDENG=="],
  ])("must be stored encrypted: %s", (name, text) => {
    expect(problems({ [name]: text })).toEqual([
      `${name} is a secret stored in plain text. Store it encrypted: pulumi config set --secret ${name}`,
    ]);
  });

  it("are not among the fields of a document, where they would be in plain text", () => {
    const openAi = { source: "openAi", model: "text-embedding-3-small", apiKey: "sk-example-token" };
    expect(problems({ "search:embedders": JSON.stringify({ default: openAi }) })).toEqual([
      "search:embedders: the embedder default has apiKey, a secret in plain text. Remove it, and store it encrypted: pulumi config set --secret search:embedderKey",
    ]);
  });

  it("that the spec publishes are fine on a laptop and refused beyond", () => {
    const values = { [key]: "nchat-search-dev-key-32-chars-long" };
    expect(problems(values, [key])).toEqual([]);
    const outside = { ...values, "platform:bindAddress": "192.168.1.20", "streaming:publish": "key" };
    expect(problems(outside, [key])).toEqual([
      "search:masterKey is a published development value, and this stack is reachable from outside. Remove it to have one generated: pulumi config rm search:masterKey",
    ]);
  });
});

describe("settings that do not go together", () => {
  it.each<[string, Record<string, string>, string]>([
    [
      "one port twice",
      { "search:port": "7880" },
      "search:port and rtc:port both publish tcp port 7880. Give one of them another port",
    ],
    [
      "a port inside the media range",
      { "rtc:mediaPorts": "3000-3100", "rtc:turnDomain": "turn.example.com", "rtc:turnUdpPort": "3050" },
      "rtc:mediaPorts and rtc:turnUdpPort both publish udp port 3050. Give one of them another port",
    ],
    [
      "one number for TCP and UDP of LiveKit",
      { "rtc:mediaPorts": "7881" },
      "rtc:tcpPort and rtc:mediaPorts publish the same number 7881, which Docker's provider cannot tell apart. Give one of them another port",
    ],
    [
      "a port of the core",
      { "streaming:httpPort": "8080" },
      'streaming:httpPort = "8080" is a port of the core backend. Choose one that it does not use',
    ],
    [
      "all addresses without one for calls",
      { "platform:bindAddress": "0.0.0.0", "streaming:publish": "key" },
      "rtc:nodeAddress is missing: with platform:bindAddress = 0.0.0.0 calls need the address at which clients reach this host. Set it: pulumi config set rtc:nodeAddress 192.168.1.20",
    ],
    [
      "TURN without a port",
      { "rtc:turnDomain": "turn.example.com" },
      'rtc:turnDomain = "turn.example.com" turns TURN on, but no port is set. Set rtc:turnUdpPort, rtc:turnTlsPort or both',
    ],
    [
      "TURN without a domain",
      { "rtc:turnUdpPort": "3478" },
      "rtc:turnDomain is missing: a TURN port is set, and clients are told this name. Set it, or remove the port",
    ],
    [
      "half an external TURN server",
      { "rtc:turnServer": "turn.example.com" },
      "rtc:turnServerPort and rtc:turnSecret are missing: an external TURN server needs rtc:turnServer, rtc:turnServerPort and rtc:turnSecret together",
    ],
    [
      "open publishing beyond loopback",
      { "platform:bindAddress": "192.168.1.20" },
      'streaming:publish = "open" with platform:bindAddress = 192.168.1.20 would let anybody on the network publish. Set it: pulumi config set streaming:publish key',
    ],
    [
      "a playlist under three fragments",
      { "streaming:fragment": "10" },
      'streaming:playlist = "20" holds fewer than three fragments of 10 s: players would stall. Set it to 30 or more',
    ],
  ])("%s", (_, values, message) => {
    expect(problems(values)).toEqual([message]);
  });

  it("are not looked at for a service that is switched off", () => {
    expect(problems({ "search:port": "7880", "rtc:enabled": "false" })).toEqual([]);
  });
});

it("reports all problems of one run together, and no consequence of a broken value", () => {
  const error = (() => {
    try {
      return read({ "search:port": "0", "rtc:porrt": "1", "streaming:httpPort": "8080", "streaming:fragment": "99" });
    } catch (caught) {
      return caught;
    }
  })();
  expect(String(error)).toBe(`SettingsError: 4 settings need a change:
  - rtc:porrt is not a setting (did you mean rtc:port?). Remove it: pulumi config rm rtc:porrt
  - search:port = "0" must be a port from 1 to 65535. The default is 7700
  - streaming:fragment = "99" must be a whole number of seconds from 1 to 30. The default is 2
  - streaming:httpPort = "8080" is a port of the core backend. Choose one that it does not use`);
});
