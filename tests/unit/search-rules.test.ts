import { describe, expect, it } from "vitest";
import { searchArgs } from "../../components/search/from-settings.ts";
import { refuseStepsBack } from "../../components/search/steps-back.ts";
import { readSettings, SettingsError } from "../../components/settings.ts";

const SECRETS = ["search:masterKey", "search:embedderKey", "search:backupSecretAccessKey"];
const read = (values: Record<string, string>) => readSettings({ values, isSecret: (key) => SECRETS.includes(key) });

function problems(values: Record<string, string>): readonly string[] {
  try {
    read(values);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems;
  }
}

const BUCKET = {
  "search:backupEvery": "6",
  "search:backupEndpoint": "https://s3.example.com",
  "search:backupBucket": "backups",
  "search:backupAccessKeyId": "AKIAEXAMPLE",
  "search:backupSecretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCY==",
};
const without = (...keys: string[]) =>
  Object.fromEntries(Object.entries(BUCKET).filter(([key]) => !keys.includes(key)));
const OPENAI = JSON.stringify({ default: { source: "openAi", model: "text-embedding-3-small" } });

describe("settings of search that do not go together", () => {
  it.each<[string, Record<string, string>, string]>([
    [
      "a key for an index that is not there",
      { "search:keys": '{"reports":{"actions":["search"],"indexes":["nowhere"]}}' },
      'search:keys: the key reports is for the index "nowhere", which the stack does not have. Use one of channels, files, messages, nchat_channels, nchat_files, nchat_messages, nchat_users, users, or add it to search:indexes',
    ],
    [
      "a counter of no key",
      { "search:rotation": '{"fronted":2}' },
      'search:rotation counts "fronted", which is no key. Use one of masterKey, frontend, indexer, tenant, metrics, backup',
    ],
    [
      "a counter of a master key that is the user's own",
      { "search:rotation": '{"masterKey":2}', "search:masterKey": "m".repeat(32) },
      "search:rotation counts masterKey, and the master key is your own (search:masterKey): nothing is generated. Change it there, and remove the counter",
    ],
    [
      "an embedder without the key of its service",
      { "search:embedders": OPENAI },
      "search:embedderKey is missing: an embedder has the source openAi, which asks for one. Set it: pulumi config set --secret search:embedderKey",
    ],
    [
      "a key that no embedder asks for",
      { "search:embedderKey": "sk-example-token" },
      "search:embedderKey is set, and no embedder asks anybody. Remove it: pulumi config rm search:embedderKey",
    ],
    [
      "half of a bucket",
      without("search:backupBucket", "search:backupSecretAccessKey"),
      "search:backupBucket and search:backupSecretAccessKey are missing: copies of backups need search:backupEndpoint, search:backupBucket, search:backupAccessKeyId and search:backupSecretAccessKey together",
    ],
    [
      "a bucket without backups",
      without("search:backupEvery"),
      "search:backupEvery is off, and storage for backups is set. Set it: pulumi config set search:backupEvery 24",
    ],
  ])("%s", (_what, values, problem) => {
    expect(problems(values)).toEqual([problem]);
  });

  it.each<[string, Record<string, string>]>([
    ["a pattern of indexes", { "search:keys": '{"reports":{"actions":["search"],"indexes":["nchat_*"]}}' }],
    [
      "a key for an index of one's own",
      {
        "search:indexes": '{"notes":{"primaryKey":"id"}}',
        "search:keys": '{"reports":{"actions":["search"],"indexes":["notes"]}}',
      },
    ],
    ["an embedder with its key", { "search:embedders": OPENAI, "search:embedderKey": "sk-example-token" }],
    ["a whole bucket", BUCKET],
    ["anything, where search is off", { ...without("search:backupBucket"), "search:enabled": "false" }],
  ])("%s is fine", (_what, values) => {
    expect(problems(values)).toEqual([]);
  });

  it("tells what is wrong with an index beside the rest", () => {
    const found = problems({ "search:indexes": '{"messages":{"rankingRules":["wrods"]}}', "search:port": "0" });
    expect(found).toHaveLength(3);
    expect(found.join("\n")).toContain("did you mean words?");
  });
});

it("what is wrong with indexes together is told once, and keys on them are not blamed", () => {
  const vectors = (dimensions: number) => ({ default: { source: "userProvided", dimensions } });
  const values = {
    "search:embedders": JSON.stringify(vectors(3)),
    "search:indexes": JSON.stringify({ messages: { embedders: vectors(4) } }),
    "search:keys": '{"reports":{"actions":["search"],"indexes":["messages"]}}',
  };
  expect(problems(values)).toEqual([
    "search:embedders: the embedder default has 3 dimensions in search:embedders and 4 dimensions in the index messages (dimension mismatch). Give it the same in both, or one of them another name",
  ]);
});

