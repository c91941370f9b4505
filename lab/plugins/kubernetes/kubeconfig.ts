/**
 * Which API server, as whom: the provider's `kubeconfig` (a path or the content), else KUBECONFIG, else the usual file.
 * Files and lists of files are read as kubectl reads them, except that a list's files are not merged: it is refused.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { env } from "node:process";
import {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from "@kubernetes/client-node/dist/config_types.js";
import { parse } from "yaml";

export interface Overrides {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
}
export interface Connection {
  readonly cluster: Cluster;
  readonly user: User | undefined;
  /** Paths in a kubeconfig are relative to it. */
  readonly directory: string;
  /** The whole of it, for kinds of credentials that are left to Kubernetes' own client. */
  readonly text: string;
  readonly contextName: string;
}
export interface Loaded {
  /** Where objects without a namespace go. */
  readonly namespace: string;
  readonly connection?: Connection;
  /** Why there is no connection, in the official provider's words. */
  readonly problem?: string;
}

const NOT_GIVEN =
  "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable";
const SETUP = "https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/";

export function loadKubeconfig(overrides: Overrides): Loaded {
  let source: { text: string; directory: string } | undefined;
  let parsed: Parsed;
  try {
    source = overrides.kubeconfig ? fromSetting(overrides.kubeconfig) : fromEnvironment();
    parsed = parseConfig(source?.text ?? "");
  } catch (error) {
    const problem = `failed to parse kubeconfig data in \`kubernetes:config:kubeconfig\`- ${(error as Error).message}`;
    return { namespace: overrides.namespace ?? "", problem };
  }
  const contextName = overrides.context || parsed.currentContext;
  const context = parsed.contexts.find(({ name }) => name === contextName);
  const namespace = overrides.namespace || context?.namespace || "default";
  const reason = wrongIn(parsed, contextName, context, overrides);
  if (reason !== undefined || source === undefined) {
    const advice = `Make sure you have: \n\n \t • set up the provider as per ${SETUP} \n\n ${reason ?? NOT_GIVEN}`;
    return {
      namespace,
      problem: `unable to load Kubernetes client configuration from kubeconfig file. ${advice}`,
    };
  }
  const cluster = parsed.clusters.find(({ name }) => name === (overrides.cluster || context?.cluster)) as Cluster;
  const user = parsed.users.find(({ name }) => name === context?.user);
  return { namespace, connection: { cluster, user, ...source, contextName } };
}

/** The cluster that a provider's settings lead to: another one replaces all that the provider made. */
export function activeCluster(overrides: Overrides): Cluster | undefined {
  try {
    return loadKubeconfig(overrides).connection?.cluster;
  } catch {
    return undefined;
  }
}

function fromSetting(pathOrContent: string): { text: string; directory: string } {
  const path = pathOrContent === "~" ? homedir() : pathOrContent.replace(/^~\//, `${homedir()}/`);
  if (path.length > 4096 || path.includes("\n") || !existsSync(path)) {
    return { text: pathOrContent, directory: process.cwd() };
  }
  return { text: readFileSync(path, "utf8"), directory: dirname(resolve(path)) };
}

function fromEnvironment(): { text: string; directory: string } | undefined {
  const path = env.KUBECONFIG || join(homedir(), ".kube", "config");
  if (path.includes(":")) throw new Error(`KUBECONFIG="${path}": this stand-in reads one file, not a list`);
  return existsSync(path) ? fromSetting(path) : undefined;
}

interface Parsed {
  readonly clusters: Cluster[];
  readonly contexts: Context[];
  readonly users: User[];
  readonly currentContext: string;
}

function parseConfig(text: string): Parsed {
  const config: unknown = text === "" ? {} : parse(text);
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new Error(
      "couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct",
    );
  }
  const { clusters, contexts, users, "current-context": current } = config as { [key: string]: unknown };
  return {
    clusters: newClusters(clusters ?? []),
    contexts: newContexts(contexts ?? []),
    users: newUsers(users ?? []),
    currentContext: typeof current === "string" ? current : "",
  };
}

function wrongIn(parsed: Parsed, contextName: string, context: Context | undefined, overrides: Overrides) {
  if (overrides.context && context === undefined) return `context "${overrides.context}" does not exist`;
  if (parsed.clusters.length === 0) return NOT_GIVEN;
  if (contextName !== "" && context === undefined) {
    return `invalid configuration: context was not found for specified context: ${contextName}`;
  }
  const name = overrides.cluster || context?.cluster;
  if (name === undefined) return NOT_GIVEN;
  if (!parsed.clusters.some((cluster) => cluster.name === name)) {
    return overrides.cluster
      ? `cluster "${name}" does not exist`
      : `invalid configuration: cluster "${name}" was not found`;
  }
  return undefined;
}
