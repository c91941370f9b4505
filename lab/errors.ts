/** A problem that the user can act on: its message says what is wrong and, after a blank line, what to do. */
export class LabError extends Error {
  override readonly name = "LabError";

  constructor(problem: string, remedy: string) {
    super(`${problem}\n\n${remedy}`);
  }
}
