import { z } from "zod";
import { type Parsed, urlOf } from "../settings-values.ts";
import { parseObject } from "./json.ts";
import { listed, object, positive, problemsOf, quoted } from "./problems.ts";

/**
 * Where vectors come from. Three sources of the server's: those that run a model beside it (huggingFace, ollama) need
 * memory and hosts that the stack does not give, and composite is two of the others.
 * @see https://www.meilisearch.com/docs/reference/api/settings: "embedders"
 */
export type Embedder = UserProvided | OpenAi | Rest;

/** The app computes the vectors. The server then refuses a document without `_vectors`; `null` in it stands for none. */
export interface UserProvided {
  readonly source: "userProvided";
  readonly dimensions: number;
}

interface Asking {
  /** Default: the server learns them from an answer. */
  readonly dimensions?: number;
  /** Liquid template of the text that stands for a document. Default: all its searchable attributes. */
  readonly documentTemplate?: string;
  /** Bytes after which that text is cut off. Default: 400. */
  readonly documentTemplateMaxBytes?: number;
}

export interface OpenAi extends Asking {
  readonly source: "openAi";
  readonly model: string;
  /** Default: OpenAI's. */
  readonly url?: string;
}

export interface Rest extends Asking {
  readonly source: "rest";
  readonly url: string;
  /** Body of a request, with the string `{{text}}` where the text goes. */
  readonly request: unknown;
  /** Body of an answer, with the string `{{embedding}}` where the vector is. */
  readonly response: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The models that the server knows, with the largest number of dimensions that each gives. */
const MODELS = {
  "text-embedding-3-small": 1536,
  "text-embedding-3-large": 3072,
  "text-embedding-ada-002": 1536,
} as const;

const TEXT = "{{text}}";
const VECTOR = "{{embedding}}";
/** Second item of a list whose first is repeated. */
const REPEAT = "{{..}}";

const url = z.string("a URL").refine((text) => {
  const parsed = urlOf(text);
  return parsed && /^https?:$/.test(parsed.protocol) && parsed.username === "" && parsed.password === "";
}, "a URL that begins with http:// or https:// and has no password in it");

const asking = {
  dimensions: z.exactOptional(positive("a whole number from 1")),
  documentTemplate: z.exactOptional(z.string("a Liquid template").regex(/\S/, "a Liquid template with text in it")),
  documentTemplateMaxBytes: z.exactOptional(positive("a whole number of bytes from 1")),
};

const openAi = object("an embedder", {
  source: z.literal("openAi"),
  model: z.enum(Object.keys(MODELS) as (keyof typeof MODELS)[], {
    error: `one of ${Object.keys(MODELS).join(", ")} (a service with others is a rest embedder)`,
  }),
  ...asking,
  url: z.exactOptional(url),
}).superRefine(({ model, dimensions }, ctx) => {
  const largest = MODELS[model];
  const fixed = model === "text-embedding-ada-002";
  if (dimensions === undefined || dimensions === largest || (dimensions < largest && !fixed)) return;
  const rule = fixed ? `${largest}, the only length of ${model}` : `from 1 to ${largest} with ${model}`;
  ctx.addIssue({ code: "custom", path: ["dimensions"], message: rule });
});

const rest = object("an embedder", {
  source: z.literal("rest"),
  url,
  request: template(TEXT),
  response: template(VECTOR),
  ...asking,
  headers: z.exactOptional(
    z
      .record(z.string(), z.string("text"), "an object of headers")
      .refine((headers) => !Object.keys(headers).some((name) => /authorization|cookie|key|token|secret/i.test(name)), {
        error:
          "without what holds a secret, such as Authorization: the key is search:embedderKey (pulumi config set --secret)",
      }),
  ),
}).refine(({ request, response }) => count(request, REPEAT) === count(response, REPEAT), {
  path: ["response"],
  error: `a list with ${JSON.stringify(REPEAT)} in it where request is one, and none where it is none`,
});

const sources = {
  userProvided: object("an embedder", {
    source: z.literal("userProvided"),
    dimensions: positive("a whole number from 1"),
  }),
  openAi,
  rest,
};

/** One schema for each source: a field of another is unknown to it. */
export const embedder = z.discriminatedUnion("source", [sources.userProvided, openAi, rest], {
  error: (issue) =>
    issue.code === "invalid_union"
      ? `one of ${Object.keys(sources).join(", ")}: others are not supported`
      : 'an embedder such as {"source": "userProvided", "dimensions": 1536}',
});

const NAME = "letters, digits, - and _ only";
/** It becomes part of an attribute's name, `_vectors.default`. */
export const embedderName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, NAME);

const EMBEDDERS = "search:embedders";

/** Parses the setting `search:embedders`, a JSON object of embedders by name. */
export function parseEmbedders(text: string): Parsed<Readonly<Record<string, Embedder>>> {
  const parsed = parseObject(EMBEDDERS, text, '{"default": {"source": "userProvided", "dimensions": 1536}}');
  if ("problems" in parsed) return parsed;
  const problems = Object.entries(parsed.value).flatMap(([name, value]) => {
    if (!embedderName.safeParse(name).success) {
      return [`${EMBEDDERS} has the embedder ${quoted(name)}, and its name must be ${NAME}. Give it another`];
    }
    const { error } = embedder.safeParse(value);
    return error ? problemsOf(`${EMBEDDERS}: the embedder ${name}`, [], value, error) : [];
  });
  return problems.length > 0 ? { problems } : { value: parsed.value as Record<string, Embedder> };
}

function template(placeholder: string) {
  return z.unknown().refine((value) => count(value, placeholder) === 1 && count(value, REPEAT) <= 1, {
    error: `JSON with the string ${JSON.stringify(placeholder)} in it, once`,
  });
}

function count(value: unknown, text: string): number {
  if (typeof value !== "object" || value === null) return value === text ? 1 : 0;
  return Object.values(value).reduce((sum: number, item) => sum + count(item, text), 0);
}

/** Length of an embedder's vectors, where it is known before the first answer. */
export function dimensionsOf(of: Embedder): number | undefined {
  return of.dimensions ?? (of.source === "openAi" ? MODELS[of.model as keyof typeof MODELS] : undefined);
}

/** Embedders, and where they stand: `search:embedders`, or `the index notes`. */
export type Place = readonly [where: string, embedders: Readonly<Record<string, Embedder>>];

/** The same name with vectors of different lengths. */
export function dimensionMismatches(subject: string, places: readonly Place[]): string[] {
  const names = new Set(places.flatMap(([, embedders]) => Object.keys(embedders)));
  return [...names].flatMap((name) => {
    const found = new Map<number, string>();
    for (const [where, embedders] of places) {
      const dimensions = Object.hasOwn(embedders, name) ? dimensionsOf(embedders[name] as Embedder) : undefined;
      if (dimensions !== undefined && !found.has(dimensions)) found.set(dimensions, where);
    }
    if (found.size < 2) return [];
    const lengths = listed([...found].map(([dimensions, where]) => `${dimensions} dimensions in ${where}`));
    return `${subject}: the embedder ${name} has ${lengths} (dimension mismatch). Give it the same in both, or one of them another name`;
  });
}
