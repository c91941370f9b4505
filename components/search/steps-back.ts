import type { PreviousResource } from "../previous.ts";
import { type Settings, SettingsError } from "../settings.ts";
import { keyDefinitions, MASTER_KEY, versionOf } from "./key-settings.ts";
import { isOlder, versionOfImage } from "./version.ts";

/**
 * What cannot be gone back to, seen from what the last update left: said before anything is touched.
 * @throws SettingsError
 */
export function refuseStepsBack(settings: Settings, previous: readonly PreviousResource[]): void {
  if (!settings.search.enabled) return;
  const problems = [
    ...downgrade(settings, previous),
    ...revivedKeys(settings, previous),
    ...expiredKeys(settings, previous),
  ];
  if (problems.length > 0) throw new SettingsError(problems);
}

/** The same number is the same key: a lower one would be valid again, and may have been rotated since it leaked. */
function revivedKeys({ search }: Settings, previous: readonly PreviousResource[]): string[] {
  const counters = previous.flatMap(({ type, outputs }) => {
    if (type === "nself:service:Search") return [{ name: MASTER_KEY, version: outputs.masterKeyVersion }];
    return type === "nself:search:Key" ? [{ name: outputs.name, version: outputs.version }] : [];
  });
  // Of a key that is no longer wanted, or of one's own, nothing is counted.
  const counted = [
    ...keyDefinitions(search, [], "stack").map(({ name }) => name),
    ...(search.masterKey || search.existingSecret ? [] : [MASTER_KEY]),
  ];
  return counters.flatMap(({ name, version }) => {
    if (typeof name !== "string" || !counted.includes(name)) return [];
    const wanted = versionOf(search.rotation, name);
    if (typeof version !== "number" || wanted >= version) return [];
    return [
      `search:rotation: ${name} = ${wanted} is lower than ${version}, which this stack has: a key that was rotated away would be valid again. Keep ${version}, or count on: ${version + 1}`,
    ];
  });
}

/** The server refuses to make a key that has expired. One that expired since stays as it is: that is what the date was for. */
function expiredKeys({ search }: Settings, previous: readonly PreviousResource[]): string[] {
  return keyDefinitions(search, [], "stack").flatMap(({ name, expiresAt }) => {
    if (!expiresAt || Date.parse(expiresAt) > Date.now()) return [];
    const before = previous.find(({ type, outputs }) => type === "nself:search:Key" && outputs.name === name);
    if (before?.outputs.expiresAt === expiresAt) return [];
    return [
      `search:keys: the key ${name} has expiresAt = "${expiresAt}", which is past: MeiliSearch makes no such key. Give a later date`,
    ];
  });
}

/**
 * The server cannot open data of a later version. Images without a version in their tag are left to the server's own
 * start, which looks at the data.
 */
function downgrade({ search }: Settings, previous: readonly PreviousResource[]): string[] {
  const runs = previous.find(({ type }) => type === "nself:service:Search")?.outputs.runs;
  const [before, after] = [versionOfImage(runs), versionOfImage(search.image)];
  if (!before || !after || !isOlder(after, before)) return [];
  return [
    `search:image = "${search.image}" is older than ${runs}, which this stack runs: MeiliSearch cannot open the data of a later version. Keep v${before.join(".")} or later; or give the data up (npm run down -- --volumes), deploy the older version, and restore a dump that it made: npm run search:restore -- --from NAME`,
  ];
}