describe("what the service is told", () => {
  it("has no backups by default, and asks nobody", () => {
    const args = searchArgs(read({}));
    expect(args).toMatchObject({ backup: undefined, embedderUrls: [], masterKeyVersion: 1, settingsOwner: "stack" });
    expect(args.indexes).toHaveLength(8);
  });

  it("has the bucket, the counters and the services that embedders ask", () => {
    const args = searchArgs(
      read({
        ...BUCKET,
        "search:rotation": '{"masterKey":3,"indexer":2}',
        "search:embedders": OPENAI,
        "search:embedderKey": "sk-example-token",
      }),
    );
    expect(args).toMatchObject({
      masterKeyVersion: 3,
      embedderUrls: ["https://api.openai.com"],
      backup: {
        every: 6,
        kind: "dump",
        keep: 7,
        bucket: {
          endpoint: "https://s3.example.com",
          name: "backups",
          region: "us-east-1",
          prefix: "nself-chat/search",
        },
      },
    });
    expect(args.keys.map(({ name, version }) => [name, version])).toContainEqual(["indexer", 2]);
  });
});

describe("the services that embedders ask", () => {
  const rest = (url: string) => ({ source: "rest", url, request: "{{text}}", response: "{{embedding}}" });
  const openAi = { source: "openAi", model: "text-embedding-3-small" };
  it.each<[string, object, string[]]>([
    ["none, of vectors that the app brings", { own: { source: "userProvided", dimensions: 3 } }, []],
    ["OpenAI, where no other is named", { a: openAi, b: openAi }, ["https://api.openai.com"]],
    [
      "one that answers as OpenAI does",
      { a: { ...openAi, url: "https://ai.example.com:8443/v1" } },
      ["https://ai.example.com:8443/v1"],
    ],
    [
      "any, each once",
      { a: rest("http://ai.org/one"), b: rest("http://ai.org/two"), c: rest("http://ai.org/one") },
      ["http://ai.org/one", "http://ai.org/two"],
    ],
  ])("are %s", (_what, embedders, urls) => {
    const token = JSON.stringify(embedders).includes("openAi") ? { "search:embedderKey": "sk-example-token" } : {};
    expect(searchArgs(read({ "search:embedders": JSON.stringify(embedders), ...token })).embedderUrls).toEqual(urls);
  });
});

describe("an embedder in a private network", () => {
  const refused = (url: string, networks: string[]) => {
    const embedders = { a: { source: "rest", url, request: "{{text}}", response: "{{embedding}}" } };
    const found = problems({
      "search:embedders": JSON.stringify(embedders),
      "search:embedderNetworks": JSON.stringify(networks),
    });
    return found.length > 0;
  };

  it.each([
    ["http://10.1.2.3:8080", [], true],
    ["http://10.1.2.3:8080", ["10.0.0.0/8"], false],
    ["http://192.168.1.2", ["10.0.0.0/8"], true],
    ["http://127.0.0.1:11434", [], true],
    ["http://ollama:11434/embed", [], true],
    ["http://ollama.ai.svc:11434", [], true],
    ["http://ollama.ai.svc.cluster.local", [], true],
    ["http://ollama:11434/embed", ["172.16.0.0/12"], false],
    ["https://203.0.113.7", [], false],
    ["https://ai.example.com", [], false],
    ["https://[2001:db8::7]", [], false],
  ])("%s, where %j are allowed: refused is %s", (url, networks, expected) => {
    expect(refused(url, networks)).toBe(expected);
  });

  it("is none of ours with a server that asks everybody", () => {
    const embedders = { a: { source: "rest", url: "http://ai", request: "{{text}}", response: "{{embedding}}" } };
    const values = { "search:embedders": JSON.stringify(embedders), "search:image": "getmeili/meilisearch:v1.12.0" };
    expect(problems(values)).toEqual([]);
  });

  it("is told with what to do, and its network to the server", () => {
    const embedders = { a: { source: "rest", url: "http://ai/x", request: "{{text}}", response: "{{embedding}}" } };
    const values = { "search:embedders": JSON.stringify(embedders) };
    expect(problems(values)).toEqual([
      "search:embedderNetworks: an embedder asks http://ai/x, which is in a private network, and MeiliSearch asks public addresses only. Allow that network: pulumi config set search:embedderNetworks '[\"10.0.0.0/8\"]'",
    ]);
    const { embedderNetworks } = searchArgs(read({ ...values, "search:embedderNetworks": '["10.0.0.0/8"]' }));
    expect(embedderNetworks).toEqual(["10.0.0.0/8"]);
  });
});

