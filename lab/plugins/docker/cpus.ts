/** `cpus` of a container: decimal text in the program, billionths of a CPU in the engine. */
export function parseCpus(text: string): number {
  if (!/^\d+(\.\d{0,9})?$/.test(text)) throw new Error(`Error setting cpus: failed to parse ${text} as a number`);
  return Math.round(Number(text) * 1e9);
}

/**
 * As the official provider reads it back (nanoInt64ToDecimalString), oddities included: "1" comes back as "1.0" and
 * "10" as "10.", and any other text in the program than what comes back replaces the container on every update.
 */
export function formatCpus(nano: number): string {
  if (nano === 0) return "0";
  const text = `${Math.floor(nano / 1e9)}.${String(nano % 1e9).padStart(9, "0")}`;
  const zeros = text.split("0").length - 1;
  return zeros === 9 ? (Math.round(nano / 1e8) / 10).toFixed(1) : text.replace(/0+$/, "");
}
