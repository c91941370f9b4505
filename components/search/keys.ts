import { createHash, createHmac } from "node:crypto";

/**
 * The value of an API key, as MeiliSearch derives it.
 * @see https://www.meilisearch.com/docs/reference/api/keys: "key"
 */
export function apiKey(masterKey: string, uid: string): string {
  return createHmac("sha256", masterKey).update(uid).digest("hex");
}

/** What a key may do. */
export interface KeyRights {
  readonly description: string;
  /** Actions of the API, such as `search` or `documents.*`. */
  readonly actions: readonly string[];
  /** Uids of indexes, or patterns that end in `*`. */
  readonly indexes: readonly string[];
  /** RFC 3339, in UTC. Absent: never. */
  readonly expiresAt?: string | undefined;
}

/** A key and how often it was rotated. */
export interface KeyDefinition extends KeyRights {
  readonly name: string;
  /** From 1 on. */
  readonly version: number;
}

/** The key of browsers. */
export const FRONTEND = "frontend";
/** The key of the app's server. */
export const INDEXER = "indexer";
export const BACKUP = "backup";
/** Of this one the app's server makes tenant tokens. A token lets in less than its key, so that no browser may have it. */
export const TENANT = "tenant";

/** Who may change the settings of indexes: the stack alone, or the app too. */
export type SettingsOwner = "stack" | "app";

const OWNERSHIP = ["indexes.*", "settings.*"];

/** The keys that every stack has. Those for the app and for browsers hold on the stack's own indexes only. */
export function standardKeys(indexes: readonly string[], owner: SettingsOwner): Readonly<Record<string, KeyRights>> {
  return {
    [FRONTEND]: { description: "Search, for browsers", actions: ["search"], indexes },
    [INDEXER]: {
      description: "Documents and search, for the app's server",
      actions: [
        "search",
        "documents.*",
        ...(owner === "app" ? OWNERSHIP : ["indexes.get", "settings.get"]),
        "stats.get",
        "tasks.get",
      ],
      indexes,
    },
    [TENANT]: { description: "Makes tenant tokens, for the app's server", actions: ["search"], indexes },
    metrics: { description: "Metrics, for a monitoring system", actions: ["metrics.get"], indexes: ["*"] },
    [BACKUP]: {
      description: "Dumps and snapshots, for backups",
      actions: ["dumps.create", "snapshots.create", "stats.get", "tasks.get", "version"],
      indexes: ["*"],
    },
  };
}

/**
 * The uid of a key's version: the server derives the key's value from it, so another version is another value, and
 * other rights are not. It is no secret. Formatted as a version 4 uuid, which is what the API asks for.
 * @param seed a random uuid of the stack
 */
export function keyUid(seed: string, name: string, version: number): string {
  // The browsers' first key was registered under the seed itself, before there were others.
  if (name === FRONTEND && version === 1) return seed;
  const digest = createHash("sha256").update(`${seed}\n${name}\n${version}`).digest();
  const bytes = digest.subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
