/**
 * Kubernetes writes quantities in one form: "1000m" comes back as "1", "1024Mi" as "1Gi", "0.5" as "500m". Both the
 * API server and the official provider do so, hence "1000m" is no change against "1".
 */
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei)|(n|u|m|k|M|G|T|P|E)|[eE]([+-]?\d+))?$/;
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const NANO = 10n ** 9n;

/** What is not a quantity is returned as it is: the API server has words for it. */
export function canonicalQuantity(text: string): string {
  const match = PATTERN.exec(text);
  if (match === null) return text;
  const [, sign, whole = "", fraction = "", binary, decimal, exponent] = match;
  if (whole === "" && fraction === "") return text;

  const scale = binary ? 1024n ** BigInt(BINARY.indexOf(binary)) : 1n;
  const power = exponent ? Number(exponent) : decimal ? (DECIMAL.indexOf(decimal) - DECIMAL.indexOf("")) * 3 : 0;
  const places = power - fraction.length + 9;
  const digits = BigInt(whole + fraction) * scale;
  // Finer than a billionth is rounded up, as upstream.
  const nanos = places >= 0 ? digits * 10n ** BigInt(places) : ceilingDivide(digits, 10n ** BigInt(-places));
  const minus = sign === "-" && nanos > 0n ? "-" : "";
  if (exponent) return minus + withExponent(nanos);
  if (binary && nanos >= 1024n * NANO && nanos % NANO === 0n) return minus + withSuffix(nanos / NANO, 1024n, BINARY);
  return minus + withSuffix(nanos, 1000n, DECIMAL);
}

/** The largest suffix that leaves a whole number. */
function withSuffix(value: bigint, base: bigint, suffixes: readonly string[]): string {
  if (value === 0n) return "0";
  let [rest, index] = [value, 0];
  while (rest % base === 0n && index < suffixes.length - 1) {
    rest /= base;
    index++;
  }
  return `${rest}${suffixes[index]}`;
}

function withExponent(nanos: bigint): string {
  if (nanos === 0n) return "0";
  let [rest, exponent] = [nanos, -9];
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    exponent += 3;
  }
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}

const ceilingDivide = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;
