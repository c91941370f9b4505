import { registration } from "./cluster.ts";
import { type Outputs, type Registered, recordResources } from "./recorder.ts";

/** What the program has registered since `record`. */
export let registered: Registered[] = [];

/** Starts anew, before each test. */
export async function record(outputs?: Outputs): Promise<void> {
  registered = await recordResources(outputs);
}

export const find = (kind: string, name: string) => registration(registered, kind, name);
export const inputs = (kind: string, name: string) => find(kind, name).inputs;
