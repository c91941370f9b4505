import { BlockList, isIPv4 } from "node:net";
import type { Settings } from "../settings.ts";
import type { Problem } from "../settings-rules.ts";
import { SearchIndexError, searchIndexes } from "./indexes.ts";
import { MASTER_KEY } from "./key-settings.ts";
import { standardKeys } from "./keys.ts";
import { isOlder, versionOfImage } from "./version.ts";

/** Rules across the settings of search. */
export function searchProblems(settings: Settings): Problem[] {
  if (!settings.search.enabled) return [];
  return [
    ...indexProblems(settings),
    ...keysOnIndexes(settings),
    ...knownRotations(settings),
    ...ownMasterKey(settings),
    ...embedderKeys(settings),
    ...privateEmbedders(settings),
    ...completeBucket(settings),
  ];
}

/** The indexes of a stack, as its settings have them. @throws SearchIndexError */
export function indexesOf({ search: { languages, locales, indexes: own, embedders } }: Settings) {
  return searchIndexes({ languages, locales, own, embedders });
}

function indexProblems(settings: Settings): Problem[] {
  try {
    indexesOf(settings);
    return [];
  } catch (error) {
    if (!(error instanceof SearchIndexError)) throw error;
    const keys = ["search:indexes", "search:embedders", "search:languages", "search:locales"];
    return error.problems.map((message) => ({ keys, message }));
  }
}

function keysOnIndexes(settings: Settings): Problem[] {
  const uids = uidsOf(settings);
  if (!uids) return [];
  return Object.entries(settings.search.keys).flatMap(([name, { indexes = [] }]) =>
    indexes
      .filter((index) => !index.endsWith("*") && !uids.includes(index))
      .map((index) => ({
        keys: ["search:keys", "search:indexes"],
        message: `search:keys: the key ${name} is for the index "${index}", which the stack does not have. Use one of ${uids.join(", ")}, or add it to search:indexes`,
      })),
  );
}

/** Undefined where something is wrong with the indexes, which is told already. */
function uidsOf(settings: Settings): string[] | undefined {
  try {
    return indexesOf(settings).map(({ uid }) => uid);
  } catch {
    return undefined;
  }
}

function knownRotations({ search: { rotation, keys } }: Settings): Problem[] {
  const known = [MASTER_KEY, ...Object.keys(standardKeys([], "stack")), ...Object.keys(keys)];
  return Object.keys(rotation)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      keys: ["search:rotation", "search:keys"],
      message: `search:rotation counts "${name}", which is no key. Use one of ${[...new Set(known)].join(", ")}`,
    }));
}

function ownMasterKey({ search: { rotation, masterKey, existingSecret } }: Settings): Problem[] {
  if (!Object.hasOwn(rotation, MASTER_KEY) || (!masterKey && !existingSecret)) return [];
  const key = masterKey ? "search:masterKey" : "search:existingSecret";
  return [
    {
      keys: ["search:rotation", "search:masterKey", "search:existingSecret"],
      message: `search:rotation counts ${MASTER_KEY}, and the master key is your own (${key}): nothing is generated. Change it there, and remove the counter`,
    },
  ];
}

const BY_TOKEN = new Set(["openAi"]);

function embedderKeys({ search: { embedders, embedderKey, indexes } }: Settings): Problem[] {
  const sources = [embedders, ...Object.values(indexes).map((index) => index.embedders ?? {})]
    .flatMap((group) => Object.values(group))
    .map(({ source }) => source);
  const keys = ["search:embedders", "search:indexes", "search:embedderKey"];
  const asking = sources.find((source) => BY_TOKEN.has(source));
  if (asking && !embedderKey) {
    return [
      {
        keys,
        message: `search:embedderKey is missing: an embedder has the source ${asking}, which asks for one. Set it: pulumi config set --secret search:embedderKey`,
      },
    ];
  }
  if (embedderKey && sources.every((source) => source === "userProvided")) {
    return [
      {
        keys,
        message:
          "search:embedderKey is set, and no embedder asks anybody. Remove it: pulumi config rm search:embedderKey",
      },
    ];
  }
  return [];
}

const OPENAI = "https://api.openai.com";

/** What the server asks for vectors. */
export function embedderUrls(settings: Settings): string[] {
  const urls = indexesOf(settings)
    .flatMap(({ settings: { embedders } }) => Object.values(embedders ?? {}))
    .flatMap((embedder) =>
      embedder.source === "userProvided" ? [] : [("url" in embedder ? embedder.url : undefined) ?? OPENAI],
    );
  return [...new Set(urls)];
}

/** Of the addresses that are not global, those that somebody would run an embedder at. */
const PRIVATE = networks(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10"]);

/** From v1.34.1 on the server refuses to ask them, and says so nowhere: the task that needs vectors never ends. */
function privateEmbedders(settings: Settings): Problem[] {
  const version = versionOfImage(settings.search.image);
  if (!uidsOf(settings) || (version && isOlder(version, [1, 34, 1]))) return [];
  const { embedderNetworks } = settings.search;
  const allowed = networks(embedderNetworks);
  return embedderUrls(settings).flatMap((url) => {
    const { hostname } = new URL(url);
    const refused = isIPv4(hostname)
      ? PRIVATE.check(hostname) && !allowed.check(hostname)
      : embedderNetworks.length === 0 && /^[^.:]+$|\.(svc|local|internal|lan)(\.|$)/.test(hostname);
    if (!refused) return [];
    return [
      {
        keys: ["search:embedders", "search:indexes", "search:embedderNetworks"],
        message: `search:embedderNetworks: an embedder asks ${url}, which is in a private network, and MeiliSearch asks public addresses only. Allow that network: pulumi config set search:embedderNetworks '["10.0.0.0/8"]'`,
      },
    ];
  });
}

function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", bits] = cidr.split("/");
    list.addSubnet(address, Number(bits), "ipv4");
  }
  return list;
}

/** `a, b and c`. */
const and = (names: readonly string[]) => new Intl.ListFormat("en-GB").format(names);

function completeBucket({ search }: Settings): Problem[] {
  const { backupEvery, backupEndpoint, backupBucket, backupAccessKeyId, backupSecretAccessKey } = search;
  const parts = { backupEndpoint, backupBucket, backupAccessKeyId, backupSecretAccessKey };
  const keys = Object.keys(parts).map((key) => `search:${key}`);
  const missing = Object.entries(parts).flatMap(([key, value]) => (value === undefined ? [`search:${key}`] : []));
  if (missing.length > 0 && missing.length < keys.length) {
    return [
      {
        keys,
        message: `${and(missing)} ${missing.length > 1 ? "are" : "is"} missing: copies of backups need ${and(keys)} together`,
      },
    ];
  }
  if (missing.length === 0 && backupEvery === "off") {
    return [
      {
        keys: [...keys, "search:backupEvery"],
        message:
          "search:backupEvery is off, and storage for backups is set. Set it: pulumi config set search:backupEvery 24",
      },
    ];
  }
  return [];
}
