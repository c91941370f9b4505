import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Artefact } from "../cache.ts";
import { judgePins, kubernetesRelease, pythonPin } from "../judges/pins.ts";
import { inlined, type Schema, type SchemaFile, schemasOf } from "../judges/schemas.ts";
import { pins } from "../pins.ts";
import type { Progress } from "../progress.ts";
import { goModuleDirectory } from "./go-module.ts";
import { builtAlone } from "./judges-cache.ts";
import { packagedSchemas } from "./judges-python.ts";

/** Where the definitions of custom resources are, in the modules of those who define them. */
const custom = [
  { module: "sigs.k8s.io/gateway-api", version: pins.gatewayApi, folder: "config/crd/standard" },
  { module: "github.com/cert-manager/cert-manager", version: judgePins.certManager, folder: "deploy/crds" },
  {
    module: "github.com/prometheus-operator/prometheus-operator",
    version: judgePins.prometheusOperator,
    folder: "example/prometheus-operator-crd",
  },
];

const schemas = (packaged: string): Artefact => ({
  name: "judges-schemas",
  inputs: {
    release: kubernetesRelease,
    package: pythonPin("kubernetes-validate"),
    custom: JSON.stringify(custom),
    // Raised when the text that is written changes.
    format: "1",
  },
  build: (directory, progress) =>
    progress.step(`Preparing the schemas of Kubernetes ${kubernetesRelease} and its extensions`, async () => {
      const definitions = JSON.parse(await readFile(join(packaged, "_definitions.json"), "utf8"));
      for (const name of await readdir(packaged)) {
        const schema = JSON.parse(await readFile(join(packaged, name), "utf8")) as Schema;
        if (!schema["x-kubernetes-group-version-kind"]) continue;
        await writeFile(join(directory, name), JSON.stringify(inlined(schema, definitions.$defs)));
      }
      const metadata = inlined({ $ref: "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" }, definitions.$defs);
      for (const { name, schema } of await customSchemas(directory, metadata)) {
        await writeFile(join(directory, name), JSON.stringify(schema));
      }
    }),
});

/** `--schema-location` for kubeconform, and for what is built on it. */
export async function schemaLocation(progress: Progress): Promise<string> {
  const packaged = await packagedSchemas(kubernetesRelease, progress);
  return join(await builtAlone(schemas(packaged), progress), "{{ .ResourceKind }}{{ .KindSuffix }}.json");
}

async function customSchemas(directory: string, metadata: Schema): Promise<SchemaFile[]> {
  const found: SchemaFile[] = [];
  for (const { module, version, folder } of custom) {
    const source = join(await goModuleDirectory(module, version, directory), folder);
    for (const name of await readdir(source)) {
      if (!name.endsWith(".yaml")) continue;
      const documents = parseAllDocuments(await readFile(join(source, name), "utf8"));
      found.push(...documents.flatMap((document) => schemasOf(document.toJS() ?? {}, metadata)));
    }
  }
  return found;
}
