import type { KubeConfig } from "@kubernetes/client-node";
import type { Access } from "./access.ts";

type Client = typeof import("@kubernetes/client-node");

/** The cluster cannot take the stack: the message holds all problems of the run. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  constructor(problems: readonly string[]) {
    super(`The cluster cannot take the stack as it is:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/** Answers to questions about a cluster; undefined where it does not say, because whoever asks may not know. */
export interface Cluster {
  /** Where it is: its context and its address. */
  readonly title: string;
  /** Of its API server, with the name of the distribution where that has one: `v1.33.4+k3s1`. */
  readonly version: string;
  /** The object, `null` where there is none. */
  read(apiVersion: string, kind: string, name: string, namespace?: string): Promise<ClusterObject | null | undefined>;
  /** All objects of a kind, `null` where the cluster does not know the kind. */
  list(apiVersion: string, kind: string): Promise<readonly ClusterObject[] | null | undefined>;
}

export interface ClusterObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    /** Of a Service. */
    readonly ports?: readonly { readonly port?: number }[];
    /** Of an IngressClass. */
    readonly controller?: string;
    /** Of a GatewayClass. */
    readonly controllerName?: string;
    /** Of an issuer. */
    readonly acme?: { readonly solvers?: readonly Solver[] };
  };
  /** Of Endpoints: where the pods of a Service listen. */
  readonly subsets?: readonly { readonly ports?: readonly { readonly port?: number }[] }[];
}

/** How cert-manager proves that a host is ours. */
export interface Solver {
  readonly dns01?: object;
  readonly http01?: { readonly ingress?: object };
}

/** Milliseconds in which a cluster says anything at all. */
const PATIENCE = 5_000;

/**
 * Loaded late: nobody but a stack on Kubernetes pays for it.
 * @returns the cluster, or the reason why it cannot be asked
 * @throws ClusterError for a context that the kubeconfig does not have
 */
export async function connectCluster({ kubeconfig, context }: Access): Promise<Cluster | { unreachable: string }> {
  const client = await import("@kubernetes/client-node");
  const config = new client.KubeConfig();
  try {
    if (kubeconfig) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
  } catch (error) {
    const file = kubeconfig ?? process.env.KUBECONFIG ?? "~/.kube/config";
    return { unreachable: `the kubeconfig ${file} cannot be read (${firstLine((error as Error).message)})` };
  }
  if (context) choose(config, context);
  const server = config.getCurrentCluster()?.server;
  if (!server) return { unreachable: "the kubeconfig names no cluster" };
  const title = `${config.getCurrentContext() ?? "the current context"} at ${server}`;
  const version = config.makeApiClient(client.VersionApi).getCode();
  return within(version).then(
    ({ gitVersion }) => ask(client, config, { title, version: gitVersion }),
    (error: Error) => ({ unreachable: `${title} does not answer (${reason(error)})` }),
  );
}

function choose(config: KubeConfig, context: string): void {
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context)) {
    throw new ClusterError([
      `platform:context = "${context}" is not in the kubeconfig, which has ${known.join(", ") || "none"}. Set one of them: pulumi config set platform:context NAME`,
    ]);
  }
  config.setCurrentContext(context);
}

function ask({ KubernetesObjectApi }: Client, config: KubeConfig, itself: Pick<Cluster, "title" | "version">): Cluster {
  const api = KubernetesObjectApi.makeApiClient(config);
  // More than one check may want the same list: it is asked for once.
  const lists = new Map<string, ReturnType<Cluster["list"]>>();
  return {
    ...itself,
    read: (apiVersion, kind, name, namespace) =>
      within(api.read({ apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } })).catch(unknown),
    list: (apiVersion, kind) => {
      const key = `${apiVersion} ${kind}`;
      const list = lists.get(key) ?? within(api.list(apiVersion, kind)).then(({ items }) => items, unknown);
      lists.set(key, list);
      return list;
    },
  };
}

/** 404 is an answer; a kind that the API lacks is told as an error of the client around one, and means the same. */
function unknown(error: Error & { code?: number }): null | undefined {
  const missing = error.code === 404 || /HTTP-Code: 404|Unrecognized API/.test(error.message);
  return missing ? null : undefined;
}

function within<T>(answer: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE).unref();
  });
  return Promise.race([answer, late]);
}

/** The system's word for it where there is one, such as ECONNREFUSED. */
function reason(error: Error): string {
  const { code } = (error.cause ?? error) as { code?: unknown };
  return firstLine(String(code ?? error.message));
}

const firstLine = (text: string) => text.split("\n")[0] ?? "";
