/** How a command of this project is typed for a stack: only another than dev has to be named. */
export function npmRun(script: string, stack: string, ...rest: readonly string[]): string {
  const args = [...(stack === "dev" ? [] : ["--stack", stack]), ...rest];
  return `npm run ${script}${args.length > 0 ? ` -- ${args.join(" ")}` : ""}`;
}
