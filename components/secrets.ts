import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import type { Platform } from "./workload.ts";

/** Where a service's secrets come from, each of them marked as a secret. */
export interface Secrets {
  /**
   * The secret that the user brings along, else a generated one of letters and digits.
   * @param name of the resource; a generated secret stays the same as long as it does
   * @param key under which a secret that is kept on the platform holds it
   * @param version another number generates another one; 1 where absent
   */
  readonly value: (
    name: string,
    key: string,
    length: number,
    given?: string,
    version?: number,
  ) => pulumi.Output<string>;
}

export interface SecretsArgs {
  readonly platform: Platform;
  /** Secret on the platform from which all are taken. */
  readonly existingSecret?: string | undefined;
  /** A generated secret cannot be deleted by an update. Default: false. */
  readonly protect?: boolean;
}

/** Generates what is not given, or takes everything from a secret that somebody else keeps. */
export function secretsOf(
  parent: pulumi.Resource,
  { platform, existingSecret, protect = false }: SecretsArgs,
): Secrets {
  const existing = existingSecret ? platform.existingSecret(existingSecret, { parent }) : undefined;
  return {
    value: (name, key, length, given, version = 1) => {
      // Earlier ones stay: what is protected cannot be replaced.
      const generate = () =>
        Array.from({ length: version }, (_, index) => {
          const of = index === 0 ? name : `${name}-${index + 1}`;
          return new RandomPassword(of, { length, special: false }, { parent, protect }).result;
        }).at(-1);
      return pulumi.secret((given ?? existing?.(key) ?? generate()) as pulumi.Input<string>);
    },
  };
}
