import { styleText } from "node:util";
import ora from "ora";

/** Work that may show how far it got. */
export type Work<T> = (detail: (text: string) => void) => Promise<T>;

/** How commands tell what they are doing. Steps that have nothing to do are not announced. */
export interface Progress {
  /** Runs `work` under `title` and reports how long it took, also when it fails; `detail` shows how far it got. */
  step<T>(title: string, work: Work<T>): Promise<T>;
  note(text: string): void;
}

/** Seconds under a minute and a half, minutes and seconds above. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** On a terminal one spinner with the elapsed time, elsewhere one line when a step begins and one when it ends. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return {
    note: (text) => void stream.write(`${text}\n`),
    // A terminal that does not know its width, as some containers' do, sends ora into an endless loop.
    step: (title, work) => (stream.isTTY && stream.columns > 0 ? spin : logLines)(stream, title, work),
  };
}

async function spin<T>(stream: NodeJS.WriteStream, title: string, work: Work<T>): Promise<T> {
  const began = Date.now();
  const spinner = ora({ text: title, stream, discardStdin: false }).start();
  const elapsed = () => styleText("dim", duration(Date.now() - began), { stream });
  let shown = "";
  const clock = setInterval(() => {
    spinner.text = `${title}${shown} ${elapsed()}`;
  }, 1000);
  try {
    const result = await work((text) => {
      shown = `: ${text}`;
    });
    spinner.succeed(`${title} ${elapsed()}`);
    return result;
  } catch (error) {
    spinner.fail(`${title} ${elapsed()}`);
    throw error;
  } finally {
    clearInterval(clock);
  }
}

/** Details would be a line each: only the beginning and the end are told. */
async function logLines<T>(stream: NodeJS.WriteStream, title: string, work: Work<T>): Promise<T> {
  const began = Date.now();
  stream.write(`${title} ...\n`);
  let outcome = "failed after";
  try {
    const result = await work(() => {});
    outcome = "done in";
    return result;
  } finally {
    stream.write(`${title}: ${outcome} ${duration(Date.now() - began)}\n`);
  }
}
