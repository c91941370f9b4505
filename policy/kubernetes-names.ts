import { kindOf, missing, object, type ResourceRule, UNKNOWN } from "./rule.ts";

export const nameRules: readonly ResourceRule[] = [
  {
    name: "kubernetes-names",
    description: "Objects have names that stay: others, and people, refer to them.",
    level: "mandatory",
    check(resource) {
      if (kindOf(resource) === undefined || resource.type.endsWith("List")) return [];
      const { name, generateName, annotations } = object(resource.props.metadata);
      if (name === UNKNOWN) return [];
      const generated = object(annotations)["pulumi.com/autonamed"] === "true" || !missing(generateName);
      return generated || missing(name) ? ["its name is made up anew with each replacement. Set metadata.name"] : [];
    },
  },
  {
    name: "kubernetes-immutable-config",
    description: "A ConfigMap or Secret whose name tells its content cannot be changed under that name.",
    level: "mandatory",
    check(resource) {
      if (!["ConfigMap", "Secret"].includes(kindOf(resource) ?? "")) return [];
      const { name } = object(resource.props.metadata);
      const named =
        typeof name === "string" && /-[0-9a-f]{8,64}$/.test(name) && /[a-f]/.test(name.split("-").at(-1) ?? "");
      return named && resource.props.immutable !== true
        ? [`${name} is named by its content and can be changed. Set immutable to true`]
        : [];
    },
  },
];
