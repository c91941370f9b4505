import { z } from "zod";
import {
  hostnamePattern,
  isIpv4,
  jsonOrUndefined,
  type Kind,
  kind,
  optional,
  urlOf,
  whole,
} from "./settings-values.ts";

/** Kinds of value that production asks for: names of a cluster's objects, hosts, networks, and where a Redis is. */

/** The name of a Kubernetes object: a DNS subdomain. */
export function optionalObjectName(): Kind<string | undefined> {
  return optional(
    kind("the name of a Kubernetes object: lower-case letters, digits, dashes and dots", undefined, (text) =>
      hostnamePattern.test(text) ? text : undefined,
    ),
  );
}

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const isLabel = (text: string) => (new RegExp(`^${LABEL}$`).test(text) ? text : undefined);
const labelRule = "a Kubernetes name such as nself-chat: 1 to 63 lower-case letters, digits and dashes";

/** The name of a Kubernetes namespace: a DNS label. */
export function label(fallback: string): Kind<string> {
  return kind(labelRule, fallback, isLabel);
}

export function optionalLabel(): Kind<string | undefined> {
  return optional(kind(labelRule, undefined, isLabel));
}

/** A Service and its namespace, as the first two parts of its host name. */
export function service(fallback: string): Kind<string> {
  return kind("a Service and its namespace, such as kube-dns.kube-system", fallback, (text) =>
    new RegExp(`^${LABEL}\\.${LABEL}$`).test(text) ? text : undefined,
  );
}

/** Text that goes on as it is. */
export function optionalText(rule: string): Kind<string | undefined> {
  return optional(kind(rule, undefined, (text) => (text.length > 0 ? text : undefined)));
}

/** A host name that a browser can ask DNS for: at least two labels. */
export function optionalDomain(): Kind<string | undefined> {
  return optional(
    kind("a domain such as chat.example.com", undefined, (text) =>
      hostnamePattern.test(text) && text.includes(".") && !isIpv4(text) ? text : undefined,
    ),
  );
}

/** `https://…` without a trailing slash. */
export function optionalHttpsUrl(): Kind<string | undefined> {
  return optional(
    kind("an https URL without a trailing slash, such as https://cdn.example.com", undefined, (text) =>
      urlOf(text)?.protocol === "https:" && !text.endsWith("/") && !/[?#]/.test(text) ? text : undefined,
    ),
  );
}

/** Where a Redis server is, as its URL says. */
export interface RedisUrl {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username?: string | undefined;
  /** TLS, as `rediss://` asks for. */
  readonly secure: boolean;
}

/** The password has a setting of its own, since a URL is shown. */
export function optionalRedisUrl(): Kind<RedisUrl | undefined> {
  return optional(
    kind(
      "redis://[user@]host[:port][/database], or rediss:// with TLS; the password goes into rtc:redisPassword",
      undefined,
      (text) => {
        const url = urlOf(text);
        const database = /^\/?(\d{0,3})$/.exec(url?.pathname ?? "");
        if (!url || !/^rediss?:$/.test(url.protocol) || !url.hostname || url.password || !database) return undefined;
        return {
          host: url.hostname,
          port: Number(url.port || 6379),
          database: Number(database[1] ?? 0),
          ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
          secure: url.protocol === "rediss:",
        };
      },
    ),
  );
}

/** A JSON list of networks such as `["10.0.0.0/8"]`. */
export function cidrs(fallback: readonly string[]): Kind<readonly string[]> {
  return listOf(isCidr, 'a list of IPv4 networks such as ["203.0.113.0/24"]', fallback);
}

/** A JSON list of addresses such as `["10.0.0.1"]`. */
export function addresses(fallback: readonly string[]): Kind<readonly string[]> {
  return listOf((text) => isIpv4(text) !== undefined, 'a list of IPv4 addresses such as ["169.254.20.10"]', fallback);
}

function listOf(holds: (text: string) => boolean, rule: string, fallback: readonly string[]): Kind<readonly string[]> {
  return kind(rule, JSON.stringify(fallback), (text) => {
    const list = z.array(z.string()).safeParse(jsonOrUndefined(text)).data;
    return list?.every(holds) ? list : undefined;
  });
}

const isCidr = (text: string) => {
  const [address = "", bits = ""] = text.split("/");
  return isIpv4(address) !== undefined && whole(bits, 0, 32) !== undefined;
};

/** A JSON object of texts, for labels and annotations. */
export function texts(fallback: Readonly<Record<string, string>>): Kind<Readonly<Record<string, string>>> {
  return kind(
    'an object of texts such as {"app.kubernetes.io/name":"nself-chat"}',
    JSON.stringify(fallback),
    (text) => z.record(z.string(), z.string()).safeParse(jsonOrUndefined(text)).data,
  );
}
