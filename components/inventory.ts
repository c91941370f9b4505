import { LIVEKIT } from "./rtc.ts";
import { MEILISEARCH } from "./search.ts";
import type { Settings } from "./settings.ts";
import { RTMP } from "./streaming.ts";

/** Something that a stack makes, with the setting that switches it off. */
export interface Item {
  readonly name: string;
  readonly enabledBy: string;
}

/** What the enabled services run and keep, by the names that services give; platforms derive theirs. */
export interface Inventory {
  readonly servers: readonly Item[];
  readonly tasks: readonly Item[];
  readonly volumes: readonly Item[];
}

export function inventoryOf({ search, rtc, streaming }: Settings): Inventory {
  const services = [
    { enabled: search.enabled, enabledBy: "search:enabled", ...MEILISEARCH },
    { enabled: rtc.enabled, enabledBy: "rtc:enabled", ...LIVEKIT },
    { enabled: streaming.enabled, enabledBy: "streaming:enabled", ...RTMP },
  ].filter(({ enabled }) => enabled);
  const items = (of: (service: (typeof services)[number]) => readonly string[]) =>
    services.flatMap((service) => of(service).map((name) => ({ name, enabledBy: service.enabledBy })));
  return {
    servers: items(({ name }) => [name]),
    tasks: items(({ tasks }) => tasks),
    volumes: items(({ volumes }) => volumes),
  };
}
