import { describe, expect, it } from "vitest";
import { parseEmbedders, searchIndexes } from "../../components/search/indexes.ts";
import { none, problems, settingsOf } from "./helpers/search-indexes.ts";

it.each<[string, unknown, string[]]>([
  [
    "a name with a space",
    { "a b": { source: "userProvided", dimensions: 3 } },
    ['search:embedders has the embedder "a b", and its name must be letters, digits, - and _ only. Give it another'],
  ],
  [
    "something else",
    { default: 3 },
    [
      'search:embedders: the embedder default is 3, and must be an embedder such as {"source": "userProvided", "dimensions": 1536}',
    ],
  ],
  [
    "no source",
    { default: { dimensions: 3 } },
    [
      "search:embedders: the embedder default lacks source, which must be one of userProvided, openAi, rest: others are not supported",
    ],
  ],
  [
    "another source",
    { default: { source: "huggingFace" } },
    [
      'search:embedders: the embedder default has source = "huggingFace", which must be one of userProvided, openAi, rest: others are not supported',
    ],
  ],
  [
    "no dimensions",
    { default: { source: "userProvided" } },
    ["search:embedders: the embedder default lacks dimensions, which must be a whole number from 1"],
  ],
  [
    "dimensions of 0",
    { default: { source: "userProvided", dimensions: 0 } },
    ["search:embedders: the embedder default has dimensions = 0, which must be a whole number from 1"],
  ],
  [
    "a field of another source",
    { default: { source: "userProvided", dimensions: 3, model: "x" } },
    ['search:embedders: the embedder default has the field "model", which is not known. Use one of source, dimensions'],
  ],
  [
    "a key in plain text",
    { default: { source: "openAi", model: "text-embedding-3-small", apiKey: "sk-123" } },
    [
      "search:embedders: the embedder default has apiKey, a secret in plain text. Remove it, and store it encrypted: pulumi config set --secret search:embedderKey",
    ],
  ],
  [
    "a model that OpenAI lacks",
    { default: { source: "openAi", model: "text-embedding-3" } },
    [
      'search:embedders: the embedder default has model = "text-embedding-3", which must be one of text-embedding-3-small, text-embedding-3-large, text-embedding-ada-002 (a service with others is a rest embedder)',
    ],
  ],
  [
    "more dimensions than the model has",
    { default: { source: "openAi", model: "text-embedding-3-small", dimensions: 1537 } },
    [
      "search:embedders: the embedder default has dimensions = 1537, which must be from 1 to 1536 with text-embedding-3-small",
    ],
  ],
  [
    "other dimensions than the model's only ones",
    { default: { source: "openAi", model: "text-embedding-ada-002", dimensions: 512 } },
    [
      "search:embedders: the embedder default has dimensions = 512, which must be 1536, the only length of text-embedding-ada-002",
    ],
  ],
  [
    "an empty template",
    { default: { source: "openAi", model: "text-embedding-3-small", documentTemplate: " " } },
    [
      'search:embedders: the embedder default has documentTemplate = " ", which must be a Liquid template with text in it',
    ],
  ],
  [
    "no bytes",
    { default: { source: "openAi", model: "text-embedding-3-small", documentTemplateMaxBytes: 0 } },
    [
      "search:embedders: the embedder default has documentTemplateMaxBytes = 0, which must be a whole number of bytes from 1",
    ],
  ],
  [
    "a URL with a password",
    { default: { source: "openAi", model: "text-embedding-3-small", url: "https://me:secret@example.com" } },
    [
      "search:embedders: the embedder default has url = (hidden), which must be a URL that begins with http:// or https:// and has no password in it",
    ],
  ],
  [
    "a request without the text",
    { default: { source: "rest", url: "http://e", request: { input: "text" }, response: "{{embedding}}" } },
    [
      'search:embedders: the embedder default has request = {"input":"text"}, which must be JSON with the string "{{text}}" in it, once',
    ],
  ],
  [
    "an answer with two vectors",
    { default: { source: "rest", url: "http://e", request: "{{text}}", response: ["{{embedding}}", "{{embedding}}"] } },
    [
      'search:embedders: the embedder default has response = ["{{embedding}}","{{embedding}}"], which must be JSON with the string "{{embedding}}" in it, once',
    ],
  ],
  [
    "a list of texts with one vector",
    { default: { source: "rest", url: "http://e", request: ["{{text}}", "{{..}}"], response: "{{embedding}}" } },
    [
      'search:embedders: the embedder default has response = "{{embedding}}", which must be a list with "{{..}}" in it where request is one, and none where it is none',
    ],
  ],
  [
    "a key in a header",
    {
      default: {
        source: "rest",
        url: "http://e",
        request: "{{text}}",
        response: "{{embedding}}",
        headers: { authorization: "Bearer x" },
      },
    },
    [
      "search:embedders: the embedder default has headers = (hidden), which must be without what holds a secret, such as Authorization: the key is search:embedderKey (pulumi config set --secret)",
    ],
  ],
  [
    "a header that is no text",
    { default: { source: "rest", url: "http://e", request: "{{text}}", response: "{{embedding}}", headers: { a: 3 } } },
    ["search:embedders: the embedder default has headers.a = (hidden), which must be text"],
  ],
])("search:embedders is refused with %s", (_, embedders, sentences) => {
  expect(parseEmbedders(JSON.stringify(embedders))).toEqual({ problems: sentences });
});

