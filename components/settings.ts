import leven from "leven";
import { problemsAcross } from "./settings-rules.ts";
import * as is from "./settings-values.ts";

/**
 * Every key of the configuration, one line each: `namespace:key`, its kind with default and bounds, and what it does.
 * The README's table is made from this one.
 */
export const schema = {
  platform: {
    kind: [is.choice(["docker", "kubernetes"], "docker"), "where the services run"],
    prefix: [is.prefix("nchat"), "starts every container, volume and network name"],
    network: [is.optionalName(), "Docker network to join or create (default: `<prefix>_network`)"],
    bindAddress: [is.ipv4("127.0.0.1"), "address of this host on which ports are published"],
    hostname: [is.hostname("localhost"), "host name in the URLs that clients get"],
    logSize: [is.integer(1, 1024, "MiB", 10), "size at which a container's log is rotated; three files are kept"],
  },
  frontend: {
    origins: [is.origins(["http://localhost:3000", "http://127.0.0.1:3000"]), "where the app is served from (CORS)"],
  },
  search: {
    enabled: [is.flag(true), "run MeiliSearch"],
    image: [is.image("getmeili/meilisearch:v1.50.0"), "MeiliSearch image"],
    port: [is.port(7700), "HTTP API"],
    memory: [is.integer(256, 1_048_576, "MiB", 1024), "memory limit; half of it may be used for indexing"],
    cpus: [is.cpus("1"), "processor limit; indexing uses as many threads"],
    maxProcesses: [is.integer(16, 65_536, "processes", 512), "limit of processes and threads"],
    masterKey: [is.secret(32), "master key to use instead of the generated one"],
  },
  rtc: {
    enabled: [is.flag(true), "run LiveKit"],
    image: [is.image("livekit/livekit-server:v1.13.5"), "LiveKit image"],
    port: [is.port(7880), "HTTP API and WebSocket signalling"],
    tcpPort: [is.port(7881), "ICE over TCP, for clients without UDP"],
    mediaPorts: [is.mediaPorts("7882"), "UDP media: one multiplexed port or a range"],
    nodeAddress: [
      is.optionalIpv4(),
      "address at which clients reach the media ports (default: `platform:bindAddress`)",
    ],
    maxParticipants: [is.integer(1, 10_000, "participants", 100), "participants in a room"],
    emptyTimeout: [is.integer(1, 86_400, "seconds", 300), "how long an empty room stays open"],
    logLevel: [is.choice(["debug", "info", "warn", "error"], "info"), "log level"],
    turnDomain: [is.optionalHostname(), "host name of the built-in TURN server; turns it on"],
    turnUdpPort: [is.optionalPort(), "TURN over UDP"],
    turnTlsPort: [is.optionalPort(), "TURN over TLS, behind a proxy that ends the TLS for `rtc:turnDomain`"],
    turnServer: [is.optionalHostname(), "host name of an external TURN server, such as coturn; needs LiveKit 1.9.10"],
    turnServerPort: [is.optionalPort(), "its UDP port"],
    turnSecret: [is.secret(32), "secret shared with the external TURN server (`static-auth-secret` of coturn)"],
    memory: [is.integer(128, 1_048_576, "MiB", 1024), "memory limit"],
    cpus: [is.cpus("1"), "processor limit"],
    maxProcesses: [is.integer(16, 65_536, "processes", 512), "limit of processes and threads"],
    apiKey: [is.secret(16), "API key to use instead of the generated one"],
    apiSecret: [is.secret(32), "API secret to use instead of the generated one"],
  },
  streaming: {
    enabled: [is.flag(true), "run nginx-rtmp"],
    image: [
      is.image("tiangolo/nginx-rtmp:latest"),
      "nginx-rtmp image; give a digest to pin it, it has no version tags",
    ],
    ingestPort: [is.port(1935), "RTMP ingest"],
    httpPort: [is.port(8088), "HLS and statistics"],
    publish: [is.choice(["open", "key"], "open"), "who may publish: anyone who reaches the port, or who has the key"],
    publishKey: [is.secret(16), "publish key to use instead of the generated one"],
    fragment: [is.integer(1, 30, "seconds", 2), "length of an HLS fragment; shorter is less delay"],
    playlist: [is.integer(3, 600, "seconds", 20), "how much a live playlist holds; at least three fragments"],
    record: [is.flag(false), "record what is published to `live` too (`record` always records)"],
    memory: [is.integer(64, 1_048_576, "MiB", 256), "memory limit"],
    cpus: [is.cpus("1"), "processor limit"],
    maxProcesses: [is.integer(16, 65_536, "processes", 128), "limit of processes and threads"],
  },
} as const satisfies Record<string, Record<string, readonly [is.Kind<unknown>, string]>>;

