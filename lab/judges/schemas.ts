/** JSON schemas out of what others publish: complete in one file each, and closed, so that a misspelt field is found. */

export interface Schema {
  readonly [keyword: string]: unknown;
}

export interface SchemaFile {
  /** As kubeconform looks for it: kind, first part of the group, version. */
  readonly name: string;
  readonly schema: Schema;
}

/** Every `$ref` replaced by what it names, because kubeconform skips in silence what it cannot resolve. */
export function inlined(schema: Schema, definitions: Readonly<Record<string, Schema>>): Schema {
  return inline(schema, definitions, []) as Schema;
}

function inline(node: unknown, definitions: Readonly<Record<string, Schema>>, within: readonly string[]): unknown {
  if (Array.isArray(node)) return node.map((item) => inline(item, definitions, within));
  if (typeof node !== "object" || node === null) return node;
  const { $ref: reference, ...rest } = node as Schema;
  if (typeof reference === "string") {
    const name = reference.split("/").at(-1) ?? "";
    const definition = definitions[name];
    if (!definition) throw new Error(`The schemas name "${reference}", which they do not define.`);
    // The schema of schemas holds itself: there anything goes.
    return within.includes(name) ? {} : inline(definition, definitions, [...within, name]);
  }
  return Object.fromEntries(
    Object.entries(rest)
      .filter(([keyword, value]) => !(keyword === "description" && typeof value === "string"))
      .map(([keyword, value]) => [keyword, inline(value, definitions, within)]),
  );
}

interface Definition {
  readonly kind?: string;
  readonly spec?: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** A schema for each version of a CustomResourceDefinition; none for other documents. */
export function schemasOf({ kind, spec }: Definition, metadata: Schema): SchemaFile[] {
  if (kind !== "CustomResourceDefinition" || !spec) return [];
  return spec.versions.flatMap(({ name, schema }) => {
    if (!schema) return [];
    const { properties, ...rest } = closed(schema.openAPIV3Schema) as Schema & { properties: Schema };
    const file = `${spec.names.kind}-${spec.group.split(".")[0]}-${name}.json`.toLowerCase();
    const identity = { apiVersion: { enum: [`${spec.group}/${name}`] }, kind: { enum: [spec.names.kind] } };
    return [{ name: file, schema: { ...rest, properties: { ...properties, ...identity, metadata } } }];
  });
}

/** An object takes the properties that are listed, a number or a text may stand for quantities, and null is a value. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== "object" || node === null) return node;
  const { description, type, nullable, ...rest } = node as Schema;
  const fields = Object.fromEntries(
    Object.entries(rest)
      .filter(([keyword]) => !keyword.startsWith("x-kubernetes-"))
      .map(([keyword, value]) => [keyword, keyword === "properties" ? eachValue(value, closed) : closed(value)]),
  );
  const open = rest["x-kubernetes-preserve-unknown-fields"] || rest.additionalProperties !== undefined;
  if (rest["x-kubernetes-int-or-string"]) return { ...fields, type: ["integer", "string"] };
  return {
    ...fields,
    ...(type !== undefined && { type: nullable ? [type, "null"] : type }),
    // Without a type it is a further condition on an object that is described elsewhere.
    ...(type === "object" && rest.properties !== undefined && !open && { additionalProperties: false }),
  };
}

/** Property names are the definers' own: one that is called `description` or `type` is a property all the same. */
function eachValue(properties: unknown, change: (value: unknown) => unknown): unknown {
  return Object.fromEntries(Object.entries(properties as Schema).map(([name, value]) => [name, change(value)]));
}
