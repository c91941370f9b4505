import { UNKNOWN } from "../../policy/rule.ts";
import { fine, judgeCases } from "./helpers/policy-cases.ts";
import { deployment, goodContainer, goodPod, object, withContainer } from "./helpers/policy-resources.ts";

const IN_SECRET = "Put it into a Secret, and mount that as a file";
const context = { ...(goodContainer.securityContext as object) };

judgeCases({
  "kubernetes-image-pinned": [
    [
      withContainer({ image: "nginx" }),
      ["container server: nginx has no tag. Name a release or a digest: nginx:v1.2.3"],
    ],
    [
      withContainer({ image: "localhost:5000/nginx:latest" }),
      [
        "container server: the tag of localhost:5000/nginx:latest moves. Name a release, or pin what it is today: localhost:5000/nginx:latest@sha256:…",
      ],
    ],
    [
      object(
        "CronJob",
        { spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: "c", image: "a:1" }] } } } } } },
        "batch/v1",
      ),
      ["container c: the tag of a:1 moves. Name a release, or pin what it is today: a:1@sha256:…"],
    ],
    fine(withContainer({ image: "nginx:latest@sha256:abc" })),
    fine(withContainer({ image: "tiangolo/nginx-rtmp:latest-2024-12-02" })),
    fine(withContainer({ image: UNKNOWN })),
  ],
  "kubernetes-restricted": [
    [
      deployment({ containers: [{ name: "bare" }] }),
      [
        "container bare: set securityContext.allowPrivilegeEscalation to false",
        "container bare: set securityContext.readOnlyRootFilesystem to true",
        'container bare: set securityContext.capabilities.drop to ["ALL"]',
        "container bare: set securityContext.runAsNonRoot to true",
        "container bare: set securityContext.seccompProfile.type to RuntimeDefault",
      ],
    ],
    [
      deployment({
        ...goodPod,
        initContainers: [{ ...goodContainer, securityContext: { ...context, privileged: true, runAsUser: 0 } }],
      }),
      [
        "container server: it is privileged. Set securityContext.privileged to false",
        "container server: it runs as root. Give securityContext.runAsUser another user",
      ],
    ],
    [
      withContainer({
        securityContext: { ...context, capabilities: { drop: ["ALL"], add: ["SYS_ADMIN", "NET_BIND_SERVICE"] } },
      }),
      ["container server: it adds the capabilities SYS_ADMIN. Leave them out"],
    ],
    fine(deployment()),
    fine(object("Service")),
  ],
  "kubernetes-resources": [
    [
      withContainer({ resources: { limits: { cpu: "1", memory: "1Gi" } } }),
      [
        "container server: set resources.requests of cpu, memory, ephemeral-storage",
        "container server: set resources.limits of ephemeral-storage",
      ],
    ],
    fine(deployment()),
  ],
  "kubernetes-no-token": [
    [
      deployment({ ...goodPod, automountServiceAccountToken: undefined }),
      ["the pod gets a token for the cluster's API. Set automountServiceAccountToken to false in its spec"],
    ],
    fine(deployment()),
  ],
  "kubernetes-secret-in-pod": [
    [
      withContainer({
        env: [
          { name: "API_SECRET", value: "hunter2" },
          { name: "URL", value: "postgres://u:pw@db/x" },
        ],
      }),
      [
        `container server: the variable API_SECRET holds a secret in plain text. ${IN_SECRET}`,
        `container server: the variable URL holds an address with a password in it in plain text. ${IN_SECRET}`,
      ],
    ],
    [
      withContainer({ args: ["--master-key=abc", "--api-secret", "def"] }),
      [
        `container server: its arguments hold a secret (master-key). ${IN_SECRET}`,
        `container server: its arguments hold a secret (api-secret). ${IN_SECRET}`,
      ],
    ],
    fine(
      withContainer({
        env: [
          { name: "MEILI_MASTER_KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
          { name: "MEILI_MASTER_KEY_FILE", value: "/run/secrets/key" },
          { name: "TOKEN", value: UNKNOWN },
        ],
        args: ["--key-file", "/run/secrets/keys", "--master-key=$(MEILI_MASTER_KEY)"],
      }),
    ),
  ],
  "kubernetes-secret-in-config": [
    [
      object("ConfigMap", {
        data: { "app.yaml": "turn:\n  secret: abcdef\n", password: "x", "id.pem": "-----BEGIN PRIVATE KEY-----" },
      }),
      [
        `app.yaml holds a secret (secret). ${IN_SECRET}`,
        `password holds a secret (password). ${IN_SECRET}`,
        `id.pem holds a private key. ${IN_SECRET}`,
      ],
    ],
    fine(
      object("ConfigMap", {
        data: { "app.yaml": "key_file: /keys\nsecret: $" + "{SECRET}\ntoken: \n# password rules\n" },
      }),
    ),
    fine(object("Secret", { stringData: { password: "x" } })),
  ],
  "kubernetes-secret-in-annotation": [
    [
      object("Service", { metadata: { annotations: { "example.com/api-token": "abc" } } }),
      [`example.com/api-token holds a secret. ${IN_SECRET}`],
    ],
    [
      object(
        "Deployment",
        { spec: { template: { metadata: { annotations: { dsn: "redis://:pw@r/0", x: "amqp://u:p@h/" } } } } },
        "apps/v1",
      ),
      [`x holds an address with a password in it. ${IN_SECRET}`],
    ],
    fine(
      object("Service", {
        metadata: { annotations: { "checksum/secret-name": "abc", "cert-manager.io/issuer": "x" } },
      }),
    ),
  ],
});
