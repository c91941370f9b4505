/** Two or three numbers of a tag such as `v1.50.0`. */
export function versionOfImage(image: unknown): readonly number[] | undefined {
  const found = typeof image === "string" ? /:v?(\d+)\.(\d+)(?:\.(\d+))?(?:[@-]|$)/.exec(image) : null;
  return found?.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]));
}

/** By the first number that differs; where one has no third, nobody knows. */
export function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const at = version.findIndex((part, index) => part !== than[index]);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
}
