import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";

/**
 * The secret that the user brings along, else a generated one of letters and digits. Marked as a secret either way.
 * @param name of the resource; a generated secret stays the same as long as it does
 */
export function secretOr(
  given: string | undefined,
  name: string,
  length: number,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  return pulumi.secret(given ?? new RandomPassword(name, { length, special: false }, { parent }).result);
}
