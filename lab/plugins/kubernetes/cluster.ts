/** The API server as the provider uses it: reachable or not, and objects read, listed, created, applied and deleted. */
import { ApiError, type Call, connect, type Send } from "./http.ts";
import { apiVersionOf, collectionPath, type Kind, type KubernetesObject, nameOf } from "./kinds.ts";
import { loadKubeconfig, type Overrides } from "./kubeconfig.ts";

const DISCOVERY = { path: "/api/v1", timeoutMilliseconds: 32_000 } as const;

/** The API server has no such kind: its CustomResourceDefinition is missing. */
export class NoMatchError extends Error {
  constructor(kind: Kind) {
    super(`no matches for kind "${kind.kind}" in version "${apiVersionOf(kind)}"`);
  }
}

export interface Writing {
  readonly fieldManager: string;
  readonly dryRun: boolean;
}

export class Cluster {
  /** Of objects that name none; empty when even that is not known. */
  readonly namespace: string;
  readonly #send: Send | undefined;
  readonly #problem: Promise<string | undefined>;
  readonly #served = new Map<string, Promise<Set<string>>>();

  constructor(overrides: Overrides) {
    const { connection, namespace, problem } = loadKubeconfig(overrides);
    this.namespace = namespace;
    this.#send = connection && connect(connection);
    this.#problem = problem === undefined ? this.#probe() : Promise.resolve(problem);
  }

  /** Why the cluster cannot be reached; asked once, as the official provider does when it is configured. */
  unreachable(): Promise<string | undefined> {
    return this.#problem;
  }

  async has(kind: Kind): Promise<boolean> {
    if ((await this.unreachable()) !== undefined) return false;
    if (!kind.custom) return true;
    return (await this.#kindsOf(kind)).has(kind.kind);
  }

  /** Asks again once: another resource may just have made the definition. */
  async demand(kind: Kind): Promise<void> {
    if (await this.has(kind)) return;
    this.#served.clear();
    if (!(await this.has(kind))) throw new NoMatchError(kind);
  }

  get(kind: Kind, namespace: string | undefined, name: string): Promise<KubernetesObject> {
    return this.#object({ method: "GET", path: `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}` });
  }

  /** `selector` is a field selector. */
  async list(path: string, selector?: string): Promise<KubernetesObject[]> {
    const query = selector === undefined ? {} : { fieldSelector: selector };
    const list = await this.#object({ method: "GET", path, query });
    return (list.items ?? []) as KubernetesObject[];
  }

  create(kind: Kind, object: KubernetesObject, writing: Writing): Promise<KubernetesObject> {
    const path = collectionPath(kind, object.metadata?.namespace);
    return this.#object({ method: "POST", path, body: object, query: toQuery(writing) });
  }

  apply(kind: Kind, object: KubernetesObject, force: boolean, writing: Writing): Promise<KubernetesObject> {
    const query = { ...toQuery(writing), force: String(force) };
    return this.#patch(kind, object, object, "application/apply-patch+yaml", query);
  }

  /** RFC 6902. */
  patch(kind: Kind, object: KubernetesObject, operations: object[]): Promise<KubernetesObject> {
    return this.#patch(kind, object, operations, "application/json-patch+json", {});
  }

  async delete(kind: Kind, object: KubernetesObject, name: string, propagationPolicy: string): Promise<void> {
    const path = `${collectionPath(kind, object.metadata?.namespace)}/${encodeURIComponent(name)}`;
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
    await this.#object({ method: "DELETE", path, body });
  }

  #patch(kind: Kind, object: KubernetesObject, body: unknown, contentType: string, query: { [name: string]: string }) {
    const path = `${collectionPath(kind, object.metadata?.namespace)}/${encodeURIComponent(nameOf(object))}`;
    return this.#object({ method: "PATCH", path, body, contentType, query });
  }

  async #object(call: Call): Promise<KubernetesObject> {
    if (this.#send === undefined) throw new Error(`${await this.#problem}`);
    return JSON.parse(await this.#send(call)) as KubernetesObject;
  }

  async #probe(): Promise<string | undefined> {
    try {
      await this.#object({ method: "GET", ...DISCOVERY });
      return undefined;
    } catch (error) {
      // The official provider loads the whole schema here; its absence is what users know the message by.
      const reason = (error as Error).message.replace(/\/api\/v1"/, '/openapi/v2?timeout=32s"');
      return `unable to load schema information from the API server: ${reason}`;
    }
  }

  #kindsOf({ group, version }: Kind): Promise<Set<string>> {
    const key = `/apis/${group}/${version}`;
    let served = this.#served.get(key);
    if (served === undefined) {
      served = this.#object({ method: "GET", path: key }).then(
        ({ resources }) => new Set(((resources ?? []) as { kind: string }[]).map(({ kind }) => kind)),
        (error: unknown) => {
          if (error instanceof ApiError && error.code === 404) return new Set<string>();
          throw error;
        },
      );
      this.#served.set(key, served);
    }
    return served;
  }
}

/** Strict: a field that the API does not know is an error that names it. */
function toQuery({ fieldManager, dryRun }: Writing): { [name: string]: string } {
  return { fieldManager, fieldValidation: "Strict", ...(dryRun && { dryRun: "All" }) };
}
