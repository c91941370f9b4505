/** The `runtime.options` of Pulumi.yaml, as the official host reads them. */
export interface RuntimeOptions {
  readonly typescript: boolean;
  readonly tsconfig: string;
  readonly nodeargs: string[];
}

const KNOWN = ["typescript", "tsconfig", "nodeargs", "packagemanager"];

export function parseOptions(options: { readonly [name: string]: unknown }): RuntimeOptions {
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new Error(`the runtime option "${unknown}" is not implemented by this stand-in`);
  const { typescript = true, tsconfig = "", nodeargs = "" } = options;
  if (typeof typescript !== "boolean") throw new Error("typescript option must be a boolean");
  if (typeof tsconfig !== "string") throw new Error("tsconfigpath option must be a string");
  if (typeof nodeargs !== "string") throw new Error("nodeargs option must be a string");
  return { typescript, tsconfig, nodeargs: splitArguments(nodeargs) };
}

/** Words as a POSIX shell splits them: quotes, backslashes and comments, no expansion. */
export function splitArguments(text: string): string[] {
  const words: string[] = [];
  // One token: a comment, white space, or a run of quoted and unquoted pieces.
  for (const [token] of text.matchAll(/(?<!\S)#.*|\s+|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g)) {
    if (token.trim() === "" || token.startsWith("#")) continue;
    words.push(unquote(token));
  }
  const unbalanced = text.replace(/'[^']*'|"(?:\\.|[^"\\])*"|\\./g, "").match(/(?<!\S#.*)['"]/);
  if (unbalanced) throw new Error(`nodeargs: EOF found when expecting closing quote in ${text}`);
  return words;
}

function unquote(token: string): string {
  return token.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_all, single, double, escaped) => {
    return single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped;
  });
}
