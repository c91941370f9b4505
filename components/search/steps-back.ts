import type { PreviousResource } from "../previous.ts";
import { type Settings, SettingsError } from "../settings.ts";
import { MASTER_KEY, versionOf } from "./key-settings.ts";

/**
 * What cannot be gone back to, seen from what the last update left: said before anything is touched.
 * @throws SettingsError
 */
export function refuseStepsBack(settings: Settings, previous: readonly PreviousResource[]): void {
  if (!settings.search.enabled) return;
  const problems = [...downgrade(settings, previous), ...revivedKeys(settings, previous)];
  if (problems.length > 0) throw new SettingsError(problems);
}

/** The same number is the same key: a lower one would be valid again, and may have been rotated since it leaked. */
function revivedKeys({ search }: Settings, previous: readonly PreviousResource[]): string[] {
  const counters = previous.flatMap(({ type, outputs }) => {
    if (type === "nself:service:Search") return [{ name: MASTER_KEY, version: outputs.masterKeyVersion }];
    return type === "nself:search:Key" ? [{ name: String(outputs.name), version: outputs.version }] : [];
  });
  return counters.flatMap(({ name, version }) => {
    const wanted = versionOf(search.rotation, name);
    if (typeof version !== "number" || wanted >= version) return [];
    return [
      `search:rotation: ${name} = ${wanted} is lower than ${version}, which this stack has: a key that was rotated away would be valid again. Keep ${version}, or count on: ${version + 1}`,
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
