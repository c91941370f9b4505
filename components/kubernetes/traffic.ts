import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Ingress } from "@pulumi/kubernetes/networking/v1/ingress.js";
import type * as pulumi from "@pulumi/pulumi";
import { type Certificates, issuerAnnotation } from "./certificates.ts";
import { metadata, type Owner, stackMetadata } from "./metadata.ts";

export interface TrafficArgs {
  readonly by: "ingress" | "gateway";
  /** Ingress class, where it is not the cluster's default, or gateway class. */
  readonly className?: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly certificates: Certificates;
}

/** A Service that browsers reach at a host. */
export interface Route {
  readonly owner: Owner;
  readonly namespace: pulumi.Input<string>;
  readonly host: string;
  readonly port: number;
}

const GATEWAY = "nself";

/** HTTPS for a host, by whichever API the cluster has. WebSockets and ranges pass: nothing here looks into them. */
export function route(
  traffic: TrafficArgs,
  target: Route,
  gateway: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions,
) {
  return traffic.by === "ingress" ? ingress(traffic, target, options) : httpRoute(target, gateway, options);
}

function ingress(
  { className, annotations, certificates }: TrafficArgs,
  { owner, namespace, host, port }: Route,
  options: pulumi.CustomResourceOptions,
) {
  const service = { name: owner.name, port: { number: port } };
  return new Ingress(
    owner.name,
    {
      metadata: metadata(owner, namespace, owner.name, { ...issuerAnnotation(certificates), ...annotations }),
      spec: {
        ...(className ? { ingressClassName: className } : {}),
        tls: [{ hosts: [host], secretName: certificates.secret ?? `${owner.name}-tls` }],
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend: { service } }] } }],
      },
    },
    options,
  );
}

function httpRoute(
  { owner, namespace, host, port }: Route,
  gateway: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions,
) {
  return new CustomResource(
    owner.name,
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: metadata(owner, namespace),
      spec: {
        parentRefs: [{ name: GATEWAY, namespace: gateway, sectionName: sectionOf(host) }],
        hostnames: [host],
        rules: [{ backendRefs: [{ name: owner.name, port }] }],
      },
    },
    options,
  );
}

/**
 * One Gateway, and so one address, with a listener for each host.
 * @param from namespaces whose routes it takes
 */
export function gateway(
  { className, annotations, certificates }: TrafficArgs,
  namespace: pulumi.Input<string>,
  hosts: readonly string[],
  from: readonly pulumi.Input<string>[],
  options: pulumi.CustomResourceOptions,
): CustomResource {
  return new CustomResource(
    GATEWAY,
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: stackMetadata(GATEWAY, namespace, { ...issuerAnnotation(certificates), ...annotations }),
      spec: {
        gatewayClassName: className,
        listeners: hosts.map((hostname) => ({
          name: sectionOf(hostname),
          hostname,
          port: 443,
          protocol: "HTTPS",
          tls: {
            mode: "Terminate",
            certificateRefs: [{ kind: "Secret", name: certificates.secret ?? `${sectionOf(hostname)}-tls` }],
          },
          allowedRoutes: { namespaces: { from: "Selector", selector: { matchExpressions: [inNamespaces(from)] } } },
        })),
      },
    },
    options,
  );
}

/** Every namespace has its name as a label, whoever made it. */
const inNamespaces = (names: readonly pulumi.Input<string>[]) => ({
  key: "kubernetes.io/metadata.name",
  operator: "In",
  values: [...names],
});

/** `search` of `search.chat.example.com`. */
const sectionOf = (host: string) => host.split(".")[0] ?? host;
