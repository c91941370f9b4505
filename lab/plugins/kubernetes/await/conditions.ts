/** The annotation `pulumi.com/waitFor` with conditions: "condition=Ready", "condition=Programmed=True". */
import type { KubernetesObject } from "../kinds.ts";
import { pluckList, pluckNumber, pluckText } from "../values.ts";
import { DEFAULTS, info, type Judge, type Message, plainTimeout, warning } from "./judge.ts";

export function conditions(expressions: readonly string[]): Judge {
  return {
    ...DEFAULTS,
    onRead: false,
    needs: [],
    timeout: plainTimeout(() => "timed out waiting for the condition"),
    judge({ object }) {
      const found = expressions.map((expression) => holds(object, expression));
      const status = found.filter((one) => one !== true);
      return { ready: status.length === 0, status, reasons: [] };
    },
  };
}

/** True, or why it does not hold; neither names nor values mind their case. */
function holds(object: KubernetesObject, expression: string): true | Message {
  const [type = "", wanted = "True"] = expression.replace(/^condition=/, "").split(/=(.*)/s);
  if (pluckList(object, "status", "conditions").length === 0) return warning("Has no .status.conditions");
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const condition = pluckList(object, "status", "conditions").find((one) => same(pluckText(one, "type"), type));
  if (condition === undefined) return info(`Waiting for condition ${type}`);
  const generation = object.metadata?.generation;
  const observed = pluckNumber(condition, "observedGeneration") ?? pluckNumber(object, "status", "observedGeneration");
  if (generation !== undefined && observed !== undefined && observed < generation) {
    return info(`Generation ${observed} is less than expected ${generation}`);
  }
  const status = pluckText(condition, "status");
  return same(status, wanted) || info(`Resource has condition ${type}=${status} (want ${wanted})`);
}
