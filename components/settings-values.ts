import { z } from "zod";

/**
 * The kinds of value that a setting can have. Each parses the text that Pulumi's configuration holds, and carries the
 * rule that it enforces as a sentence: the same words stand in the error and in the README's table.
 */
export interface Kind<T> {
  /** What is allowed, as a noun phrase that completes "must be …". */
  readonly rule: string;
  /** The default as it would be written in the configuration; absent where the setting is optional. */
  readonly fallback?: string;
  /** A secret's value is never repeated in an error, and must be stored with `--secret`. */
  readonly secret?: true;
  readonly parse: z.ZodType<T, string>;
}

/** A kind whose `parse` answers undefined for a text that breaks the rule. */
export function kind<T>(rule: string, fallback: string | undefined, parse: (text: string) => T | undefined): Kind<T> {
  const schema = z.string().transform((text, ctx) => {
    const value = parse(text.trim());
    if (value === undefined) {
      ctx.addIssue({ code: "custom", message: `must be ${rule}` });
      return z.NEVER;
    }
    return value;
  });
  return fallback === undefined ? { rule, parse: schema } : { rule, fallback, parse: schema };
}

/** Either the value, or whole sentences that say what is wrong, each with the key in it. */
export type Parsed<T> = { readonly value: T } | { readonly problems: readonly string[] };

/** A kind of value that is a document of its own: `parse` explains each mistake in it. */
export function document<T>(rule: string, fallback: string, parse: (text: string) => Parsed<T>): Kind<T> {
  const schema = z.string().transform((text, ctx) => {
    const parsed = parse(text);
    if ("value" in parsed) return parsed.value;
    for (const message of parsed.problems) ctx.addIssue({ code: "custom", message, params: { explained: true } });
    return z.NEVER;
  });
  return { rule, fallback, parse: schema };
}

export const whole = (text: string, min: number, max: number): number | undefined => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
};

/** `undefined` is a value here: the setting may be left out. */
export function optional<T>(of: Kind<T>): Kind<T | undefined> {
  return { ...of, parse: of.parse as z.ZodType<T | undefined, string> };
}

export function flag(fallback: boolean): Kind<boolean> {
  return kind("true or false", String(fallback), (text) =>
    text === "true" ? true : text === "false" ? false : undefined,
  );
}

export function choice<const T extends string>(values: readonly T[], fallback: T): Kind<T> {
  return kind(`one of ${values.join(", ")}`, fallback, (text) => values.find((value) => value === text));
}

export function integer(min: number, max: number, unit: string, fallback: number): Kind<number> {
  return kind(`a whole number of ${unit} from ${min} to ${max}`, String(fallback), (text) => whole(text, min, max));
}

const isPort = (text: string) => whole(text, 1, 65_535);
const portRule = "a port from 1 to 65535";

export function port(fallback: number): Kind<number> {
  return kind(portRule, String(fallback), isPort);
}

export function optionalPort(): Kind<number | undefined> {
  return optional(kind(portRule, undefined, isPort));
}

/** Docker takes parts of a processor: `0.5` is half of one. */
export function cpus(fallback: string): Kind<string> {
  return kind("a number of processors such as 0.5, 1 or 2", fallback, (text) =>
    /^\d{1,3}(\.\d{1,2})?$/.test(text) && Number(text) > 0 ? text : undefined,
  );
}

/** One UDP port that carries all media, or a range with one port for each stream. */
export type MediaPorts = { readonly first: number; readonly last: number };

/** A published range costs Docker one proxy process a port: 1,000 is where an engine takes a minute to start it. */
export const LARGEST_RANGE = 1_000;

export function mediaPorts(fallback: string): Kind<MediaPorts> {
  return kind(
    `one UDP port such as 7882 or a range such as 50000-50100, lower end first, of at most ${LARGEST_RANGE} ports (one or the other, never both)`,
    fallback,
    (text) => {
      const ends = /^(\d+)(?:-(\d+))?$/.exec(text);
      const first = isPort(ends?.[1] ?? "");
      const last = isPort(ends?.[2] ?? ends?.[1] ?? "");
      if (first === undefined || last === undefined || last < first || last - first >= LARGEST_RANGE) return undefined;
      return { first, last };
    },
  );
}

