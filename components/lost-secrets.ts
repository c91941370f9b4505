import type { NamedResource } from "./previous.ts";
import { LIVEKIT } from "./rtc.ts";
import { MASTER_KEY } from "./search/key-settings.ts";
import { MEILISEARCH } from "./search.ts";
import { type Settings, SettingsError } from "./settings.ts";
import { RTMP } from "./streaming.ts";

/** A secret that is generated where nobody gives one. */
interface Secret {
  /** The setting that gives it. */
  readonly key: string;
  /** The server that has it. */
  readonly server: string;
  /** The resource that generates it. */
  readonly name: string;
  /** The stack's output that tells it. */
  readonly output: string;
  readonly needed: (settings: Settings) => boolean;
  readonly given: (settings: Settings) => string | undefined;
}

const SECRETS: readonly Secret[] = [
  {
    key: "search:masterKey",
    server: MEILISEARCH.name,
    name: `${MEILISEARCH.name}-master-key`,
    output: "searchMasterKey",
    // Who counts the master key's rotation up asks for a generated one.
    needed: ({ search }) => search.enabled && !Object.hasOwn(search.rotation, MASTER_KEY),
    given: ({ search }) => search.masterKey ?? search.existingSecret,
  },
  {
    key: "rtc:apiKey",
    server: LIVEKIT.name,
    name: `${LIVEKIT.name}-api-key`,
    output: "rtcApiKey",
    needed: ({ rtc }) => rtc.enabled,
    given: ({ rtc }) => rtc.apiKey ?? rtc.existingSecret,
  },
  {
    key: "rtc:apiSecret",
    server: LIVEKIT.name,
    name: `${LIVEKIT.name}-api-secret`,
    output: "rtcApiSecret",
    needed: ({ rtc }) => rtc.enabled,
    given: ({ rtc }) => rtc.apiSecret ?? rtc.existingSecret,
  },
  {
    key: "streaming:publishKey",
    server: RTMP.name,
    name: `${RTMP.name}-publish-key`,
    output: "publishKey",
    needed: ({ streaming }) => streaming.enabled && streaming.publish === "key",
    given: ({ streaming }) => streaming.publishKey ?? streaming.existingSecret,
  },
];

/**
 * A secret that was given and is not any more would be replaced by a generated one, and whoever has the old one locked
 * out, where most likely it is set in somebody else's checkout only. Who wants a new one sets it.
 * @throws SettingsError
 */
export function refuseLostSecrets(settings: Settings, previous: readonly NamedResource[]): void {
  const lost = SECRETS.filter(
    (secret) => secret.needed(settings) && !secret.given(settings) && wasGiven(secret, previous),
  );
  if (lost.length > 0) throw new SettingsError(lost.map(({ key }) => sentence(key, settings)));
}

/**
 * Its server runs, and nothing that this stack owns has generated it. Only what is whole is judged: an output is there
 * after an update that went well, and a generated secret as long as its server.
 */
function wasGiven({ server, name, output }: Secret, previous: readonly NamedResource[]): boolean {
  const has = (type: RegExp, wanted: string) =>
    previous.some((resource) => type.test(resource.type) && resource.name === wanted);
  const known = previous.some(({ type, outputs }) => type === "pulumi:pulumi:Stack" && output in outputs);
  return known && has(/:(Container|StatefulSet|Deployment)$/, server) && !has(/:RandomPassword$/, name);
}

function sentence(key: string, { platform }: Settings): string {
  const existing = platform.kind === "kubernetes" ? `, nor is ${key.split(":")[0]}:existingSecret` : "";
  return `${key} is not set${existing}, and this stack runs with one that was: a generated one would take its place. Set it again, or set a new one: pulumi config set --secret ${key}`;
}
