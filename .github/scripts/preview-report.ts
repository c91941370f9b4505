import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** By this first line the comment of an earlier run is known; comment.sh looks for it. */
export const MARK = "<!-- preview -->";

/** Exit code of a preview that was made, and shows changes where none were expected. */
const CHANGES = "7";

/** GitHub refuses a longer body; what is left over is room for the frame. */
const LIMIT = 65_536 - 1_536;

export interface Preview {
  readonly stack: string;
  /** What Pulumi printed. */
  readonly text: string;
  readonly failed: boolean;
}

/**
 * Markdown for a pull request's comment, an issue or a job's summary.
 * @param secrets values that must not show, whatever printed them
 */
export function report(previews: readonly Preview[], secrets: readonly string[] = []): string {
  const share = Math.floor(LIMIT / Math.max(previews.length, 1));
  return [MARK, ...previews.map((preview) => section(preview, secrets, share))].join("\n\n");
}

function section({ stack, text, failed }: Preview, secrets: readonly string[], share: number): string {
  const clean = redact(plain(text), secrets).trim();
  const shown = shorten(clean, share - 200);
  // The fence is longer than any run of backticks inside, so that no text ends it.
  const fence = "`".repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return [
    `### ${stack}: ${failed ? "the preview failed" : headline(clean)}`,
    `<details${failed ? " open" : ""}><summary>What Pulumi says</summary>`,
    `${fence}text\n${shown}\n${fence}`,
    "</details>",
  ].join("\n\n");
}

/** `3 to create, 1 to update`, from the lines under "Resources:". */
export function headline(text: string): string {
  const counts = /^Resources:\n((?: .*\n?)+)/m.exec(text)?.[1] ?? "";
  const changes = [...counts.matchAll(/(\d+) to (create|update|replace|delete|import|read)/g)].map(
    ([change]) => change,
  );
  const findings = [...text.matchAll(/^\s*-?\s*\[(advisory|mandatory)\]/gm)].length;
  const policy = findings > 0 ? `, ${findings} policy finding${findings > 1 ? "s" : ""}` : "";
  return `${changes.length > 0 ? changes.join(", ") : "nothing changes"}${policy}`;
}

/** Longest first, so that a secret which contains another one leaves no rest. Very short ones would hit words. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [secret, ...secret.split("\n")])
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= 8)
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

/** Without colours, and without the carriage returns of a progress display. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replace(/\r\n?/g, "\n");
}

/** The end has the counts and the policy findings, the beginning what changes first: the middle goes. */
function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor(limit / 2) - 40;
  const cut = text.length - 2 * half;
  return `${text.slice(0, half)}\n… ${cut} characters left out; the run's log has them …\n${text.slice(-half)}`;
}

export function readPreviews(folder: string): Preview[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".code"))
    .sort()
    .map((name) => {
      const stack = name.replace(/\.code$/, "");
      const text = readFileSync(join(folder, `${stack}.txt`), "utf8");
      return { stack, text, failed: !["0", CHANGES].includes(readFileSync(join(folder, name), "utf8").trim()) };
    });
}

const [folder] = process.argv.slice(2);
if (import.meta.main && folder) {
  const secrets = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith("REDACT_") ? [value ?? ""] : [],
  );
  process.stdout.write(`${report(readPreviews(folder), secrets)}\n`);
}
