import * as pulumi from "@pulumi/pulumi";
import { RandomUuid } from "@pulumi/random/randomUuid.js";
import type { SearchIndexDefinition } from "./search/indexes.ts";
import {
  apiKey,
  BACKUP,
  FRONTEND,
  INDEXER,
  type KeyDefinition,
  keyUid,
  type SettingsOwner,
  TENANT,
} from "./search/keys.ts";
import { planText, SearchIndex, SearchKey } from "./search/plan.ts";
import { type BackupArgs, backupTask, hostOf, setupTask, startFile, upgradeTask } from "./search/tasks.ts";
import { secretsOf } from "./secrets.ts";
import { type Credential, type Limits, NONROOT, type Platform, type Running, urlOf } from "./workload.ts";

export interface SearchServiceArgs {
  readonly platform: Platform;
  /** Image of MeiliSearch. */
  readonly image: string;
  /** Port at which clients reach the HTTP API. */
  readonly port: number;
  /** Half of the memory may be used for indexing, and as many threads as there are processors. */
  readonly limits: Limits;
  /** Seconds that a start may take: opening an index of some gigabytes, or upgrading it, takes minutes. */
  readonly startup: number;
  /** Indexes that exist when the stack is up, with their settings. */
  readonly indexes: readonly SearchIndexDefinition[];
  /** Whose the settings of an index are once it is there: the stack's, or the app's. Default: stack. */
  readonly settingsOwner?: SettingsOwner;
  /** API keys; `frontend` (but for a server without a public key), `indexer`, `tenant` and `backup` must be among them. */
  readonly keys: readonly KeyDefinition[];
  /** Whether there is a key for browsers, which searches all documents. Default: true. */
  readonly publicKey?: boolean;
  /** A rotated key's predecessor stays valid until the next rotation. Default: true. */
  readonly keepPrevious?: boolean;
  /** What the app's server gets: the key `indexer`, or the master key. Default: scoped. */
  readonly appKey?: "scoped" | "master";
  /** Key of the service that embedders ask, where one needs it. */
  readonly embedderKey?: string | undefined;
  /** URLs that embedders ask. */
  readonly embedderUrls?: readonly string[];
  /** Private networks in which they may be, as CIDR. Default: none, and public addresses only. */
  readonly embedderNetworks?: readonly string[];
  /** Absent: none are made. */
  readonly backup?: BackupArgs | undefined;
  /** Master key to use instead of a generated one. */
  readonly masterKey?: string | undefined;
  /** Another number is another generated master key. Default: 1. */
  readonly masterKeyVersion?: number;
  /** Secret on the platform that holds the master key under `MEILISEARCH_MASTER_KEY`. */
  readonly existingSecret?: string | undefined;
  /** Guards the generated master key against deletion. Default: false. */
  readonly protect?: boolean;
}

/** What the server is called, and what it runs and keeps. */
export const MEILISEARCH = {
  name: "meilisearch",
  tasks: ["meilisearch-upgrade", "meilisearch-setup", "meilisearch-backup"],
  volumes: ["meilisearch_data"],
} as const;

const PORT = 7700;
const VOLUME = { name: MEILISEARCH.volumes[0], path: "/meili_data" };

/**
 * MeiliSearch with its indexes and a generated master key, scoped keys for the app and for browsers, and backups.
 *
 * @example
 * const indexes = searchIndexes({ languages: ["en"], locales: [] });
 * const search = new SearchService("search", { platform, image: "getmeili/meilisearch:v1.50.0", indexes, … });
 * export const searchUrl = search.url;
 */
export class SearchService extends pulumi.ComponentResource {
  /** Base URL of the HTTP API. */
  readonly url: pulumi.Output<string>;
  /** Full access: for operators only. */
  readonly masterKey: pulumi.Output<string>;
  /** For the app's server. */
  readonly appKey: pulumi.Output<string>;
  /** Search on the stack's indexes and nothing else: for browsers, so no secret. Undefined where there is to be none. */
  readonly searchKey: pulumi.Output<string> | undefined;
  /** What the app's server makes tenant tokens of. */
  readonly tenant: { readonly key: pulumi.Output<string>; readonly uid: pulumi.Output<string> };
  /** All keys but the browsers', by name. */
  readonly keys: Readonly<Record<string, pulumi.Output<string>>>;
  /** The uids of all keys by name: a tenant token names that of the key that it was made of. */
  readonly keyUids: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: SearchServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("nself:service:Search", name, { image: args.image, port: args.port }, options);

    const { settingsOwner = "stack", keepPrevious = true, publicKey = true, protect = false } = args;
    const keys = args.keys.filter((key) => publicKey || key.name !== FRONTEND);
    const child = { parent: this };
    this.masterKey = secretsOf(this, args).value(
      `${MEILISEARCH.name}-master-key`,
      "MEILISEARCH_MASTER_KEY",
      48,
      args.masterKey,
      args.masterKeyVersion,
    );
    const seed = new RandomUuid(`${MEILISEARCH.name}-search-key-uid`, {}, { ...child, protect }).result;

