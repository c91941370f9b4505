import { TASK_OF } from "../../components/kubernetes/policies.ts";
import type { Manifest } from "./manifests.ts";

/** Folders whose content is applied one after the other: what servers need, what runs before them, they, what needs them. */
const STEPS = ["0-base", "1-before", "2-servers", "3-after"] as const;
const [BASE, BEFORE, SERVERS, AFTER] = [0, 1, 2, 3] as const;

/** By it Argo CD goes on to the next step when all of one is healthy. */
const WAVE = "argocd.argoproj.io/sync-wave";

/** An autoscaler without its servers, and a way in without them, count as unhealthy: the steps would stop there. */
const KINDS: Readonly<Record<string, number>> = {
  StatefulSet: SERVERS,
  Deployment: SERVERS,
  CronJob: AFTER,
  HorizontalPodAutoscaler: AFTER,
  Ingress: AFTER,
  HTTPRoute: AFTER,
};

/** The folder of a manifest. */
export const stepOf = ({ metadata }: Manifest): string => STEPS[Number(metadata.annotations?.[WAVE] ?? BASE)] ?? "";

export const isStep = (folder: string): boolean => STEPS.some((step) => step === folder);

/**
 * Manifests with the step in which each is applied.
 * @param manifests in the order of their registration: a Job that its server waits for comes before it
 */
export function inSteps(manifests: readonly Manifest[]): Manifest[] {
  const step = (manifest: Manifest, index: number) =>
    manifest.kind === "Job" ? stepOfJob(manifest, manifests.slice(index)) : stepOfKind(manifest);
  const steps = manifests.map(step);
  return manifests.map((manifest, index) => {
    const users = steps.filter((_, other) => claimsOf(manifests[other]).includes(manifest.metadata.name));
    // Many classes make a volume for the first pod that asks for it: without one the claim is not healthy either.
    const own = manifest.kind === "PersistentVolumeClaim" ? Math.min(AFTER, ...users) : steps[index];
    return own ? annotated(manifest, String(own)) : manifest;
  });
}

/** Some load balancers have no address before a server is ready. */
const stepOfKind = ({ kind, spec }: Manifest): number =>
  kind === "Service" && (spec as { readonly type?: string }).type === "LoadBalancer" ? AFTER : (KINDS[kind] ?? BASE);

function stepOfJob(job: Manifest, later: readonly Manifest[]): number {
  const server = podOf(job)?.metadata?.labels?.[TASK_OF];
  return later.some(({ kind, metadata }) => KINDS[kind] === SERVERS && metadata.name === server) ? BEFORE : AFTER;
}

function annotated(manifest: Manifest, wave: string): Manifest {
  const { annotations, ...metadata } = manifest.metadata;
  return { ...manifest, metadata: { ...metadata, annotations: { ...annotations, [WAVE]: wave } } };
}

interface Pod {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly volumes?: readonly Volume[] };
}
interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
}
interface PodSpecs {
  readonly template?: Pod;
  readonly jobTemplate?: { readonly spec: { readonly template: Pod } };
}

function podOf(manifest: Manifest | undefined): Pod | undefined {
  const spec = manifest?.spec as PodSpecs | undefined;
  return spec?.template ?? spec?.jobTemplate?.spec.template;
}

/** Claims that pods mount. */
const claimsOf = (manifest: Manifest | undefined): string[] =>
  (podOf(manifest)?.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);

/** A StatefulSet with the claims that it would look for as volumes: its templates could never be changed, not even in size. */
export function withoutTemplates(manifest: Manifest): Manifest {
  if (manifest.kind !== "StatefulSet") return manifest;
  const {
    volumeClaimTemplates = [],
    persistentVolumeClaimRetentionPolicy: _,
    ...spec
  } = manifest.spec as PodSpecs & {
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly persistentVolumeClaimRetentionPolicy?: unknown;
  };
  const volumes = volumeClaimTemplates.map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${manifest.metadata.name}-0` },
  }));
  const { template } = spec;
  if (!template || volumes.length === 0) return manifest;
  const pod = { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...volumes] };
  return { ...manifest, spec: { ...spec, template: { ...template, spec: pod } } };
}
