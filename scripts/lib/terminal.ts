import { styleText } from "node:util";
import ora, { type Ora } from "ora";

type Style = Parameters<typeof styleText>[0];

/** Colour where standard output is a terminal and NO_COLOR is not set. */
export const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });

export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** A line that shows what is going on, and how long it took: `✔ Docker engine 28.2 (0.1 s)`. */
export async function step<T>(text: string, work: (spinner: Ora) => Promise<T>): Promise<T> {
  const started = performance.now();
  const spinner = ora({ text: `${text} …`, stream: process.stderr }).start();
  try {
    const result = await work(spinner);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    spinner.succeed(`${spinner.text.replace(/ …$/, "")} (${seconds} s)`);
    return result;
  } catch (error) {
    spinner.fail(text);
    throw error;
  }
}
