import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";

/** A template and the values given to it do not fit together. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** Reads a file of `config-templates/`. */
export function readTemplate(name: string): string {
  return readFileSync(new URL(`../config-templates/${name}`, import.meta.url), "utf8");
}

/**
 * Fills an nginx template. A template is a valid file: each line that is filled in ends in `#= name`, and its value,
 * everything between the directive and the semicolon, is replaced. A name may fill several lines.
 *
 * @example fillNginx("hls_fragment 2s; #= fragment", { fragment: "4s" }) // "hls_fragment 4s;"
 * @throws TemplateError for a name without a line, and for a line without a value.
 */
export function fillNginx<const N extends string>(template: string, values: Readonly<Record<N, string>>): string {
  const unused = new Set<string>(Object.keys(values));
  const filled = template.replace(
    /^([ \t]*)(\w+)[ \t]+[^;\n]*;[ \t]*#=[ \t]*(\w+)[ \t]*$/gm,
    (_, indent: string, directive: string, name: string) => {
      if (!Object.hasOwn(values, name))
        throw new TemplateError(`The template asks for "${name}", and no value is given.`);
      unused.delete(name);
      return `${indent}${directive} ${values[name as N]};`;
    },
  );
  if (unused.size > 0) throw new TemplateError(`The template has no line for ${[...unused].join(", ")}.`);
  const left = /^[^#\n]*#=.*$/m.exec(filled);
  if (left)
    throw new TemplateError(
      `The template's line "${left[0].trim()}" cannot be filled in: it needs "directive value; #= name".`,
    );
  return filled;
}

/** A place in a YAML document, such as `["rtc", "udp_port"]`. */
export type YamlPath = readonly [string, ...string[]];

/**
 * Fills a YAML template: sets each path, and removes those whose value is undefined. Comments stay.
 * @throws TemplateError for a path that the template does not have: it shows every key that can be set.
 */
export function fillYaml(template: string, values: readonly (readonly [YamlPath, unknown])[]): string {
  const document = parseDocument(template);
  if (document.errors[0]) throw new TemplateError(`The template is not valid YAML: ${document.errors[0].message}`);
  for (const [path, value] of values) {
    if (!document.hasIn(path)) throw new TemplateError(`The template has no key ${path.join(".")}.`);
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
  }
  return document.toString({ lineWidth: 0 });
}
