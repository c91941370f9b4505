import { npmRun } from "../lib/npm-run.ts";
import type { Service } from "./check.ts";

/** Where an operator finds a server on its platform: commands for a shell, and questions to ask. */
export interface Server {
  /** Shows what it says. */
  readonly logs: string;
  /** The same of the server that answers HTTP, where that is another one. */
  readonly webLogs?: string;
  /** Asks whether it is the one that answered. */
  readonly isItOurs: string;
  /** Asks whether its ports are open, and says how to see them: for a server that clients reach at an address that it names. */
  readonly ports?: string;
}

/** The advice on each service. */
export type AdviceOnAll = Readonly<Record<Service, Advice>>;

/** What to do about one server of one stack. */
export class Advice {
  readonly #stack: string;
  readonly #server: Server;

  constructor(stack: string, server: Server) {
    this.#stack = stack;
    this.#server = server;
  }

  /** A command of this project, for this stack. */
  npm(script: string): string {
    return `\`${npmRun(script, this.#stack)}\``;
  }

  /** For a server that does not answer. */
  get notRunning(): string {
    const { logs, webLogs = logs } = this.#server;
    return `Start it with ${this.npm("up")}; \`${webLogs}\` says why it is not there.`;
  }

  /** For a server that does not know our keys. */
  get otherStack(): string {
    const again = `run ${this.npm("up")}, then ${this.npm("verify")}`;
    return `The outputs seem to belong to another stack or to older keys: ${again}. ${this.#server.isItOurs}`;
  }

  /** For a server that is up and behaves strangely. */
  get seeLogs(): string {
    return `\`${this.#server.logs}\` says more.`;
  }

  /** For a server that names an address at which nothing listens. */
  get seePorts(): string {
    return this.#server.ports ?? this.seeLogs;
  }
}
