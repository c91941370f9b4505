import * as pulumi from "@pulumi/pulumi";
import { RandomUuid } from "@pulumi/random/randomUuid.js";
import { apiKey, REGISTER_KEY } from "./search-keys.ts";
import { secretOr } from "./secrets.ts";
import { type Limits, type Platform, urlOf } from "./workload.ts";

export interface SearchServiceArgs {
  readonly platform: Platform;
  /** Image of MeiliSearch. */
  readonly image: string;
  /** Port at which clients reach the HTTP API. */
  readonly port: number;
  /** Half of the memory may be used for indexing, and as many threads as there are processors. */
  readonly limits: Limits;
  /** Master key to use instead of a generated one. */
  readonly masterKey?: string | undefined;
}

/** What the server is called, and what it keeps. */
export const MEILISEARCH = { name: "meilisearch", tasks: ["meilisearch-keys"], volumes: ["meilisearch_data"] } as const;

const PORT = 7700;

/** Seconds: opening an index of some gigabytes, or upgrading it, takes minutes. */
const STARTUP_BUDGET = 180;

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

    this.masterKey = secretOr(args.masterKey, `${MEILISEARCH.name}-master-key`, 48, this);
    const searchKeyUid = new RandomUuid(`${MEILISEARCH.name}-search-key-uid`, {}, { parent: this }).result;

    const server = args.platform.run(
      {
        name: MEILISEARCH.name,
        image: args.image,
        env: {
          MEILI_ENV: "production",
          MEILI_HTTP_ADDR: `0.0.0.0:${PORT}`,
          MEILI_DB_PATH: "/meili_data/data.ms",
          MEILI_NO_ANALYTICS: "true",
          MEILI_MAX_INDEXING_MEMORY: `${Math.floor(args.limits.memory / 2)}MiB`,
          MEILI_MAX_INDEXING_THREADS: String(Math.max(1, Math.floor(Number(args.limits.cpus)))),
        },
        secretEnv: { MEILI_MASTER_KEY: this.masterKey },
        ports: [{ name: "http", protocol: "tcp", listen: PORT, publish: args.port }],
        volumes: [{ name: MEILISEARCH.volumes[0], path: "/meili_data" }],
        probe: { port: PORT, path: "/health", startupBudget: STARTUP_BUDGET },
        limits: args.limits,
        stopGrace: 10,
      },
      { parent: this },
    );

    // The server derives a key's value from the master key and the uid, so it is known before the server runs.
    const registered = server.runTask(
      {
        name: MEILISEARCH.tasks[0],
        image: args.image,
        script: REGISTER_KEY,
        env: {
          SEARCH_URL: `http://${server.internalAddress("http")}`,
          KEY_UID: searchKeyUid,
          WAIT_SECONDS: String(STARTUP_BUDGET),
        },
        secretEnv: { MEILI_MASTER_KEY: this.masterKey },
        limits: { memory: 64, cpus: "0.5" },
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
