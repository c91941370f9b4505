import { RunError } from "@pulumi/pulumi";

/**
 * The provider compares the text that it reads back from the engine with the text that it was given: what is not
 * written the way Go prints it would replace the container on every update.
 */

/** Seconds as Go prints a duration: 90 is `1m30s`. */
export function goDuration(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${rest}s`;
}

/**
 * Processors as the provider prints them: `1` is `1.0`, `0.25` is `0.25`, and ten are `10.`, because it tells a whole
 * number by its count of zeros.
 * @throws RunError for a number that it rounds to another, such as 0.05
 * @see https://github.com/kreuzwerker/terraform-provider-docker/pull/771
 */
export function goDecimal(cpus: string): string {
  const digits = Number(cpus).toFixed(9);
  const text = digits.replaceAll(/[^0]/g, "").length === 9 ? Number(cpus).toFixed(1) : digits.replace(/0+$/, "");
  if (Number(text) !== Number(cpus)) {
    throw new RunError(
      `${cpus} processors cannot be written for Docker's provider, which makes ${text} of them. Set another number`,
    );
  }
  return text;
}
