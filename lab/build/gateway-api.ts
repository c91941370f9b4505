import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { goModuleDirectory } from "./go-module.ts";

/** The Gateway API's resource definitions, the standard channel: YAML files in the artefact's directory. */
export const gatewayApi: Artefact = {
  name: "gateway-api",
  inputs: { version: pins.gatewayApi },
  build: async (directory) => {
    const module = await goModuleDirectory("sigs.k8s.io/gateway-api", pins.gatewayApi, directory);
    await cp(join(module, "config", "crd", "standard"), directory, { recursive: true });
  },
};
