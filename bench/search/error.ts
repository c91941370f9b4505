/** The benchmark does not work like this; the message says what to do. */
export class SearchBenchError extends Error {
  override readonly name = "SearchBenchError";
}