/**
 * An OCI image reference: name, then a tag, a digest or both. A reference without either is refused: it means
 * `latest` to Docker, and whoever wants that can say so.
 * @see https://github.com/distribution/reference: the grammar
 */
export function image(fallback: string): Kind<string> {
  const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  const host = "(?:(?:localhost|[a-zA-Z0-9-]+(?:\\.[a-zA-Z0-9-]+)+)(?::\\d{1,5})?/|[a-zA-Z0-9-]+:\\d{1,5}/)?";
  const reference = new RegExp(
    `^${host}${component}(?:/${component})*(?::\\w[\\w.-]{0,127}(?:@sha256:[a-f0-9]{64})?|@sha256:[a-f0-9]{64})$`,
  );
  return kind("an image reference with a tag or a digest, such as name:v1.2.3 or name@sha256:…", fallback, (text) =>
    reference.test(text) ? text : undefined,
  );
}

/** A JSON list of web origins as browsers send them: scheme, host and port, nothing after; `*` is none. */
export function origins(fallback: readonly string[]): Kind<readonly string[]> {
  return kind(
    'a list of origins, each scheme://host[:port] with no path, such as ["http://localhost:3000"]',
    JSON.stringify(fallback),
    (text) => {
      const list = z.array(z.string()).safeParse(jsonOrUndefined(text)).data;
      return list?.every((item) => /^https?:$/.test(urlOf(item)?.protocol ?? "") && urlOf(item)?.origin === item)
        ? [...new Set(list)]
        : undefined;
    },
  );
}

export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** An IPv4 address of this host to publish ports on, or `0.0.0.0` for all of them. */
export function ipv4(fallback: string): Kind<string> {
  return kind("an IPv4 address such as 127.0.0.1", fallback, isIpv4);
}

export function optionalIpv4(): Kind<string | undefined> {
  return optional(kind("an IPv4 address such as 192.168.1.20", undefined, isIpv4));
}

export const isIpv4 = (text: string) => {
  const bytes = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text.split(".").map(Number) : [];
  return bytes.length === 4 && bytes.every((byte) => byte <= 255) ? text : undefined;
};

export const hostnamePattern =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

export function hostname(fallback: string): Kind<string> {
  return kind("a host name such as localhost or chat.example.com", fallback, (text) =>
    hostnamePattern.test(text) ? text : undefined,
  );
}

export function optionalHostname(): Kind<string | undefined> {
  const { fallback: _, ...rest } = hostname("");
  return optional(rest);
}

/** A prefix for container, volume and network names: what Docker accepts in a name, kept short. */
export function prefix(fallback: string): Kind<string> {
  return kind("1 to 32 lower-case letters, digits and dashes, starting with a letter", fallback, (text) =>
    /^[a-z][a-z0-9-]{0,31}$/.test(text) ? text : undefined,
  );
}

/**
 * A secret that the user brings along instead of the generated one. Its characters are those that need no quoting in
 * a URL, in YAML, in an nginx pattern and in a dotenv file.
 */
export function secret(min: number): Kind<string | undefined> {
  const rule = `at least ${min} characters, letters, digits, - and _ only`;
  const text = kind(rule, undefined, (value) =>
    value.length >= min && /^[A-Za-z0-9_-]+$/.test(value) ? value : undefined,
  );
  return { ...optional(text), secret: true };
}

/** A Docker network's name. */
export function optionalName(): Kind<string | undefined> {
  return optional(
    kind("letters, digits, dots, dashes and underscores, starting with a letter or a digit", undefined, (text) =>
      /^[a-zA-Z0-9][\w.-]{1,63}$/.test(text) ? text : undefined,
    ),
  );
}