type Schema = typeof schema;
type ValueOf<K> = K extends is.Kind<infer T> ? T : never;

/** The checked configuration, one object for each namespace. */
export type Settings = { readonly [N in keyof Schema]: { readonly [K in keyof Schema[N]]: Value<Schema[N][K]> } };
type Value<E> = E extends readonly [infer K, string] ? ValueOf<K> : never;

/** Configuration is wrong: the message holds all problems of the run, one a line. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? "A setting needs" : `${problems.length} settings need`} a change:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

/** Text of the configuration, and which of its keys are stored encrypted. */
export interface RawConfig {
  readonly values: Readonly<Record<string, string>>;
  readonly isSecret: (key: string) => boolean;
}

/** Namespaces that other parts of Pulumi read: their keys are not ours to judge. */
const FOREIGN = new Set(["pulumi", "docker", "kubernetes", "random"]);

/**
 * Checks every key and returns the typed settings.
 * @throws SettingsError with all problems together: unknown keys, broken rules and combinations that cannot work.
 */
export function readSettings(raw: RawConfig): Settings {
  const known = Object.entries(schema).flatMap(([namespace, keys]) =>
    Object.entries(keys).map(([key, [kind]]) => ({ namespace, key, name: `${namespace}:${key}`, kind })),
  );
  const names = known.map(({ name }) => name);
  const problems = Object.keys(raw.values)
    .filter((name) => !names.includes(name) && !FOREIGN.has(name.split(":")[0] ?? ""))
    .map((name) => `${name} is not a setting${didYouMean(name, names)}. Remove it: pulumi config rm ${name}`);

  const broken = new Set<string>();
  const settings: Record<string, Record<string, unknown>> = {};
  for (const { namespace, key, name, kind } of known) {
    const text = raw.values[name];
    const { value, broken: reasons } = check(name, kind, text, raw.isSecret(name));
    problems.push(...reasons);
    if (reasons.length > 0) broken.add(name);
    settings[namespace] = { ...settings[namespace], [key]: value };
  }

  const checked = settings as unknown as Settings;
  problems.push(
    ...problemsAcross(checked)
      .filter(({ keys }) => !keys.some((name) => broken.has(name)))
      .map(({ message }) => message),
  );
  if (problems.length > 0) throw new SettingsError(problems);
  return checked;
}

/** A broken value gives its default back, so that the rules across settings can still be checked. */
function check(name: string, kind: is.Kind<unknown>, text: string | undefined, encrypted: boolean) {
  const fallback = () => (kind.fallback === undefined ? undefined : kind.parse.parse(kind.fallback));
  if (text === undefined) return { value: fallback(), broken: [] };

  const result = kind.parse.safeParse(text);
  const broken: string[] = [];
  if (!result.success) {
    const shown = kind.secret ? "(a secret)" : JSON.stringify(text);
    const fix = kind.fallback === undefined ? `Remove it: pulumi config rm ${name}` : `The default is ${kind.fallback}`;
    broken.push(`${name} = ${shown} must be ${kind.rule}. ${fix}`);
  }
  if (kind.secret && !encrypted) {
    broken.push(`${name} is a secret stored in plain text. Store it encrypted: pulumi config set --secret ${name}`);
  }
  return { value: result.success ? result.data : fallback(), broken };
}

/** Two slips of the finger are near enough to guess what was meant. */
function didYouMean(name: string, names: readonly string[]): string {
  const ranked = names
    .map((other) => ({ other, distance: leven(name, other) }))
    .sort((a, b) => a.distance - b.distance);
  const sameKey = names.find((other) => other.split(":")[1] === name.split(":")[1]);
  const guess = ranked[0] && ranked[0].distance <= 3 ? ranked[0].other : sameKey;
  return guess ? ` (did you mean ${guess}?)` : "";
}
