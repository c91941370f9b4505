/** One line of events among several that are to be told one after the other. */
export interface Line<T> {
  readonly push: (event: T) => void;
  /** Nothing more comes, and the next line's turn is here. */
  readonly close: () => void;
}

/**
 * Several lines of events that happen at the same time, told in the order in which the lines were asked for: the first
 * one live, each other one from the moment when those before it are closed.
 */
export class InOrder<T> {
  readonly #tell: (event: T) => void;
  readonly #lines: { readonly waiting: T[]; closed: boolean }[] = [];

  constructor(tell: (event: T) => void) {
    this.#tell = tell;
  }

  line(): Line<T> {
    const line = { waiting: [] as T[], closed: false };
    this.#lines.push(line);
    return {
      push: (event) => {
        line.waiting.push(event);
        this.#flush();
      },
      close: () => {
        line.closed = true;
        this.#flush();
      },
    };
  }

  #flush(): void {
    for (let first = this.#lines[0]; first; first = this.#lines[0]) {
      for (const event of first.waiting.splice(0)) this.#tell(event);
      if (!first.closed) return;
      this.#lines.shift();
    }
  }
}
