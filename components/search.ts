import * as pulumi from "@pulumi/pulumi";
import { RandomUuid } from "@pulumi/random/randomUuid.js";
import { apiKey, REGISTER_KEY } from "./search-keys.ts";
import { secretsOf } from "./secrets.ts";
import { type Credential, type Limits, NONROOT, type Platform, urlOf } from "./workload.ts";

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
  /** Master key to use instead of a generated one. */
  readonly masterKey?: string | undefined;
  /** Secret on the platform that holds the master key under `MEILISEARCH_MASTER_KEY`. */
  readonly existingSecret?: string | undefined;
  /** Guards the generated master key against deletion. Default: false. */
  readonly protect?: boolean;
}

/** What the server is called, and what it keeps. */
export const MEILISEARCH = { name: "meilisearch", tasks: ["meilisearch-keys"], volumes: ["meilisearch_data"] } as const;

const PORT = 7700;

/**
 * MeiliSearch with a generated master key, and a key for browsers that can do nothing but search.
 *
 * @example
 * const search = new SearchService("search", { platform, image: "getmeili/meilisearch:v1.50.0", port: 7700, limits });
 * export const searchUrl = search.url;
 */
export class SearchService extends pulumi.ComponentResource {
  /** Base URL of the HTTP API. */
  readonly url: pulumi.Output<string>;
  /** Full access: for the app's server only. */
  readonly masterKey: pulumi.Output<string>;
  /** Search on every index and nothing else: for browsers, so no secret. */
  readonly searchKey: pulumi.Output<string>;

  constructor(name: string, args: SearchServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("nself:service:Search", name, { image: args.image, port: args.port }, options);

    const { platform, protect = false } = args;
    this.masterKey = secretsOf(this, args).value(
      `${MEILISEARCH.name}-master-key`,
      "MEILISEARCH_MASTER_KEY",
      48,
      args.masterKey,
    );
    const searchKeyUid = new RandomUuid(`${MEILISEARCH.name}-search-key-uid`, {}, { parent: this, protect }).result;

    const server = platform.run(
      {
        name: MEILISEARCH.name,
        role: "search",
        image: args.image,
        user: NONROOT,
        env: {
          MEILI_ENV: "production",
          MEILI_HTTP_ADDR: `0.0.0.0:${PORT}`,
          MEILI_DB_PATH: "/meili_data/data.ms",
          MEILI_NO_ANALYTICS: "true",
          MEILI_MAX_INDEXING_MEMORY: `${Math.floor(args.limits.memory / 2)}MiB`,
          MEILI_MAX_INDEXING_THREADS: String(Math.max(1, Math.floor(Number(args.limits.cpus)))),
        },
        credentials: [serverKey(this.masterKey)],
        ports: [
          {
            name: "http",
            protocol: "tcp",
            listen: PORT,
            publish: args.port,
            audience: { kind: "web", host: "search" },
          },
        ],
        volumes: [{ name: MEILISEARCH.volumes[0], path: "/meili_data" }],
        probe: { port: PORT, path: "/health", startupBudget: args.startup },
        limits: args.limits,
        stopGrace: 10,
      },
      { parent: this },
    );

    // The server derives a key's value from the master key and the uid, so it is known before the server runs.
    const registered = server.runTask(
      {
        name: MEILISEARCH.tasks[0],
        role: "search",
        image: args.image,
        user: NONROOT,
        script: REGISTER_KEY,
        env: {
          SEARCH_URL: `http://${server.internalAddress("http")}`,
          KEY_UID: searchKeyUid,
          WAIT_SECONDS: String(args.startup),
        },
        credentials: [taskKey(this.masterKey)],
        limits: { memory: 64, cpus: "0.5" },
        reaches: [{ kind: "workload", name: MEILISEARCH.name, port: PORT }],
      },
      { parent: this },
    );

    const url = urlOf("http", server.endpoint("http"));
    this.url = pulumi.output(server.ready.urn).apply(() => url);
    this.searchKey = pulumi.unsecret(
      pulumi.all([this.masterKey, searchKeyUid, registered]).apply(([masterKey, uid]) => apiKey(masterKey, uid)),
    );
    this.registerOutputs({ url: this.url });
  }
}

/** As a file it is the server's configuration: `master_key = "…"`. */
function serverKey(value: pulumi.Output<string>): Credential {
  const path = "/etc/meilisearch/config.toml";
  // A JSON string is a TOML string too.
  const content = value.apply((key) => `master_key = ${JSON.stringify(key)}\n`);
  return { variable: "MEILI_MASTER_KEY", value, file: { path, content, env: { MEILI_CONFIG_FILE_PATH: path } } };
}

function taskKey(value: pulumi.Output<string>): Credential {
  const path = "/run/meilisearch/master-key";
  return { variable: "MEILI_MASTER_KEY", value, file: { path, content: value, env: { MASTER_KEY_FILE: path } } };
}
