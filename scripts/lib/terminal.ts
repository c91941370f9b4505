import { styleText } from "node:util";
import { terminalProgress } from "../../lab/progress.ts";

type Style = Parameters<typeof styleText>[0];

/** Colour where standard output is a terminal and NO_COLOR is not set. */
export const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });

/** Progress goes to standard error: what a command prints for programs stays clean. */
export const progress = terminalProgress();

export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}
