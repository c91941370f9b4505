import * as pulumi from "@pulumi/pulumi";
import { withoutMarks } from "../../../scripts/lib/secret-marks.ts";

/** A resource as the program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource
  readonly inputs: any;
  /** Names of the inputs that are marked as secrets, or have one inside. */
  readonly secretInputs: readonly string[];
  /** Id of one that is read, not made. */
  readonly read?: string;
  readonly options: Options;
}

/** What the engine is asked to do with it. */
interface Options {
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** `Type name` of each. */
  readonly dependsOn: readonly string[];
  /** `Type name`; empty for one of the stack itself. */
  readonly parent: string;
}

/** What a provider would add to a resource's outputs, by its type. */
export type Outputs = Readonly<Record<string, (name: string) => Record<string, unknown>>>;

/** As far as the program reads it. */
const OUTPUTS: Outputs = {
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `generated-${name}` }),
  "random:index/randomUuid:RandomUuid": () => ({ result: "01234567-89ab-4cde-8f01-23456789abcd" }),
  "docker:index/remoteImage:RemoteImage": (name) => ({ imageId: `sha256:${name}` }),
  "docker:index/container:Container": () => ({ exitCode: 0, containerLogs: "" }),
};

/** Replaces Pulumi's engine by one that records; call it before the modules under test are used. */
export async function recordResources(outputs: Outputs = {}): Promise<Registered[]> {
  const registered: Registered[] = [];
  const asked = new Map<string, Options>();
  const known = { ...OUTPUTS, ...outputs };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        registered.push({
          type,
          name,
          inputs: withoutMarks(inputs),
          secretInputs: Object.keys(inputs).filter((key) => pulumi.runtime.isRpcSecret(inputs[key])),
          options: asked.get(`${type} ${name}`) ?? optionsOf(undefined),
          ...(id ? { read: id } : {}),
        });
        return { id: id || `${name}-id`, state: { ...inputs, ...known[type]?.(name) } };
      },
      call: () => ({ outputs: {} }),
    },
    "nself-chat-services",
    "dev",
    false,
    "organization",
  );
  listen((request) => asked.set(`${request.getType()} ${request.getName()}`, optionsOf(request)));
  return registered;
}

type Monitor = NonNullable<ReturnType<typeof pulumi.runtime.getMonitor>>;
type Request = Parameters<Monitor["registerResource"]>[0];

/** A mock is told what a resource is, not what shall become of it: that stands in the request to the engine. */
function listen(hear: (request: Request) => void): void {
  const monitor = pulumi.runtime.getMonitor();
  if (!monitor) throw new Error("Pulumi has no mocks.");
  const answer = monitor.registerResource.bind(monitor) as (...all: unknown[]) => never;
  monitor.registerResource = (request: Request, ...rest: unknown[]) => {
    hear(request);
    return answer(request, ...rest);
  };
}

function optionsOf(request: Request | undefined): Options {
  return {
    protect: request?.getProtect() ?? false,
    retainOnDelete: request?.getRetainondelete() ?? false,
    ignoreChanges: request?.getIgnorechangesList() ?? [],
    dependsOn: (request?.getDependenciesList() ?? []).map(shortName).sort(),
    parent: shortName(request?.getParent() ?? ""),
  };
}

/** `Deployment web` of `urn:pulumi:dev::project::…$kubernetes:apps/v1:Deployment::web`. */
function shortName(urn: string): string {
  const [, , type = "", name = ""] = urn.split("::");
  return `${type.split(":").at(-1)} ${name}`.trim();
}

/** Registrations arrive late: wait until none is under way. */
export async function settled(): Promise<void> {
  await pulumi.runtime.disconnect();
}

export function resolved<T>(output: pulumi.Input<T> | undefined): Promise<T | undefined> {
  return new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value as T | undefined)));
}

/** The error of an output that fails. Nobody can catch it: Pulumi hears of a rejection, and ends the program. */
export async function failure(program: () => unknown): Promise<unknown> {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  try {
    return await new Promise((resolve) => {
      process.on("unhandledRejection", resolve);
      program();
    });
  } finally {
    await settled().catch(() => {});
    // The same error comes once for each of an output's promises.
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  }
}