    const [upgrade, setup, backup] = MEILISEARCH.tasks;
    const common = {
      server: { name: MEILISEARCH.name, port: PORT },
      image: args.image,
      volume: VOLUME,
      masterKey: this.masterKey,
      wait: args.startup,
    };
    const server = runServer(args, this.masterKey, upgradeTask(upgrade, common), this);

    for (const index of args.indexes) new SearchIndex(index, settingsOwner, child);
    for (const key of keys) new SearchKey(key, child);
    const plan = seed.apply((uuid) => planText({ ...args, keys, keepPrevious }, uuid));
    const registered = server.runTask(setupTask(setup, common, plan, settingsOwner, args.embedderKey), child);

    // The server derives a key's value from the master key and the uid, so it is known before the server runs.
    const uidOf = ({ name: keyName, version }: KeyDefinition) => seed.apply((uuid) => keyUid(uuid, keyName, version));
    const derived = (key: KeyDefinition) =>
      pulumi.all([this.masterKey, uidOf(key)]).apply(([masterKey, uid]) => apiKey(masterKey, uid));
    const whenRegistered = <T>(value: pulumi.Output<T>) => pulumi.all([value, registered]).apply(([known]) => known);
    const named = (wanted: string) => {
      const key = keys.find((candidate) => candidate.name === wanted);
      if (!key) throw new Error(`The search service has no key named ${wanted}.`);
      return key;
    };

    if (args.backup) {
      server.schedule(backupTask(backup, common, args.backup, derived(named(BACKUP))), args.backup.every, child);
    }

    const url = urlOf("http", server.endpoint("http"));
    const running = pulumi.output(server.ready.urn);
    this.url = running.apply(() => url);
    this.searchKey = publicKey ? pulumi.unsecret(whenRegistered(derived(named(FRONTEND)))) : undefined;
    this.keyUids = Object.fromEntries(keys.map((key) => [key.name, uidOf(key)]));
    this.keys = Object.fromEntries(
      keys.filter((key) => key.name !== FRONTEND).map((key) => [key.name, pulumi.secret(whenRegistered(derived(key)))]),
    );
    this.tenant = {
      key: pulumi.secret(whenRegistered(derived(named(TENANT)))),
      uid: uidOf(named(TENANT)),
    };
    this.appKey = args.appKey === "master" ? this.masterKey : pulumi.secret(whenRegistered(derived(named(INDEXER))));
    // Written once it runs, and read before the next update: from it an older version or key is not to be had.
    const { masterKeyVersion = 1 } = args;
    this.registerOutputs({ url: this.url, runs: running.apply(() => args.image), masterKeyVersion });
  }
}

function runServer(
  args: SearchServiceArgs,
  masterKey: pulumi.Output<string>,
  upgrade: ReturnType<typeof upgradeTask>,
  parent: pulumi.Resource,
): Running {
  const start = startFile(VOLUME);
  return args.platform.run(
    {
      name: MEILISEARCH.name,
      role: "search",
      image: args.image,
      user: NONROOT,
      args: ["sh", start.path],
      env: {
        MEILI_ENV: "production",
        MEILI_HTTP_ADDR: `0.0.0.0:${PORT}`,
        MEILI_DB_PATH: `${VOLUME.path}/data.ms`,
        MEILI_DUMP_DIR: `${VOLUME.path}/dumps`,
        MEILI_SNAPSHOT_DIR: `${VOLUME.path}/snapshots`,
        MEILI_NO_ANALYTICS: "true",
        // Whoever reads them needs a key for it.
        MEILI_EXPERIMENTAL_ENABLE_METRICS: "true",
        MEILI_MAX_INDEXING_MEMORY: `${Math.floor(args.limits.memory / 2)}MiB`,
        MEILI_MAX_INDEXING_THREADS: String(Math.max(1, Math.floor(Number(args.limits.cpus)))),
        // Without it a task that asks a private address is tried for ever, and all others wait behind it.
        ...(args.embedderNetworks?.length
          ? { MEILI_EXPERIMENTAL_ALLOWED_IP_NETWORKS: args.embedderNetworks.join(",") }
          : {}),
      },
      credentials: [serverKey(masterKey)],
      files: [start],
      ports: [
        {
          name: "http",
          protocol: "tcp",
          listen: PORT,
          publish: args.port,
          audience: { kind: "web", host: "search", monitored: true },
        },
      ],
      volumes: [VOLUME],
      probe: { port: PORT, path: "/health", startupBudget: args.startup },
      limits: args.limits,
      stopGrace: 10,
      before: upgrade,
      reaches: (args.embedderUrls ?? []).map(hostOf),
    },
    { parent },
  );
}

/** As a file it is the server's configuration: `master_key = "…"`. */
function serverKey(value: pulumi.Output<string>): Credential {
  const path = "/etc/meilisearch/config.toml";
  // A JSON string is a TOML string too.
  const content = value.apply((key) => `master_key = ${JSON.stringify(key)}\n`);
  return { variable: "MEILI_MASTER_KEY", value, file: { path, content, env: { MEILI_CONFIG_FILE_PATH: path } } };
}
