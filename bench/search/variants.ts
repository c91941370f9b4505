import { type IndexSettings, LANGUAGES, searchIndexes } from "../../components/search/indexes.ts";
import type { Limits } from "./server.ts";

/** A way to set the server up. */
export interface Variant {
  readonly name: string;
  readonly settings: IndexSettings;
  readonly env: Readonly<Record<string, string>>;
}

/** What a further column changes: settings of the index, or variables of the server. */
export type Change = Pick<Variant, "settings" | "env">;

export const INDEX = "messages";

/** The rival first: the server as it comes, with no more than it needs to take the app's searches at all. */
export function variants({ memory, cpus }: Limits, changes: ReadonlyMap<string, Change>): Variant[] {
  const definition = searchIndexes({ languages: LANGUAGES, locales: [] }).find(({ uid }) => uid === INDEX);
  if (!definition) throw new Error(`There is no index ${INDEX}.`);
  const ours = {
    name: "ours",
    settings: definition.settings,
    // As components/search.ts derives them from the limits.
    env: {
      MEILI_MAX_INDEXING_MEMORY: `${Math.floor(memory / 2)}MiB`,
      MEILI_MAX_INDEXING_THREADS: String(Math.max(1, Math.floor(cpus))),
    },
  };
  const rival = {
    name: "the server's defaults",
    settings: { filterableAttributes: ["is_deleted", "channel_id"], sortableAttributes: ["created_at"] },
    env: {},
  };
  return [
    rival,
    ours,
    changed(ours, "ours and `distinct: id`, as the app sets it", { settings: { distinctAttribute: "id" }, env: {} }),
    ...[...changes].map(([text, change]) => changed(ours, `ours and \`${text}\``, change)),
  ];
}

const changed = (base: Variant, name: string, { settings, env }: Change): Variant => ({
  name,
  settings: { ...base.settings, ...settings },
  env: { ...base.env, ...env },
});
