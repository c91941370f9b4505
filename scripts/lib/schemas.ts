import { Failure } from "./failure.ts";
import { fileName, type Manifest } from "./manifests.ts";

interface Model {
  validate(): void;
}
type Models = Readonly<Record<string, new (data: unknown) => Model>>;

/**
 * Checks manifests against the schemas of the Kubernetes API (types, required fields, allowed values), as the package
 * kubernetes-models has them.
 * @returns the files whose kinds are not the API's own: nothing is known of them
 * @throws Failure with all that does not fit
 */
export async function checkSchemas(manifests: readonly Manifest[]): Promise<string[]> {
  const unknown: string[] = [];
  const problems: string[] = [];
  for (const manifest of manifests) {
    const Kind = await modelOf(manifest);
    if (!Kind) {
      unknown.push(fileName(manifest));
      continue;
    }
    try {
      new Kind(manifest).validate();
    } catch (error) {
      problems.push(`${fileName(manifest)}: ${(error as Error).message}`);
    }
  }
  if (problems.length === 0) return unknown;
  throw new Failure(
    `Nothing was written: the Kubernetes API would refuse\n${problems.map((line) => `  - ${line}`).join("\n")}`,
  );
}

async function modelOf({ apiVersion, kind }: Manifest): Promise<Models[string] | undefined> {
  const models: Models | undefined = await import(`kubernetes-models/${apiVersion}`).catch(() => undefined);
  return models?.[kind];
}
