import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { inSteps, withoutTemplates } from "./apply-order.ts";
import { derivedKeys } from "./derived-keys.ts";
import { Failure } from "./failure.ts";
import { withoutMarks } from "./secret-marks.ts";

/** A Kubernetes object as the program describes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** A Secret that is named by others and not written. */
export interface WantedSecret {
  readonly name: string;
  readonly namespace: string;
  /** Content by key, with `<name>` where a secret goes. */
  readonly content: Readonly<Record<string, string>>;
}

export interface Rendered {
  readonly manifests: readonly Manifest[];
  readonly secrets: readonly WantedSecret[];
  /** The address of a load balancer is asked for, and nobody knows it before there is one. */
  readonly addressIsMissing: boolean;
}

/** Stands where only a running cluster knows the value: no server starts with it. */
export const MISSING_ADDRESS = "set-rtc-nodeAddress";

/** What is read from a Secret that somebody else keeps, by its name. */
const KEPT_ELSEWHERE = Object.fromEntries(
  ["MEILISEARCH_MASTER_KEY", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "RTMP_PUBLISH_KEY"].map((key) => [
    key,
    Buffer.from(`<${key}>`).toString("base64"),
  ]),
);

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Runs the program without an engine and without a cluster, and takes down what it would ask of Kubernetes.
 * @param config settings as text
 * @param encrypted what stands for the values of settings that are secrets
 * @throws Failure for settings that the program refuses
 */
export async function renderManifests(
  stack: string,
  config: Readonly<Record<string, string>>,
  encrypted: Readonly<Record<string, string>> = {},
): Promise<Rendered> {
  const registered = await record(stack, { ...config, ...encrypted }, Object.keys(encrypted));
  const objects = registered.filter(({ type }) => type.startsWith("kubernetes:"));
  const secrets = objects.filter(({ type }) => type === "kubernetes:core/v1:Secret");
  // A Secret is named by its content, and the content of those that are not written is somebody else's.
  const names = new Map(secrets.map(({ name, inputs }) => [(inputs as unknown as Manifest).metadata.name, name]));
  const described = objects
    .filter((object) => !secrets.includes(object))
    .map(({ inputs }) => withoutTemplates(tidy(inputs, names) as unknown as Manifest));
  const manifests = inSteps(described).sort((a, b) => fileName(a).localeCompare(fileName(b)));
  const contents = secrets.map(({ inputs }) => inputs.stringData as Record<string, string>);
  const explain = derivedKeys(contents, manifests);
  return {
    manifests,
    secrets: secrets.map(({ name, inputs }, index) => ({
      name,
      namespace: String((inputs as unknown as Manifest).metadata.namespace),
      content: explain(contents[index] ?? {}),
    })),
    addressIsMissing: JSON.stringify(manifests).includes(MISSING_ADDRESS),
  };
}

/** `deployment-livekit.yaml` */
export function fileName({ kind, metadata }: Manifest): string {
  return `${kind}-${metadata.name}.yaml`.toLowerCase();
}

async function record(
  stack: string,
  config: Readonly<Record<string, string>>,
  encrypted: readonly string[],
): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        if (id) return { id, state: { ...inputs, data: KEPT_ELSEWHERE } };
        registered.push({ type, name, inputs: withoutMarks(inputs) });
        const status = { loadBalancer: { ingress: [{ ip: MISSING_ADDRESS }] } };
        const result = type === "random:index/randomUuid:RandomUuid" ? uuidOf(`${stack} ${name}`) : `<${name}>`;
        return { id: name, state: { ...inputs, result, status } };
      },
      call: () => ({ outputs: {} }),
    },
    "nself-chat-services",
    stack,
    false,
    "organization",
  );
  pulumi.runtime.setAllConfig({ ...config });
  process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(encrypted);
  const { default: program } = await import("../../index.ts");
  await program({ askCluster: async () => ({ title: "no cluster", warnings: [] }) }).catch((error: Error) => {
    throw pulumi.RunError.isInstance(error) ? new Failure(error.message) : error;
  });
  await pulumi.runtime.disconnect();
  return registered;
}

/** The same for every rendering of a stack. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Without what only Pulumi reads, and with the names of Secrets that stay. */
function tidy(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => tidy(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith("pulumi.com/"))
      .map(([key, inner]) => [key, tidy(inner, names)])
      .filter(([key, inner]) => key !== "annotations" || Object.keys(inner as object).length > 0),
  );
}