describe("search:embedders", () => {
  const embedders = {
    own: { source: "userProvided", dimensions: 384 },
    openAi: {
      source: "openAi",
      model: "text-embedding-3-large",
      dimensions: 256,
      documentTemplate: "{{doc.content}}",
      documentTemplateMaxBytes: 800,
      url: "https://openai.example.com/v1/embeddings",
    },
    rest: {
      source: "rest",
      url: "http://embedder:8080/embed",
      request: { input: ["{{text}}", "{{..}}"], model: "m" },
      response: { data: [{ embedding: "{{embedding}}" }, "{{..}}"] },
      headers: { "x-team": "chat" },
    },
  } as const;

  it("is read as it is", () => {
    expect(parseEmbedders(JSON.stringify(embedders))).toEqual({ value: embedders });
    expect(parseEmbedders("{}")).toEqual({ value: {} });
  });

  it("must be JSON", () => {
    expect(parseEmbedders("3")).toEqual({
      problems: [
        'search:embedders must be JSON, an object such as {"default": {"source": "userProvided", "dimensions": 1536}}',
      ],
    });
  });

  it("is for messages and its alias, beside the embedders that search:indexes has there", () => {
    const own = { messages: { embedders: { mine: embedders.own } } };
    const found = searchIndexes({ ...none, own, embedders: { rest: embedders.rest } });
    const expected = { mine: embedders.own, rest: embedders.rest };
    expect(
      found.filter(({ settings }) => settings.embedders).map(({ uid, settings }) => [uid, settings.embedders]),
    ).toEqual([
      ["messages", expected],
      ["nchat_messages", expected],
    ]);
  });

  it("keeps to one length for a name", () => {
    const own = { files: { embedders: { default: { source: "userProvided", dimensions: 384 } } } } as const;
    expect(problems({ own, embedders: { default: { source: "openAi", model: "text-embedding-3-small" } } })).toEqual([
      "search:embedders: the embedder default has 1536 dimensions in search:embedders and 384 dimensions in the index files (dimension mismatch). Give it the same in both, or one of them another name",
    ]);
    expect(problems({ own, embedders: { default: { source: "userProvided", dimensions: 384 } } })).toEqual([]);
  });

  it("is refused beside null", () => {
    expect(problems({ own: { messages: { embedders: null } }, embedders: { own: embedders.own } })).toEqual([
      "search:embedders has embedders, and search:indexes leaves those of messages to the server (null). Remove one of the two",
    ]);
    expect(settingsOf("messages", { messages: { embedders: null } })).not.toHaveProperty("embedders");
  });
});
