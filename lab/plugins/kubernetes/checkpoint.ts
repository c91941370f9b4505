/**
 * A resource's state: the live object, with the inputs that made it and the provider's own notes beside its fields.
 */
import type { Properties } from "../shared/properties.ts";
import { apiVersionOf, type Kind, type KubernetesObject } from "./kinds.ts";
import { markSecrets } from "./secrets.ts";
import { isRecord, reveal } from "./values.ts";

const INPUTS = "__inputs";
const API_VERSION = "__initialApiVersion";
const FIELD_MANAGER = "__fieldManager";

export interface Notes {
  readonly initialApiVersion: string;
  readonly fieldManager: string;
}

/** `given` are the inputs as the engine sent them: they say what is secret. */
export function toState(inputs: KubernetesObject, live: KubernetesObject, given: Properties, notes: Notes): Properties {
  return {
    ...markSecrets(live as Properties, given),
    [INPUTS]: markSecrets(inputs as Properties, given),
    [API_VERSION]: notes.initialApiVersion,
    [FIELD_MANAGER]: notes.fieldManager,
  };
}

export interface Checkpoint {
  readonly inputs: KubernetesObject;
  readonly live: KubernetesObject;
  readonly initialApiVersion: string | undefined;
  readonly fieldManager: string | undefined;
}

export function fromState(state: Properties): Checkpoint {
  const { [INPUTS]: inputs, [API_VERSION]: version, [FIELD_MANAGER]: manager, ...live } = reveal(state);
  return {
    inputs: isRecord(inputs) ? (inputs as KubernetesObject) : {},
    live: live as KubernetesObject,
    initialApiVersion: typeof version === "string" ? version : undefined,
    fieldManager: typeof manager === "string" ? manager : undefined,
  };
}

/** Inputs always say what they are, as the SDK's do: a resource that is only looked up has none. */
export function identified(kind: Kind, object: KubernetesObject): KubernetesObject {
  return { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind };
}
