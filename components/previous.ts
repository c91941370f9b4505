import * as pulumi from "@pulumi/pulumi";

/** A resource as the last update left it. */
export interface PreviousResource {
  readonly type: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** One with its name in the program. */
export interface NamedResource extends PreviousResource {
  readonly name: string;
}

/**
 * What this stack owns already. A program cannot see its own state, and without it "the container of our name" and
 * "our container" are the same; the engine's stack-reference call answers it, before anything is registered.
 */
export async function previousResources(): Promise<readonly NamedResource[]> {
  const token = "pulumi:pulumi:readStackResourceOutputs";
  const answer = await pulumi.runtime.invoke(token, { stackName: stackName() });
  const resources = Object.entries((answer as { outputs?: Record<string, PreviousResource> }).outputs ?? {});
  return resources.map(([urn, resource]) => ({ ...resource, name: urn.split("::").at(-1) ?? "" }));
}

/** Pulumi Cloud knows a stack by its organization too; a backend of one's own has only the placeholder for one. */
function stackName(): string {
  const organization = pulumi.getOrganization();
  return organization === "organization"
    ? pulumi.getStack()
    : `${organization}/${pulumi.getProject()}/${pulumi.getStack()}`;
}
