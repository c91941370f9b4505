import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import * as pulumi from "@pulumi/pulumi";
import type { Task } from "../workload.ts";
import { configure } from "./configuration.ts";
import { metadata, namedByContent, podLabels } from "./metadata.ts";
import { literal, type PodDefaults, podSpec } from "./pod.ts";
import { TASK_OF } from "./policies.ts";

/** Seconds for a task that waits for its server and then works. */
const DEADLINE = 600;

/**
 * A Job named by its content: another content is another Job, and one that has ended well is never run again. The
 * provider waits for it, and fails with what it logged.
 */
export function runJob(
  task: Task,
  server: string,
  namespace: pulumi.Input<string>,
  pods: PodDefaults,
  options: pulumi.CustomResourceOptions,
): Job {
  const configuration = configure({ ...task }, namespace, options);
  const workload = { ...task, stopGrace: 5 };
  const spec = {
    ...podSpec(workload, configuration, pods, { container: { command: ["sh", "-c", literal(task.script)] } }),
    restartPolicy: "Never",
  };
  const name = pulumi.unsecret(pulumi.output(spec).apply((content) => namedByContent(task.name, content)));
  return new Job(
    task.name,
    {
      metadata: metadata(task, namespace, name, { "pulumi.com/timeoutSeconds": String(DEADLINE + 60) }),
      spec: {
        backoffLimit: 3,
        activeDeadlineSeconds: DEADLINE,
        template: { metadata: { labels: { ...podLabels(task), [TASK_OF]: server } }, spec },
      },
    },
    options,
  );
}
