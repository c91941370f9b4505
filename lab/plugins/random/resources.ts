/** The random provider's resources. What is drawn stays in the state; any change of an input draws anew. */
import { randomBytes, randomUUID } from "node:crypto";
import { type Properties, secret } from "../shared/properties.ts";
import { type Resource, resource, type State } from "../shared/resource.ts";
import { bool, type Fields, int, map, str } from "../shared/schema.ts";
import { randomText, type TextRules } from "./strings.ts";

const forceNew = { forceNew: true } as const;
const keepers = map(forceNew);
const atLeast = (least: number) => ({
  refuse: (value: number) => (value < least ? `${value} must be at least ${least}` : undefined),
});
/** The official provider computes these defaults: they show in the outputs, and leaving them out is no change. */
const flag = () => bool({ ...forceNew, computed: true });
const minimum = () => int({ ...forceNew, computed: true, ...atLeast(0) });

/** `number`, the deprecated name of `numeric`, is refused. */
const textFields: Fields = {
  keepers,
  length: int({ required: true, ...forceNew, ...atLeast(1) }),
  lower: flag(),
  upper: flag(),
  numeric: flag(),
  special: flag(),
  minLower: minimum(),
  minUpper: minimum(),
  minNumeric: minimum(),
  minSpecial: minimum(),
  overrideSpecial: str(forceNew),
};

type TextInputs = Partial<TextRules> & Pick<TextRules, "length">;

function drawn<Inputs>(
  fields: Fields,
  outputs: readonly string[],
  draw: (inputs: Inputs) => { id: string; state: State },
): Resource {
  return resource<Inputs>({
    fields,
    outputs,
    autoNamed: false,
    deleteBeforeReplace: false,
    create: async (inputs) => draw(inputs),
    read: async (id, state) => ({ id, state: state as State }),
    update: async (_id, _state, planned) => planned as State,
    delete: async () => {},
  });
}

function withRules(inputs: TextInputs): TextRules & { number: boolean } {
  const kinds = { lower: true, upper: true, numeric: true, special: true };
  const minimums = { minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 };
  const rules = { ...kinds, ...minimums, ...inputs };
  return { ...rules, number: rules.numeric };
}

/** `bcryptHash` is not implemented: reading it gives undefined. */
export const randomPassword = drawn<TextInputs>(textFields, ["result", "number"], (inputs) => {
  const rules = withRules(inputs);
  return { id: "none", state: { ...rules, result: secret(randomText(rules)) } };
});

export const randomString = drawn<TextInputs>(textFields, ["result", "number"], (inputs) => {
  const rules = withRules(inputs);
  const result = randomText(rules);
  return { id: result, state: { ...rules, result } };
});

interface IdInputs {
  byteLength: number;
  prefix?: string;
  keepers?: Properties;
}
const idFields: Fields = {
  keepers,
  byteLength: int({ required: true, ...forceNew, ...atLeast(1) }),
  prefix: str(forceNew),
};

export const randomId = drawn<IdInputs>(idFields, ["b64Std", "b64Url", "dec", "hex"], (inputs) => {
  const bytes = randomBytes(inputs.byteLength);
  const prefix = inputs.prefix ?? "";
  const hex = bytes.toString("hex");
  const forms = {
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + bytes.toString("base64url"),
    dec: prefix + BigInt(`0x${hex}`).toString(),
    hex: prefix + hex,
  };
  return { id: bytes.toString("base64url"), state: { ...inputs, ...forms } };
});

export const randomUuid = drawn<{ keepers?: Properties }>({ keepers }, ["result"], (inputs) => {
  const result = randomUUID();
  return { id: result, state: { ...inputs, result } };
});
