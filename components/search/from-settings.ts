import type { PreviousResource } from "../previous.ts";
import type { SearchServiceArgs } from "../search.ts";
import type { Settings } from "../settings.ts";
import { SettingsError } from "../settings.ts";
import { keyDefinitions, MASTER_KEY, versionOf } from "./key-settings.ts";
import { indexesOf } from "./rules.ts";
import type { BackupArgs } from "./tasks.ts";

/** What the settings say of search. */
export function searchArgs(settings: Settings): Omit<SearchServiceArgs, "platform" | "protect" | "limits" | "appKey"> {
  const { search } = settings;
  const indexes = indexesOf(settings);
  const uids = indexes.map(({ uid }) => uid);
  return {
    image: search.image,
    port: search.port,
    startup: search.startup,
    masterKey: search.masterKey,
    existingSecret: search.existingSecret,
    indexes,
    keys: keyDefinitions(search, uids, search.settingsOwner),
    settingsOwner: search.settingsOwner,
    keepPrevious: search.keepPrevious,
    embedderKey: search.embedderKey,
    embedderUrls: embedderUrls(settings),
    masterKeyVersion: versionOf(search.rotation, MASTER_KEY),
    backup: backupOf(search),
  };
}

function backupOf(search: Settings["search"]): BackupArgs | undefined {
  const { backupEvery: every, backupKind: kind, backupKeep: keep } = search;
  if (every === "off") return undefined;
  const { backupEndpoint, backupBucket, backupAccessKeyId, backupSecretAccessKey } = search;
  const bucket =
    backupEndpoint && backupBucket && backupAccessKeyId && backupSecretAccessKey
      ? {
          endpoint: backupEndpoint,
          name: backupBucket,
          region: search.backupRegion,
          prefix: search.backupPrefix,
          accessKeyId: backupAccessKeyId,
          secretAccessKey: backupSecretAccessKey,
        }
      : undefined;
  return { every, kind, keep, bucket };
}

const OPENAI = "https://api.openai.com";

function embedderUrls(settings: Settings): string[] {
  const urls = indexesOf(settings)
    .flatMap(({ settings: { embedders } }) => Object.values(embedders ?? {}))
    .flatMap((embedder) =>
      embedder.source === "userProvided" ? [] : [("url" in embedder ? embedder.url : undefined) ?? OPENAI],
    );
  return [...new Set(urls)];
}

/**
 * The server cannot open data of a later version: said before anything is touched. Images without a version in their
 * tag are left to the server's own start, which looks at the data.
 * @throws SettingsError
 */
export function refuseDowngrade({ search }: Settings, previous: readonly PreviousResource[]): void {
  if (!search.enabled) return;
  const runs = previous.find(({ type }) => type === "nself:service:Search")?.outputs.runs;
  const [before, after] = [versionOfImage(runs), versionOfImage(search.image)];
  if (!before || !after || !isOlder(after, before)) return;
  throw new SettingsError([
    `search:image = "${search.image}" is older than ${runs}, which this stack runs: MeiliSearch cannot open the data of a later version. Keep v${before.join(".")} or later; or give the data up (npm run down -- --volumes), deploy the older version, and restore a dump that it made: npm run search:restore -- --from NAME`,
  ]);
}

/** Two or three numbers of a tag such as `v1.50.0`. */
function versionOfImage(image: unknown): readonly number[] | undefined {
  const found = typeof image === "string" ? /:v?(\d+)\.(\d+)(?:\.(\d+))?(?:[@-]|$)/.exec(image) : null;
  return found?.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]));
}

/** By the first number that differs; where one has no third, nobody knows. */
function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const at = version.findIndex((part, index) => part !== than[index]);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
}
