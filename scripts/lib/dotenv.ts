import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { CALLED_FROM } from "./paths.ts";

interface FrontendEnv {
  readonly public: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, string>>;
}

export interface DotenvOptions {
  /** Relative to where the command was typed. */
  readonly out: string;
  readonly stack: string;
  readonly publicOnly?: boolean;
}

/** Writes the block of the stack's variables into the file. @returns the path, as seen from where the user is */
export async function writeFrontendEnv(outputs: Record<string, unknown>, options: DotenvOptions): Promise<string> {
  const env = outputs.frontendEnv as FrontendEnv;
  const path = resolve(CALLED_FROM, options.out);
  const before = await readFile(path, "utf8").catch(() => "");
  const after = withBlock(before, { ...env.public, ...(options.publicOnly ? {} : env.secret) }, options.stack);

  // Written beside and renamed: a reader sees the old file or the new one, and nobody else ever reads the secrets.
  const draft = `${path}.new`;
  await writeFile(draft, after, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, path);
  return relative(CALLED_FROM, path) || path;
}

const BEGIN = "# >>> nself-chat services";
const END = "# <<< nself-chat services";

/** The file's text with our block renewed in its place, or added at the end; every other line stays as it is. */
export function withBlock(text: string, variables: Readonly<Record<string, string>>, stack: string): string {
  const block = [
    `${BEGIN}, stack ${stack}: written by \`npm run env\`, which overwrites what stands between these lines`,
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    END,
  ].join("\n");
  const begin = text.search(new RegExp(`^${BEGIN}`, "m"));
  const end = begin < 0 ? -1 : text.indexOf(END, begin);
  if (begin >= 0 && end >= 0) return text.slice(0, begin) + block + text.slice(end + END.length);
  const gap = text === "" ? "" : text.endsWith("\n") ? "\n" : "\n\n";
  return `${text}${gap}${block}\n`;
}
