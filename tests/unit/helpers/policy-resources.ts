import type { Properties, Resource } from "../../../policy/rule.ts";

/** A container with which no rule finds fault. */
export const goodContainer: Properties = {
  name: "server",
  image: "example/server:v1.2.3",
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
  resources: {
    requests: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "8Mi" },
    limits: { cpu: "1", memory: "64Mi", "ephemeral-storage": "8Mi" },
  },
};

export const goodPod: Properties = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [goodContainer],
};

/** A Kubernetes object in the namespace `a`, named like its kind. */
export function object(kind: string, props: Properties = {}, api = "core/v1"): Resource {
  const name = kind.toLowerCase();
  const { metadata, ...rest } = props;
  return {
    type: `kubernetes:${api}:${kind}`,
    name,
    props: { ...rest, metadata: { name, namespace: "a", ...(metadata as Properties) } },
  };
}

export function deployment(pod: Properties = goodPod): Resource {
  const template = { metadata: { labels: { app: "server" } }, spec: pod };
  return object("Deployment", { spec: { template } }, "apps/v1");
}

/** A Deployment whose container differs from the good one. */
export const withContainer = (differing: Properties) =>
  deployment({ ...goodPod, containers: [{ ...goodContainer, ...differing }] });

export function dockerContainer(differing: Properties = {}): Resource {
  const good = {
    image: "sha256:abc",
    memory: 256,
    capabilities: { drops: ["ALL"] },
    ports: [{ internal: 7700, external: 7700, ip: "127.0.0.1", protocol: "tcp" }],
    envs: ["MEILI_MASTER_KEY=0123456789abcdef0123456789abcdef"],
  };
  return { type: "docker:index/container:Container", name: "server", props: { ...good, ...differing } };
}

export const stack = (outputs: Properties): Resource => ({ type: "pulumi:pulumi:Stack", name: "prod", props: outputs });
