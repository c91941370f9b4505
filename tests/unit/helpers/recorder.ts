import * as pulumi from "@pulumi/pulumi";
import { withoutMarks } from "../../../scripts/lib/secret-marks.ts";

/** A resource as the program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource
  readonly inputs: any;
}

/** What the providers would add to a resource's outputs, as far as the program reads it. */
const OUTPUTS: Record<string, (name: string) => Record<string, unknown>> = {
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `generated-${name}` }),
  "random:index/randomUuid:RandomUuid": () => ({ result: "01234567-89ab-4cde-8f01-23456789abcd" }),
  "docker:index/remoteImage:RemoteImage": (name) => ({ imageId: `sha256:${name}` }),
  "docker:index/container:Container": () => ({ exitCode: 0, containerLogs: "" }),
};

/** Replaces Pulumi's engine by one that records; call it before the modules under test are used. */
export async function recordResources(): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs: withoutMarks(inputs) });
        return { id: `${name}-id`, state: { ...inputs, ...OUTPUTS[type]?.(name) } };
      },
      call: () => ({ outputs: {} }),
    },
    "nself-chat-services",
    "dev",
    false,
    "organization",
  );
  return registered;
}

/** Registrations arrive late: wait until none is under way. */
export async function settled(): Promise<void> {
  await pulumi.runtime.disconnect();
}

export function resolved<T>(output: pulumi.Input<T> | undefined): Promise<T | undefined> {
  return new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value as T | undefined)));
}
