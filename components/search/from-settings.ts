import type { SearchServiceArgs } from "../search.ts";
import type { Settings } from "../settings.ts";
import { keyDefinitions, MASTER_KEY, versionOf } from "./key-settings.ts";
import { embedderUrls, indexesOf } from "./rules.ts";
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
    publicKey: search.publicKey,
    embedderKey: search.embedderKey,
    embedderUrls: embedderUrls(settings),
    embedderNetworks: search.embedderNetworks,
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
