/** Which outputs are secret: what was secret in the inputs, and all of a Secret's data. */
import type { Properties, Value } from "../shared/properties.ts";
import { hasSecrets, isRecord, isSecret, makeSecret } from "./values.ts";

/**
 * The official provider's rule. Records are entered, so that one secret does not hide a whole object; a list with a
 * secret in it is secret as a whole.
 */
export function markSecrets(outputs: Properties, inputs: Properties): Properties {
  if (outputs.kind === "Secret") {
    const marked = Object.entries(outputs).map(([key, value]) => {
      return [key, key === "data" || key === "stringData" ? makeSecret(value) : value] as const;
    });
    return Object.fromEntries(marked);
  }
  return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, mark(value, inputs[key])]));
}

function mark(output: Value, input: Value | undefined): Value {
  if (input === undefined || isSecret(output)) return output;
  if (isRecord(output) && isRecord(input) && !isSecret(input)) return markSecrets(output, input);
  return hasSecrets(input) ? makeSecret(output) : output;
}
