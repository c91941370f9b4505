/** What a provider stand-in has to say about one type of resource. */
import type { Properties } from "./properties.ts";
import type { Fields } from "./schema.ts";

/** Plain data; what is `undefined` in it is left out of the outputs. */
export type State = object;

export interface Resource<Inputs = Properties> {
  /** The inputs that are implemented. Everything else is refused. */
  readonly fields: Fields;
  /** Outputs that are never inputs; unknown until the resource is created. */
  readonly outputs: readonly string[];
  /** `name` is made up from the resource's name when the program gives none. */
  readonly autoNamed: boolean;
  /** The new one cannot exist next to the old one. */
  readonly deleteBeforeReplace: boolean;
  create(inputs: Inputs): Promise<{ id: string; state: State }>;
  /** `undefined` when it is gone. */
  read(id: string, state: Inputs): Promise<{ id: string; state: State } | undefined>;
  /** `planned` is the state as it will be recorded; what is returned is recorded in its place. */
  update(id: string, state: Inputs, planned: Inputs): Promise<State>;
  delete(id: string, state: Inputs): Promise<void>;
}

export interface Provider {
  readonly name: string;
  readonly version: string;
  readonly config: Fields;
  readonly resources: { readonly [token: string]: Resource };
  configure(config: Properties): void;
}

/** Check has made sure of the inputs' types, so that a resource may name them. */
export function resource<Inputs>(definition: Resource<Inputs>): Resource {
  return definition as unknown as Resource;
}
