/** The provider's own settings. What is not implemented is refused, whether it comes as an input or from the environment. */
import { env } from "node:process";
import type { Failure } from "../shared/check.ts";
import type { Properties } from "../shared/properties.ts";
import type { Mutability } from "./force-new.ts";
import type { Overrides } from "./kubeconfig.ts";

export interface Settings extends Overrides, Mutability {
  readonly deleteUnreachable: boolean;
  readonly skipUpdateUnreachable: boolean;
  readonly enablePatchForce: boolean;
  readonly upsertExistingObjects: boolean;
}

const TEXTS = ["kubeconfig", "context", "cluster", "namespace", "clusterIdentifier"] as const;
/** Each with the variable that it is taken from when it is not set. */
const SWITCHES = {
  deleteUnreachable: "PULUMI_K8S_DELETE_UNREACHABLE",
  skipUpdateUnreachable: "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
  enableServerSideApply: "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY",
  enablePatchForce: "PULUMI_K8S_ENABLE_PATCH_FORCE",
  upsertExistingObjects: "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
  enableConfigMapMutable: "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
  enableSecretMutable: "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
  // Neither deprecated kinds nor Helm's hooks are implemented: there is nothing to warn of.
  suppressDeprecationWarnings: "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS",
  suppressHelmHookWarnings: "PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS",
} as const;
const REFUSED_VARIABLES = [
  ..."PULUMI_K8S_AWAIT_ALL PULUMI_K8S_CLIENT_BURST PULUMI_K8S_CLIENT_QPS PULUMI_K8S_CLIENT_TIMEOUT".split(" "),
];

export function checkSettings(given: Properties): Failure[] {
  const known = new Set<string>([...TEXTS, ...Object.keys(SWITCHES), "version", "pluginDownloadURL"]);
  const failures = Object.entries(given).flatMap(([property, value]): Failure[] => {
    if (value === null || value === "" || known.has(property)) return [];
    // Not to do what is not implemented is fine.
    if (value === "false" || value === false) return [];
    return [{ property, reason: `"${property}" is not implemented by this stand-in: use the official plugin` }];
  });
  if (!isOn(given, "enableServerSideApply", true)) {
    const reason = '"enableServerSideApply": false is not implemented by this stand-in: use the official plugin';
    failures.push({ property: "enableServerSideApply", reason });
  }
  const variables = REFUSED_VARIABLES.filter((name) => env[name]);
  const notHere = "is not implemented by this stand-in: unset it";
  return [...failures, ...variables.map((name) => ({ property: "", reason: `${name} ${notHere}` }))];
}

export function readSettings(given: Properties): Settings {
  const text = (name: (typeof TEXTS)[number]) => {
    const value = given[name];
    if (typeof value === "string") return value || undefined;
    // The program may give the kubeconfig as an object.
    return value === undefined || value === null ? undefined : JSON.stringify(value);
  };
  return {
    kubeconfig: text("kubeconfig"),
    context: text("context"),
    cluster: text("cluster"),
    namespace: text("namespace"),
    deleteUnreachable: isOn(given, "deleteUnreachable", false),
    skipUpdateUnreachable: isOn(given, "skipUpdateUnreachable", false),
    enablePatchForce: isOn(given, "enablePatchForce", false),
    upsertExistingObjects: isOn(given, "upsertExistingObjects", false),
    enableConfigMapMutable: isOn(given, "enableConfigMapMutable", false),
    enableSecretMutable: isOn(given, "enableSecretMutable", false),
  };
}

function isOn(given: Properties, name: keyof typeof SWITCHES, otherwise: boolean): boolean {
  const value = given[name] ?? env[SWITCHES[name]];
  return value === undefined || value === null ? otherwise : String(value) === "true";
}
