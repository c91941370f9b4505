import { z } from "zod";
import { document, jsonOrUndefined, type Kind, kind, optional, urlOf } from "../settings-values.ts";
import type { Hours } from "../workload.ts";
import { LANGUAGES, LOCALES, type OwnIndexes, parseEmbedders, parseOwnIndexes } from "./indexes.ts";
import { parseKeys, parseRotation } from "./key-settings.ts";

/** Kinds of value that search asks for: its indexes and keys as documents, and where backups go. */

export function languages(): Kind<readonly string[]> {
  return subset(LANGUAGES, LANGUAGES);
}

export function locales(): Kind<readonly string[]> {
  return subset(LOCALES, []);
}

function subset(all: readonly string[], fallback: readonly string[]): Kind<readonly string[]> {
  const shown = all.length > 10 ? `ISO 639 codes such as ${all.slice(0, 4).join(", ")}` : all.join(", ");
  return kind(`a list of ${shown}`, JSON.stringify(fallback), (text) => {
    const list = z.array(z.enum(all)).safeParse(jsonOrUndefined(text)).data;
    return list && [...new Set(list)];
  });
}

export function indexes(): Kind<OwnIndexes> {
  return document('an object of indexes such as {"notes":{"primaryKey":"id"}}', "{}", parseOwnIndexes);
}

export function embedders() {
  const example = '{"default":{"source":"userProvided","dimensions":1536}}';
  return document(`an object of embedders such as ${example}`, "{}", parseEmbedders);
}

export function keys() {
  const example = '{"reports":{"actions":["search"],"indexes":["messages"]}}';
  return document(`an object of API keys such as ${example}`, "{}", parseKeys);
}

export function rotation() {
  return document('an object of counters such as {"masterKey":2,"frontend":3}', "{}", parseRotation);
}

export function optionalAppKey(): Kind<"scoped" | "master" | undefined> {
  const values = ["scoped", "master"] as const;
  return optional(kind(`one of ${values.join(", ")}`, undefined, (text) => values.find((value) => value === text)));
}

const HOURS: readonly Hours[] = [1, 2, 3, 4, 6, 8, 12, 24];

/** A part of a day that fits into it without a rest. */
export function hours(fallback: "off"): Kind<Hours | "off"> {
  return kind(`off, or hours: one of ${HOURS.join(", ")}`, fallback, (text) =>
    text === "off" ? "off" : HOURS.find((value) => String(value) === text),
  );
}

/** A credential as somebody else made it. */
export function optionalToken({ secret = true, min = 8 } = {}): Kind<string | undefined> {
  const token = kind(`${min} to 512 letters, digits and any of -_./+=`, undefined, (text) =>
    /^[A-Za-z0-9\-_./+=]{1,512}$/.test(text) && text.length >= min ? text : undefined,
  );
  return secret ? { ...optional(token), secret: true } : optional(token);
}

/** Base URL of an S3 API; its buckets are paths. */
export function optionalEndpoint(): Kind<string | undefined> {
  return optional(
    kind(
      "a URL with a host and nothing after it, such as https://s3.example.com or http://minio:9000",
      undefined,
      (text) => {
        const url = urlOf(text);
        return url && /^https?:$/.test(url.protocol) && url.origin === text ? text : undefined;
      },
    ),
  );
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function optionalBucket(): Kind<string | undefined> {
  return optional(
    kind("the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes", undefined, (text) =>
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text) ? text : undefined,
    ),
  );
}

export function folder(fallback: string): Kind<string> {
  return kind(
    "a path of letters, digits, dots, dashes and underscores without a slash at its ends or a .. in it",
    fallback,
    // Of a part that is only dots a URL would make another path.
    (text) => (/^(?!.*(^|\/)\.+(\/|$))[\w.-]+(\/[\w.-]+)*$/.test(text) && text.length <= 256 ? text : undefined),
  );
}

export function region(fallback: string): Kind<string> {
  return kind("a region such as eu-central-1, or auto", fallback, (text) =>
    /^[a-z0-9-]{2,32}$/.test(text) ? text : undefined,
  );
}