describe("a counter of keys", () => {
  const state = [
    { type: "nself:service:Search", outputs: { masterKeyVersion: 2 } },
    { type: "nself:search:Key", outputs: { name: "frontend", version: 3 } },
    { type: "nself:search:Key", outputs: {} },
  ];
  const deploy = (rotation: object) => () =>
    refuseStepsBack(read({ "search:rotation": JSON.stringify(rotation) }), state);

  it("does not go back: keys that were rotated away would be valid again", () => {
    expect(deploy({ masterKey: 2, frontend: 3 })).not.toThrow();
    expect(deploy({ masterKey: 3, frontend: 4, indexer: 2 })).not.toThrow();
    expect(deploy({ masterKey: 2, frontend: 2 })).toThrow(
      "search:rotation: frontend = 2 is lower than 3, which this stack has: a key that was rotated away would be valid again. Keep 3, or count on: 4",
    );
    expect(deploy({ frontend: 3 })).toThrow("search:rotation: masterKey = 1 is lower than 2");
  });

  it("goes with the key that it counts, and with a generated master key", () => {
    const reports = { type: "nself:search:Key", outputs: { name: "reports", version: 2 } };
    expect(() => refuseStepsBack(read({}), [reports])).not.toThrow();
    const own = read({ "search:masterKey": "m".repeat(32), "search:rotation": '{"frontend":3}' });
    expect(() => refuseStepsBack(own, state)).not.toThrow();
  });
});

describe("a key whose date is past", () => {
  const expiresAt = "2025-01-31T00:00:00Z";
  const settings = read({ "search:keys": JSON.stringify({ frontend: { expiresAt } }) });
  const state = (outputs: object) => [{ type: "nself:search:Key", outputs: { name: "frontend", ...outputs } }];

  it("is refused: the server makes none", () => {
    const refusal =
      'search:keys: the key frontend has expiresAt = "2025-01-31T00:00:00Z", which is past: MeiliSearch makes no such key. Give a later date';
    expect(() => refuseStepsBack(settings, [])).toThrow(refusal);
    expect(() => refuseStepsBack(settings, state({ expiresAt: "2024-01-31T00:00:00Z" }))).toThrow(refusal);
  });

  it("is nobody's business where it has become so: the stack goes on", () => {
    expect(() => refuseStepsBack(settings, state({ expiresAt }))).not.toThrow();
  });
});

describe("an older version", () => {
  const state = (runs: unknown) => [{ type: "nself:service:Search", outputs: { runs } }];
  const deploy = (image: string, runs: unknown) => () => refuseStepsBack(read({ "search:image": image }), state(runs));

  it("is refused where the state says that a later one runs", () => {
    expect(deploy("getmeili/meilisearch:v1.49.2", "getmeili/meilisearch:v1.50.0")).toThrow(
      'search:image = "getmeili/meilisearch:v1.49.2" is older than getmeili/meilisearch:v1.50.0, which this stack runs: MeiliSearch cannot open the data of a later version. Keep v1.50.0 or later; or give the data up (npm run down -- --volumes), deploy the older version, and restore a dump that it made: npm run search:restore -- --from NAME',
    );
    expect(deploy("a/b:v1.50.0", "a/b:v1.50.1")).toThrow(SettingsError);
    expect(deploy("a/b:1.9", `a/b:v1.10.0@sha256:${"0".repeat(64)}`)).toThrow(SettingsError);
  });

  it.each([
    ["the same", "a/b:v1.50.0", "a/b:v1.50.0"],
    ["a later one", "a/b:v1.51.0", "a/b:v1.50.0"],
    ["one of which the patch is not told", "a/b:v1.50", "a/b:v1.50.2"],
    ["one that only a digest names", `a/b@sha256:${"0".repeat(64)}`, "a/b:v1.50.0"],
    ["the first", "a/b:v1.50.0", undefined],
    ["one that only names more of the same", "a/b:v1.50.0", "a/b:v1.50"],
    ["one whose tag is no version", "a/b:stable", "a/b:v1.50.0"],
  ])("%s is not", (_what, image, runs) => {
    expect(deploy(image, runs)).not.toThrow();
  });

  it("is nobody's business where search is off, or was never deployed", () => {
    expect(() => refuseStepsBack(read({ "search:enabled": "false" }), state("a/b:v9.0.0"))).not.toThrow();
    expect(() => refuseStepsBack(read({}), [])).not.toThrow();
  });
});
