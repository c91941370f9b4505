import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";

/** Where a service's secrets come from, each of them marked as a secret. */
export interface Secrets {
  /**
   * The secret that the user brings along, else a generated one of letters and digits.
   * @param name of the resource; a generated secret stays the same as long as it does
   * @param key under which a secret that is kept on the platform holds it
   */
  readonly value: (name: string, key: string, length: number, given?: string) => pulumi.Output<string>;
}

/**
 * Generates what is not given, or takes everything from a secret that somebody else keeps.
 * @param existing reads a key of that secret
 * @param protect a generated secret cannot be deleted by an update
 */
export function secretsOf(
  parent: pulumi.Resource,
  { existing, protect }: { existing?: ((key: string) => pulumi.Output<string>) | undefined; protect: boolean },
): Secrets {
  return {
    value: (name, key, length, given) =>
      pulumi.secret(
        given ?? existing?.(key) ?? new RandomPassword(name, { length, special: false }, { parent, protect }).result,
      ),
  };
}
