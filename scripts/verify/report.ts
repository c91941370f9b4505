import type { Writable } from "node:stream";
import { styleText } from "node:util";
import type { Check, Progress } from "./check.ts";

const BANNER = [
  "╔═══════════════════════════════════════════════════════════════╗",
  "║       Advanced Services Verification - nself-chat v0.9.1      ║",
  "╚═══════════════════════════════════════════════════════════════╝",
];

/** Whether to exit with 0. What was skipped was not found wanting. */
export function succeeded(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== "failed");
}

/** One JSON object, for programs. */
export function renderJson(checks: readonly Check[]): string {
  return JSON.stringify({ ok: succeeded(checks), checks });
}

/** Writes for people, as things happen. Colours only where the stream is a terminal and NO_COLOR is not set. */
export class TextReport {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.#write(`${BANNER.join("\n")}\n\n`);
  }

  /** For `verify`'s `progress`. */
  readonly progress = (event: Progress): void => {
    if (event.kind === "service") this.#write(`Checking ${event.service} (port ${event.port})...`);
    else if (event.check.name === "health") this.#health(event.check);
    else this.#check(event.check);
  };

  finish(checks: readonly Check[]): void {
    const failed = checks.filter(({ status }) => status === "failed");
    const skipped = checks.filter(({ status }) => status === "skipped");
    this.#write("\n");
    if (skipped.length > 0) this.#write(`${this.#dim(`– Skipped: ${skipped.map(summary).join("; ")}`)}\n`);
    if (failed.length > 0) this.#write(`${this.#bad(`✗ Failed: ${failed.map(named).join("; ")}`)}\n`);
    else if (checks.some(({ status }) => status === "passed")) {
      this.#write(`${this.#good("✓ All services are running and healthy!")}\n`);
    } else this.#write(`${this.#bad("✗ Nothing was checked: no service is switched on.")}\n`);
  }

  #health(check: Check): void {
    if (check.status === "passed") this.#write(` ${this.#good("✓ OK")}\n`);
    else if (check.status === "skipped") this.#write(` ${this.#dim(`– skipped${colon(check.detail)}`)}\n`);
    else this.#write(` ${this.#bad(`✗ FAILED${colon(check.detail)}`)}\n`);
    this.#advise(check, "  ");
  }

  #check(check: Check): void {
    const text = `${check.name}${colon(check.detail)}`;
    if (check.status === "passed") this.#write(`  ${this.#good("✓")} ${check.name}${this.#dim(colon(check.detail))}\n`);
    else if (check.status === "skipped") this.#write(`  ${this.#dim(`– skipped: ${text}`)}\n`);
    else this.#write(`  ${this.#bad("✗ FAILED")} ${text}\n`);
    this.#advise(check, "    ");
  }

  #advise({ advice }: Check, indent: string): void {
    if (advice) this.#write(`${indent}→ ${advice}\n`);
  }

  #good = (text: string) => this.#styled("green", text);
  #bad = (text: string) => this.#styled("red", text);
  #dim = (text: string) => this.#styled("dim", text);

  #styled(style: "green" | "red" | "dim", text: string): string {
    return styleText(style, text, { stream: this.#stream as NodeJS.WritableStream });
  }

  #write(text: string): void {
    this.#stream.write(text);
  }
}

const colon = (detail: string | undefined) => (detail ? `: ${detail}` : "");

const named = ({ service, name }: Check) => (name === "health" ? service : `${service} ${name}`);

const summary = (check: Check) => `${named(check)} (${check.detail ?? "no reason given"})`;
