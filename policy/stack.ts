import { kindOf, list, nameOf, object, type Resource, type StackRule, text } from "./rule.ts";
import { publishedIn } from "./secrets.ts";

const isStack = ({ type }: Resource) => type === "pulumi:pulumi:Stack";
const onKubernetes = (resources: readonly Resource[]) => resources.some((resource) => kindOf(resource) !== undefined);

/** Every text of a resource, with its path. */
function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item, index) => texts(item, `${path}[${index}]`));
  return Object.entries(object(value)).flatMap(([key, item]) => texts(item, path ? `${path}.${key}` : key));
}

/** A Secret's `data` is base64; what is no text comes out as some other text, which matches nothing. */
const decoded = (content: string) => Buffer.from(content, "base64").toString("utf8");

/** Files that a resource hands to a server: of ConfigMaps and Secrets, and those that Docker uploads. */
function files({ props }: Resource): string[] {
  const maps = [props.data, props.stringData].flatMap((map) => Object.values(object(map)));
  const plain = [...maps, ...list(props.uploads).map((upload) => object(upload).content)].flatMap(
    (file) => text(file) ?? [],
  );
  return [...plain, ...Object.values(object(props.data)).flatMap((file) => decoded(text(file) ?? ""))];
}

/** Applications that take streams from outside, and let them in without asking; our own asks a map that says yes to all. */
function isOpenIngest(file: string): boolean {
  if (!/^\s*rtmp\s*\{/m.test(file)) return false;
  const takesAll = /map \$arg_key \$may_publish \{\s*default 1;/.test(file);
  const applications = file.matchAll(/^\s*application\s+[\w-]+\s*\{([^{}]*)\}/gm);
  const unguarded = [...applications].some(
    ([, body = ""]) => /^\s*live on;/m.test(body) && !/^\s*(on_publish|deny publish all)\b/m.test(body),
  );
  return takesAll || unguarded;
}

export const stackRules: readonly StackRule[] = [
  {
    name: "no-published-secret",
    description: "No secret is one that stands in documents and examples.",
    level: "mandatory",
    checkStack: (resources) =>
      resources.flatMap((resource) =>
        texts(resource.props).flatMap(([path, content]) => {
          const published =
            publishedIn(content) ?? (/^[\w+/]+=*$/.test(content) ? publishedIn(decoded(content)) : undefined);
          // Which one it is would be told to everybody who reads the pull request, but they all know it.
          return published
            ? [`${nameOf(resource)}: ${path} holds the published secret ${published}. Generate one`]
            : [];
        }),
      ),
  },
  {
    name: "no-open-publishing",
    description: "On a cluster, whoever publishes a stream is asked for a key.",
    level: "mandatory",
    checkStack: (resources) =>
      onKubernetes(resources)
        ? resources
            .filter((resource) => files(resource).some(isOpenIngest))
            .map((resource) => `${nameOf(resource)}: anybody may publish. Set streaming:publish to key`)
        : [],
  },
  {
    name: "encrypted-urls",
    description: "On a cluster, clients get no URL that is not encrypted.",
    level: "mandatory",
    checkStack(resources) {
      if (!onKubernetes(resources)) return [];
      return resources.filter(isStack).flatMap(({ props }) =>
        texts(props)
          .filter(([, content]) => /^(http|ws):\/\//.test(content))
          .map(
            ([path, content]) =>
              `the output ${path} is ${content}. Serve it with TLS: ${content.replace(/^(http|ws):/, "$1s:")}`,
          ),
      );
    },
  },
];
