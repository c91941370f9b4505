import type { ClusterObject, Solver } from "../../../components/kubernetes/cluster.ts";

export const STORAGE = "storage.k8s.io/v1 StorageClass";
export const INGRESS = "networking.k8s.io/v1 IngressClass";
export const GATEWAY = "gateway.networking.k8s.io/v1 GatewayClass";
export const ISSUER = "cert-manager.io/v1 ClusterIssuer";
export const PRIORITY = "scheduling.k8s.io/v1 PriorityClass";

export const called = (name: string, annotations: Record<string, string> = {}): ClusterObject => ({
  metadata: { name, annotations },
});
export const controlled = (name: string, spec: NonNullable<ClusterObject["spec"]>): ClusterObject => ({
  metadata: { name },
  spec,
});
/** A controller of Gateways and one of Ingresses. */
export const controllers = (gateway: string, ingress: string) => ({
  [GATEWAY]: [controlled("envoy", { controllerName: gateway })],
  [INGRESS]: [
    { ...called("other", { "ingressclass.kubernetes.io/is-default-class": "true" }), spec: { controller: ingress } },
  ],
});
/** An issuer of Let's Encrypt's kind. */
export const acme = (...solvers: Solver[]): ClusterObject => ({
  metadata: { name: "letsencrypt-prod" },
  spec: { acme: { solvers } },
});
export const BY_HTTP: Solver = { http01: { ingress: {} } };
