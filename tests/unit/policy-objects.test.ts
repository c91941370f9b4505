import { UNKNOWN } from "../../policy/rule.ts";
import { type Case, fine, judgeCases } from "./helpers/policy-cases.ts";
import { object } from "./helpers/policy-resources.ts";

const service = (spec: object) => object("Service", { spec });
const ingress = (spec: object) => object("Ingress", { spec }, "networking.k8s.io/v1");

judgeCases({
  "kubernetes-database-private": [
    [
      service({ type: "LoadBalancer", ports: [{ port: 6379 }, { port: 80, targetPort: 5432 }] }),
      [
        "Redis would be public. Give the Service the type ClusterIP",
        "PostgreSQL would be public. Give the Service the type ClusterIP",
      ],
    ],
    fine(service({ type: "ClusterIP", ports: [{ port: 6379 }] })),
    fine(service({ type: "LoadBalancer", ports: [{ port: 7881 }] })),
  ],
  "kubernetes-rtmp-sources": [
    ...[{}, { loadBalancerSourceRanges: ["10.0.0.0/8", "0.0.0.0/0"] }].map(
      (ranges): Case => [
        service({ type: "LoadBalancer", ports: [{ port: 1935 }], ...ranges }),
        ["RTMP ingest is open to the whole internet. Name the publishers' networks in loadBalancerSourceRanges"],
      ],
    ),
    fine(service({ type: "LoadBalancer", ports: [{ port: 1935 }], loadBalancerSourceRanges: ["198.51.100.0/24"] })),
    fine(service({ type: "LoadBalancer", ports: [{ port: 7882 }] })),
  ],
  "kubernetes-tls": [
    [
      ingress({ rules: [{ host: "a.example.com" }, {}], tls: [{ hosts: ["b.example.com"], secretName: "s" }] }),
      [
        "a.example.com is not in spec.tls. Name it there, with the Secret of its certificate",
        "a rule has no host, so that no certificate can be for it. Name the host",
      ],
    ],
    [ingress({ defaultBackend: {} }), ["it has no tls. Name its certificate in spec.tls"]],
    [
      object("Gateway", { spec: { listeners: [{ name: "web", protocol: "HTTP" }] } }, "gateway.networking.k8s.io/v1"),
      ["the listener web is not encrypted. Give it the protocol HTTPS, and tls"],
    ],
    fine(ingress({ rules: [{ host: "a.example.com" }], tls: [{ hosts: ["*.example.com"] }] })),
    fine(
      object("Gateway", { spec: { listeners: [{ name: "web", protocol: "HTTPS" }] } }, "gateway.networking.k8s.io/v1"),
    ),
  ],
  "kubernetes-names": [
    ...[{ name: undefined }, { generateName: "x-" }, { annotations: { "pulumi.com/autonamed": "true" } }].map(
      (metadata): Case => [
        object("Service", { metadata }),
        ["its name is made up anew with each replacement. Set metadata.name"],
      ],
    ),
    fine(object("Service")),
    fine(object("Service", { metadata: { name: UNKNOWN } })),
  ],
  "kubernetes-immutable-config": [
    [
      object("ConfigMap", { metadata: { name: "app-0a1b2c3d4e" } }),
      ["app-0a1b2c3d4e is named by its content and can be changed. Set immutable to true"],
    ],
    fine(object("Secret", { metadata: { name: "app-0a1b2c3d4e" }, immutable: true })),
    fine(object("ConfigMap", { metadata: { name: "release-20240101" } })),
  ],
});
