import * as pulumi from "@pulumi/pulumi";
import { ORDERED, type SearchIndexDefinition } from "./indexes.ts";
import { type KeyDefinition, type KeyRights, keyUid } from "./keys.ts";

/** What an index is to be; it has no other life than in a preview, which shows each setting that changes. */
export class SearchIndex extends pulumi.ComponentResource {
  constructor(
    { uid, primaryKey, settings }: SearchIndexDefinition,
    owner: string,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("nself:search:Index", uid, { primaryKey, ...settings, settingsOwner: owner }, options);
    this.registerOutputs();
  }
}

/** What a key may do, for the same reason. */
export class SearchKey extends pulumi.ComponentResource {
  constructor({ name, ...rights }: KeyDefinition, options: pulumi.ComponentResourceOptions) {
    super("nself:search:Key", name, rights, options);
    // Read before the next update: to a lower version there is no way back.
    this.registerOutputs({ name, version: rights.version, expiresAt: rights.expiresAt });
  }
}

/** Ends the description of each key that a stack registers: those that it no longer names are removed. */
const MARK = "Managed by nself-chat.";

export interface Plan {
  readonly indexes: readonly SearchIndexDefinition[];
  readonly keys: readonly KeyDefinition[];
  /** A rotated key's predecessor stays valid until the next rotation. */
  readonly keepPrevious: boolean;
  /** Embedders that ask a service have a key for it, which is put in where the plan is carried out. */
  readonly embedderKey?: string | undefined;
}

/**
 * What `config-templates/search-setup.sh` brings about: lines of tab-separated fields, which a shell can read without
 * knowing JSON.
 * @param seed from which the uids of keys are made
 */
export function planText({ indexes, keys, keepPrevious, embedderKey }: Plan, seed: string): string {
  const lines = [
    ...indexes.map(({ uid, primaryKey }) => ["index", uid, primaryKey]),
    ...indexes.flatMap(({ uid, settings }) =>
      Object.entries(settings).flatMap(([name, value]) => {
        const route = kebab(name);
        const sent = name === "embedders" && embedderKey ? withPlaceholder(value as object) : value;
        const compared = comparison(name, value);
        return [
          ["setting", uid, route, compared, name, JSON.stringify(sent)],
          ...(compared === "part" ? leaves(value as object).map((leaf) => ["leaf", uid, route, leaf]) : []),
        ];
      }),
    ),
    ...keys.flatMap((key) =>
      versionsOf(key, keepPrevious).map((version) => {
        const uid = keyUid(seed, key.name, version);
        return ["key", uid, key.name, keyBody(uid, key)];
      }),
    ),
  ];
  return `${lines.map((fields) => fields.join("\t")).join("\n")}\n`;
}

const versionsOf = ({ version }: KeyDefinition, keepPrevious: boolean) =>
  keepPrevious && version > 1 ? [version - 1, version] : [version];

/** In the order in which the server writes it, so that a shell can compare the two as text. */
function keyBody(uid: string, { name, description, actions, indexes, expiresAt }: KeyDefinition & KeyRights): string {
  const text = `${description}. ${MARK}`;
  return JSON.stringify({ name, description: text, uid, actions, indexes, expiresAt: expiresAt ?? null });
}

/** What `search-setup.sh` replaces by the key. */
const PLACEHOLDER = "@EMBEDDER_KEY@";

const withPlaceholder = (embedders: object) =>
  Object.fromEntries(
    Object.entries(embedders).map(([name, embedder]) => [
      name,
      embedder.source === "userProvided" ? embedder : { ...embedder, apiKey: PLACEHOLDER },
    ]),
  );

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Objects in which the server fills in what a definition is silent about, and more of it with each version. */
const PARTIAL = new Set(["typoTolerance", "faceting", "pagination"]);

/**
 * How what is there is compared with what is wanted: as text, as a set of texts, or by the leaves of an object. The
 * server writes what is nested deeper in one order.
 */
function comparison(name: string, value: unknown): "ordered" | "set" | "part" {
  if (PARTIAL.has(name)) return "part";
  const isSet = Array.isArray(value) && value.every((item) => typeof item === "string");
  return isSet && !ORDERED.has(name as keyof SearchIndexDefinition["settings"]) ? "set" : "ordered";
}

/** `"oneTypo":4` of `{"minWordSizeForTypos":{"oneTypo":4}}`. */
function leaves(value: object): string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? leaves(inner)
      : [`${JSON.stringify(name)}:${JSON.stringify(inner)}`],
  );
}
