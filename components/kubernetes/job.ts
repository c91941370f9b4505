import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import * as pulumi from "@pulumi/pulumi";
import type { Hours, Task } from "../workload.ts";
import { configure } from "./configuration.ts";
import { metadata, namedByContent, podLabels, selectorOf } from "./metadata.ts";
import { literal, type PodDefaults, podSpec, volumeName } from "./pod.ts";
import { TASK_OF } from "./policies.ts";
import { claimVolume, holds } from "./storage.ts";

/** Seconds that scheduling and pulling an image may take. */
const ARRIVAL = 300;

/**
 * A Job named by its content: another content is another Job, and one that has ended well is never run again. The
 * provider waits for it, and fails with what it said last; one that failed is made again by the next update.
 */
export function runJob(
  task: Task,
  server: string,
  namespace: pulumi.Input<string>,
  pods: PodDefaults,
  options: pulumi.CustomResourceOptions,
): Job {
  const spec = jobSpec(task, server, namespace, pods, options);
  const name = pulumi.unsecret(pulumi.output(spec).apply(({ template }) => namedByContent(task.name, template.spec)));
  const timeout = String(task.deadline + ARRIVAL + 60);
  const annotations = { "pulumi.com/timeoutSeconds": timeout, "pulumi.com/replaceUnready": "true" };
  return new Job(task.name, { metadata: metadata(task, namespace, name, annotations), spec }, options);
}

/** A run at a quarter past the hour, one at a time; a run that was missed by an hour is left out. */
export function scheduleJob(
  task: Task,
  every: Hours,
  server: string,
  namespace: pulumi.Input<string>,
  pods: PodDefaults,
  options: pulumi.CustomResourceOptions,
): CronJob {
  return new CronJob(
    task.name,
    {
      metadata: metadata(task, namespace),
      spec: {
        schedule: every === 24 ? "17 0 * * *" : `17 */${every} * * *`,
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: { spec: jobSpec(task, server, namespace, pods, options) },
      },
    },
    options,
  );
}

function jobSpec(
  task: Task,
  server: string,
  namespace: pulumi.Input<string>,
  pods: PodDefaults,
  options: pulumi.CustomResourceOptions,
) {
  const { volumes = [], ...rest } = task;
  const configuration = configure(rest, namespace, options);
  const spec = podSpec({ ...rest, stopGrace: 5 }, configuration, pods, {
    container: { command: ["sh", "-c", literal(task.script)] },
    volumes: volumes.map((volume) => claimVolume(volume, server)),
    mounts: volumes.map(({ name, path }) => ({ name: volumeName(name), mountPath: path })),
    ...(volumes.length > 0 ? { pod: { affinity: besides(server) } } : {}),
  });
  return {
    // The scripts try again by themselves: this is for a node that goes away.
    backoffLimit: 1,
    activeDeadlineSeconds: task.deadline + ARRIVAL,
    template: {
      metadata: { labels: { ...podLabels(task), [TASK_OF]: server, ...(volumes.length > 0 ? holds(server) : {}) } },
      spec: { ...spec, restartPolicy: "Never" },
    },
  };
}

/**
 * On the node of the volume. The first of those who hold it fits its own rule, and goes anywhere: best to a server that an
 * earlier version of this program made, without that label.
 */
function besides(server: string) {
  const near = (matchLabels: Readonly<Record<string, string>>) => ({
    labelSelector: { matchLabels },
    topologyKey: "kubernetes.io/hostname",
  });
  return {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [near(holds(server))],
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: near(selectorOf(server)) }],
    },
  };
}
