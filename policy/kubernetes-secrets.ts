import { eachContainer } from "./pods.ts";
import { kindOf, list, object, type ResourceRule, text } from "./rule.ts";
import { assignedSecret, isSecretName, secretForm } from "./secrets.ts";

/** Anybody who may look at pods sees these; Secrets have rights and encryption of their own. */
const REMEDY = "Put it into a Secret, and mount that as a file";

function containerProblems(props: Readonly<Record<string, unknown>>): string[] {
  const variables = list(props.env).flatMap((variable) => {
    const { name, value } = object(variable);
    const shown = text(value);
    if (!shown || !text(name)) return [];
    const form = secretForm(shown);
    if (!form && !isSecretName(String(name))) return [];
    return [`the variable ${name} holds ${form ?? "a secret"} in plain text. ${REMEDY}`];
  });
  const words = [...list(props.command), ...list(props.args)].flatMap((word, index, all) => {
    const shown = text(word) ?? "";
    const [, flag = "", value] = /^--?([\w.-]+)(?:=(.+))?$/s.exec(shown) ?? [];
    const given = value ?? (flag && isSecretName(flag) ? text(all[index + 1]) : undefined);
    const form =
      secretForm(shown) ?? (given && isSecretName(flag) && !given.startsWith("$") ? `a secret (${flag})` : undefined);
    return form ? [`its arguments hold ${form}. ${REMEDY}`] : [];
  });
  return [...variables, ...words];
}

export const secretRules: readonly ResourceRule[] = [
  {
    name: "kubernetes-secret-in-pod",
    description: "No secret stands in a variable or in an argument of a pod.",
    level: "mandatory",
    check: (resource) => eachContainer(resource, ({ props }) => containerProblems(props)),
  },
  {
    name: "kubernetes-secret-in-config",
    description: "No secret stands in a ConfigMap.",
    level: "mandatory",
    check(resource) {
      if (kindOf(resource) !== "ConfigMap") return [];
      return Object.entries(object(resource.props.data)).flatMap(([key, value]) => {
        const content = text(value) ?? "";
        const named = isSecretName(key.replace(/\.\w+$/, "")) && content !== "" ? key : assignedSecret(content);
        const shown = secretForm(content) ?? (named && `a secret (${named})`);
        return shown ? [`${key} holds ${shown}. ${REMEDY}`] : [];
      });
    },
  },
  {
    name: "kubernetes-secret-in-annotation",
    description: "No secret stands in an annotation or a label, of an object or of its pods.",
    level: "mandatory",
    check(resource) {
      if (kindOf(resource) === undefined) return [];
      const metadata = [resource.props.metadata, object(object(resource.props.spec).template).metadata].map(object);
      const pairs = metadata.flatMap(({ annotations, labels }) =>
        [annotations, labels].flatMap((map) => Object.entries(object(map))),
      );
      return pairs.flatMap(([key, value]) => {
        const content = text(value) ?? "";
        const shown = secretForm(content) ?? (content && isSecretName(key) ? "a secret" : undefined);
        return shown ? [`${key} holds ${shown}. ${REMEDY}`] : [];
      });
    },
  },
];
