/** The kinds that the stand-in implements. Every other token is refused. */
import type { Properties } from "../shared/properties.ts";

export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The resource's name in the API's addresses. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Defined by a CustomResourceDefinition: the API server may not have it, and its inputs have no Go type. */
  readonly custom: boolean;
  readonly readOnly: boolean;
}

type Traits = Partial<Pick<Kind, "namespaced" | "custom" | "readOnly">>;

const clusterWide = { namespaced: false };
const custom = { custom: true };

const kinds = new Map<string, Kind>();
define("core/v1", { Namespace: "namespaces" }, clusterWide);
define("core/v1", { Secret: "secrets", ConfigMap: "configmaps", Service: "services" });
define("core/v1", { ServiceAccount: "serviceaccounts", PersistentVolumeClaim: "persistentvolumeclaims" });
define("apps/v1", { Deployment: "deployments", StatefulSet: "statefulsets" });
define("batch/v1", { Job: "jobs", CronJob: "cronjobs" });
define("networking.k8s.io/v1", { Ingress: "ingresses", NetworkPolicy: "networkpolicies" });
define("policy/v1", { PodDisruptionBudget: "poddisruptionbudgets" });
define("autoscaling/v2", { HorizontalPodAutoscaler: "horizontalpodautoscalers" });
define("scheduling.k8s.io/v1", { PriorityClass: "priorityclasses" }, { ...clusterWide, readOnly: true });
define("gateway.networking.k8s.io/v1", { Gateway: "gateways", HTTPRoute: "httproutes", TLSRoute: "tlsroutes" }, custom);
define("gateway.networking.k8s.io/v1beta1", { Gateway: "gateways", HTTPRoute: "httproutes" }, custom);
define("gateway.networking.k8s.io/v1alpha2", { TLSRoute: "tlsroutes", TCPRoute: "tcproutes" }, custom);
define("gateway.networking.k8s.io/v1alpha3", { TLSRoute: "tlsroutes" }, custom);
define("cert-manager.io/v1", { Certificate: "certificates" }, custom);

function define(groupVersion: string, plurals: { [kind: string]: string }, traits: Traits = {}): void {
  const [group = "", version = ""] = groupVersion.split("/");
  for (const [kind, plural] of Object.entries(plurals)) {
    const common = { group: group === "core" ? "" : group, version, kind, plural };
    kinds.set(`${groupVersion}:${kind}`, { ...common, namespaced: true, custom: false, readOnly: false, ...traits });
  }
}

/** `kubernetes:core/v1:Secret`; custom resources come as `kubernetes:cert-manager.io/v1:Certificate`. */
export function kindOf(token: string): Kind {
  const found = kinds.get(token.replace(/^kubernetes:/, "").replace(/^v1:/, "core/v1:"));
  if (found !== undefined) return found;
  throw new Error(`${token} is not implemented by the stand-in for kubernetes: use the official plugin`);
}

export const apiVersionOf = ({ group, version }: Pick<Kind, "group" | "version">): string =>
  group === "" ? version : `${group}/${version}`;

/** Without the name: the collection's address, in a namespace where the kind has one. */
export function collectionPath(kind: Kind, namespace: string | undefined): string {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  return kind.namespaced ? `${root}/namespaces/${namespace || "default"}/${kind.plural}` : `${root}/${kind.plural}`;
}

/** As much of an object of the API as all of them have. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: Metadata;
  [key: string]: unknown;
}
export interface Metadata {
  name?: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  annotations?: { [key: string]: string };
  labels?: { [key: string]: string };
  finalizers?: string[];
  ownerReferences?: { uid: string }[];
  managedFields?: ManagedFields[];
  [key: string]: unknown;
}
export interface ManagedFields {
  manager?: string;
  operation?: string;
  subresource?: string;
  fieldsV1?: Properties;
}

export const nameOf = (object: KubernetesObject): string => object.metadata?.name ?? "";

/** A resource's id: "namespace/name", or the name alone. */
export function idOf(object: KubernetesObject): string {
  const namespace = object.metadata?.namespace;
  return namespace ? `${namespace}/${nameOf(object)}` : nameOf(object);
}

export function parseId(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}
