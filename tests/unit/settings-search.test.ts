import { describe, expect, it } from "vitest";
import { problems, read } from "./helpers/settings.ts";

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
