/** Durations in Go's notation, which the stand-in for the docker provider takes and reads back as the official one. */
const UNITS: { readonly [unit: string]: number } = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Nanoseconds, or `undefined` when Go's time.ParseDuration would refuse the text. */
export function parseDuration(text: string): number | undefined {
  const [, sign, body] = /^([-+]?)(.*)$/.exec(text) ?? [];
  if (body === "0") return 0;
  if (!body || !/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Math.round(Number(amount) * (UNITS[unit ?? ""] ?? 0));
  }
  return sign === "-" ? -total : total;
}

/** As Go's Duration.String: "1m0s" for "60s". Text in any other form shows as a change on every preview. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 0) return `-${formatDuration(-nanoseconds)}`;
  for (const [unit, size] of [
    ["ns", 1e3],
    ["µs", 1e6],
    ["ms", 1e9],
  ] as const) {
    if (nanoseconds < size) return `${nanoseconds / (size / 1e3)}${unit}`;
  }
  const hours = Math.floor(nanoseconds / 3600e9);
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9);
  const seconds = `${(nanoseconds % 60e9) / 1e9}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

export function refuseDuration(text: string): string | undefined {
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined) return `'${text}' is not a valid duration`;
  return nanoseconds < 0 ? `'${text}' duration must not be negative` : undefined;
}
