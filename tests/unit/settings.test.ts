import { describe, expect, it } from "vitest";
import { readSettings, SettingsError, schema } from "../../components/settings.ts";

const read = (values: Record<string, string> = {}, secrets: readonly string[] = []) =>
  readSettings({ values, isSecret: (key) => secrets.includes(key) });

/** The problems of a configuration, each as its whole sentence. */
function problems(values: Record<string, string>, secrets: readonly string[] = []): readonly string[] {
  try {
    read(values, secrets);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

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

describe("values of search", () => {
  const BUCKET = {
    "search:backupEvery": "1",
    "search:backupEndpoint": "https://s3.example.com",
    "search:backupBucket": "backups",
    "search:backupAccessKeyId": "AKIAEXAMPLE",
    "search:backupSecretAccessKey": "wJalrXUtnFEMI/K7+MDENG==",
  };
  const VECTORS = { default: { source: "userProvided", dimensions: 3 } };
  const REPORTS = { reports: { actions: ["search"], indexes: ["messages"] } };

  it.each<[keyof ReturnType<typeof read>["search"], string, unknown, Record<string, string>?]>([
    ["languages", '["de","en","de"]', ["de", "en"]],
    ["languages", "[]", []],
    ["locales", '["ja","cmn"]', ["ja", "cmn"]],
    ["indexes", '{"notes":{"primaryKey":"id"}}', { notes: { primaryKey: "id" } }],
    ["settingsOwner", "app", "app"],
    ["embedders", JSON.stringify(VECTORS), VECTORS],
    ["keys", JSON.stringify(REPORTS), REPORTS],
    ["rotation", '{"masterKey":2,"frontend":1000}', { masterKey: 2, frontend: 1000 }],
    ["keepPrevious", "false", false],
    ["appKey", "scoped", "scoped"],
    ["appKey", "master", "master"],
    ["backupEvery", "24", 24],
    ["backupEvery", "1", 1],
    ["backupKind", "both", "both"],
    ["backupKeep", "1000", 1000],
    ["backupEndpoint", "http://minio:9000", "http://minio:9000", BUCKET],
    ["backupBucket", "my.own-bucket1", "my.own-bucket1", BUCKET],
    ["backupPrefix", "a/b_c.d/e-f", "a/b_c.d/e-f"],
    ["backupPrefix", ".hidden/a..b", ".hidden/a..b"],
    ["backupRegion", "auto", "auto"],
    ["backupAccessKeyId", "a".repeat(3), "a".repeat(3), BUCKET],
    ["backupSecretAccessKey", "a".repeat(512), "a".repeat(512), BUCKET],
  ])("search:%s takes %.80s", (key, text, value, others = {}) => {
    expect(read({ ...others, [`search:${key}`]: text }, ["search:backupSecretAccessKey"]).search[key]).toEqual(value);
  });

  const LANGUAGES = "must be a list of en, de, fr, es, pt, it, nl. The default is";
  const DEFAULT_LANGUAGES = `${LANGUAGES} ["en","de","fr","es","pt","it","nl"]`;
  const LOCALES = "must be a list of ISO 639 codes such as af, ak, am, ar. The default is []";
  const HOURS = "must be off, or hours: one of 1, 2, 3, 4, 6, 8, 12, 24. The default is off";
  const ENDPOINT =
    "must be a URL with a host and nothing after it, such as https://s3.example.com or http://minio:9000. Remove it: pulumi config rm search:backupEndpoint";
  const NAME =
    "must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes. Remove it: pulumi config rm search:backupBucket";
  const FOLDER =
    "must be a path of letters, digits, dots, dashes and underscores without a slash at its ends or a .. in it. The default is nself-chat/search";
  const REGION = "must be a region such as eu-central-1, or auto. The default is us-east-1";
  const TOKEN = "must be 3 to 512 letters, digits and any of -_./+=. Remove it: pulumi config rm";

  it.each([
    ["languages", '["xx"]', DEFAULT_LANGUAGES],
    ["languages", "en", DEFAULT_LANGUAGES],
    ["languages", '{"en":true}', DEFAULT_LANGUAGES],
    ["locales", '["xx"]', LOCALES],
    ["locales", '["EN"]', LOCALES],
    ["settingsOwner", "nobody", "must be one of stack, app. The default is stack"],
    ["keepPrevious", "1", "must be true or false. The default is true"],
    ["appKey", "indexer", "must be one of scoped, master. Remove it: pulumi config rm search:appKey"],
    ["backupEvery", "5", HOURS],
    ["backupEvery", "0", HOURS],
    ["backupEvery", "24h", HOURS],
    ["backupEvery", "", HOURS],
    ["backupKind", "dumps", "must be one of dump, snapshot, both. The default is dump"],
    ["backupKeep", "0", "must be a whole number of backups from 1 to 1000. The default is 7"],
    ["backupEndpoint", "https://s3.example.com/", ENDPOINT],
    ["backupEndpoint", "https://s3.example.com/backups", ENDPOINT],
    ["backupEndpoint", "https://id:key@s3.example.com", ENDPOINT],
    ["backupEndpoint", "s3://backups", ENDPOINT],
    ["backupEndpoint", "s3.example.com", ENDPOINT],
    ["backupBucket", "ab", NAME],
    ["backupBucket", "Backups", NAME],
    ["backupBucket", "-backups", NAME],
    ["backupBucket", "a".repeat(64), NAME],
    ["backupPrefix", "/search", FOLDER],
    ["backupPrefix", "search/", FOLDER],
    ["backupPrefix", "a//b", FOLDER],
    ["backupPrefix", "a b", FOLDER],
    ["backupPrefix", "a/../b", FOLDER],
    ["backupPrefix", ".", FOLDER],
    ["backupPrefix", "a".repeat(257), FOLDER],
    ["backupRegion", "Frankfurt", REGION],
    ["backupAccessKeyId", "a".repeat(2), `${TOKEN} search:backupAccessKeyId`],
    ["backupAccessKeyId", "a".repeat(513), `${TOKEN} search:backupAccessKeyId`],
    ["backupAccessKeyId", 'key"; reboot', `${TOKEN} search:backupAccessKeyId`],
  ])("search:%s = %.80j is refused", (key, text, rule) => {
    expect(problems({ [`search:${key}`]: text })).toEqual([`search:${key} = ${JSON.stringify(text)} ${rule}`]);
  });

  it.each([
    ["indexes", "[]", ['search:indexes must be JSON, an object such as {"notes": {"primaryKey": "id"}}']],
    [
      "indexes",
      '{"notes":{"primarykey":"id"}}',
      [
        'search:indexes: the index notes has the field "primarykey", which is not known (did you mean primaryKey?). Use one of primaryKey, aliases, words, displayedAttributes, searchableAttributes, filterableAttributes, sortableAttributes, rankingRules, stopWords, nonSeparatorTokens, separatorTokens, dictionary, synonyms, distinctAttribute, proximityPrecision, typoTolerance, faceting, pagination, embedders, searchCutoffMs, localizedAttributes, facetSearch, prefixSearch',
        'search:indexes: the index notes is new and lacks primaryKey, the attribute that tells its documents apart. Add it, such as "primaryKey": "id"',
      ],
    ],
    [
      "embedders",
      "none",
      ['search:embedders must be JSON, an object such as {"default": {"source": "userProvided", "dimensions": 1536}}'],
    ],
    [
      "embedders",
      '{"default":{"source":"userProvided","dimensions":0}}',
      ["search:embedders: the embedder default has dimensions = 0, which must be a whole number from 1"],
    ],
    [
      "keys",
      '["search"]',
      ['search:keys must be JSON, an object such as {"reports":{"actions":["search"],"indexes":["messages"]}}'],
    ],
    [
      "keys",
      '{"reports":{"actions":["search"]},"Other":{}}',
      [
        "search:keys: the key reports needs both actions and indexes",
        "search:keys: the key Other needs another name: 1 to 32 lower-case letters, digits and dashes, starting with a letter",
      ],
    ],
    [
      "rotation",
      '{"frontend":0}',
      ['search:rotation must have whole numbers from 1 to 1000, such as {"masterKey":2,"frontend":3}'],
    ],
  ])("search:%s = %j is told all that is wrong with it, in whole sentences", (key, text, sentences) => {
    expect(problems({ [`search:${key}`]: text })).toEqual(sentences);
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
