import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { BatchV1Api, CoreV1Api, V1JobSpec, V1PodTemplateSpec } from "@kubernetes/client-node";
import * as client from "@kubernetes/client-node";
import { literal } from "../../components/kubernetes/pod.ts";
import { MEILISEARCH } from "../../components/search.ts";
import type { Settings } from "../../components/settings.ts";
import { Failure } from "./failure.ts";
import { npmRun } from "./npm-run.ts";
import { lines, type SearchTask, type SearchTasks, type TaskRun } from "./search-tasks.ts";
import type { Stack } from "./stack.ts";

/** Seconds for which a run by hand that failed can still be looked at. */
const KEPT = 3600;

/** Jobs like those of the stack, made for one run and removed by the cluster. */
export class KubernetesSearchTasks implements SearchTasks {
  readonly #namespace: string;
  readonly #batch: BatchV1Api;
  readonly #core: CoreV1Api;
  readonly #log: client.Log;

  readonly #stack: string;

  constructor({ name, env }: Pick<Stack, "name" | "env">, { platform }: Settings) {
    this.#stack = name;
    // The client reads it from the process.
    if (env.KUBECONFIG) process.env.KUBECONFIG = env.KUBECONFIG;
    const config = new client.KubeConfig();
    if (platform.kubeconfig) config.loadFromFile(platform.kubeconfig);
    else config.loadFromDefault();
    if (platform.context) config.setCurrentContext(platform.context);
    this.#namespace = platform.namespace;
    this.#batch = config.makeApiClient(client.BatchV1Api);
    this.#core = config.makeApiClient(client.CoreV1Api);
    this.#log = new client.Log(config);
  }

  async run(task: SearchTask, { script, env = {}, onLine }: TaskRun): Promise<void> {
    const spec = await this.#specOf(task);
    if (!spec) {
      throw new Failure(`The namespace ${this.#namespace} has no ${task}. Deploy it: ${npmRun("up", this.#stack)}`);
    }
    const name = `${task}-by-hand-${Date.now().toString(36)}`;
    const namespace = this.#namespace;
    await this.#batch.createNamespacedJob({
      namespace,
      body: {
        metadata: { name, namespace, labels: spec.template.metadata?.labels ?? {} },
        spec: {
          backoffLimit: 0,
          ttlSecondsAfterFinished: KEPT,
          ...(spec.activeDeadlineSeconds ? { activeDeadlineSeconds: spec.activeDeadlineSeconds } : {}),
          template: withScript(spec.template, script, env),
        },
      },
    });
    const pod = await this.#started(name);
    await this.#follow(pod, task, onLine);
    await this.#ended(name, task);
    // Its pod would hold the volume's claim.
    await this.#batch.deleteNamespacedJob({ name, namespace, propagationPolicy: "Background" });
  }

  /** Of the schedule, or of the newest Job that the stack made. */
  async #specOf(task: SearchTask): Promise<V1JobSpec | undefined> {
    const labelSelector = `app.kubernetes.io/name=${task}`;
    const namespace = this.#namespace;
    const schedules = await this.#batch.listNamespacedCronJob({ namespace, labelSelector });
    const jobs = await this.#batch.listNamespacedJob({ namespace, labelSelector });
    const newest = jobs.items
      .filter(({ metadata }) => !metadata?.name?.includes("-by-hand-"))
      .sort((a, b) => Number(b.metadata?.creationTimestamp) - Number(a.metadata?.creationTimestamp))[0];
    return schedules.items[0]?.spec?.jobTemplate.spec ?? newest?.spec;
  }

  async #started(job: string): Promise<string> {
    for (let waited = 0; waited < 300; waited++) {
      const { items } = await this.#core.listNamespacedPod({
        namespace: this.#namespace,
        labelSelector: `job-name=${job}`,
      });
      const pod = items[0];
      if (pod?.metadata?.name && pod.status?.phase !== "Pending") return pod.metadata.name;
      await pause(1000);
    }
    throw new Failure(
      `The pod of ${job} does not start. See why: kubectl --namespace ${this.#namespace} describe job ${job}`,
    );
  }

  async #follow(pod: string, container: string, onLine: TaskRun["onLine"]): Promise<void> {
    const text = new PassThrough();
    const split = lines(onLine);
    text.on("data", (part: Buffer) => split.push(part.toString("utf8")));
    const ended = new Promise<void>((resolve) => text.once("close", resolve).once("end", resolve));
    await this.#log.log(this.#namespace, pod, container, text, { follow: true });
    await ended;
    split.end();
  }

  async #ended(name: string, task: SearchTask): Promise<void> {
    for (;;) {
      const { status } = await this.#batch.readNamespacedJob({ name, namespace: this.#namespace });
      if (status?.succeeded) return;
      if (status?.conditions?.some(({ type, status: is }) => type === "Failed" && is === "True")) {
        throw new Failure(`${task} failed. What it said stands above.`);
      }
      await pause(500);
    }
  }

  async restartServer(seconds: number): Promise<void> {
    const name = `${MEILISEARCH.name}-0`;
    const namespace = this.#namespace;
    const before = await this.#core.readNamespacedPod({ name, namespace });
    await this.#core.deleteNamespacedPod({ name, namespace });
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const pod = await this.#core.readNamespacedPod({ name, namespace }).catch(() => undefined);
      const ready = pod?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
      if (ready && pod?.metadata?.uid !== before.metadata?.uid) return;
      if (Date.now() > deadline) {
        throw new Failure(
          `${name} is not ready after ${seconds} s (search:startup and a minute). See what it says: kubectl --namespace ${namespace} logs ${name}`,
        );
      }
      await pause(500);
    }
  }
}

/** Without what a Job's controller adds, and with another script where one is given. */
function withScript(
  { metadata, spec }: V1PodTemplateSpec,
  script: string | undefined,
  env: Readonly<Record<string, string>>,
): V1PodTemplateSpec {
  const labels = Object.fromEntries(
    Object.entries(metadata?.labels ?? {}).filter(([name]) => !/(^|\/)(job-name|controller-uid)$/.test(name)),
  );
  const [container] = spec?.containers ?? [];
  if (!spec || !container) throw new Error("A Job without a container.");
  const changed = {
    ...container,
    ...(script ? { command: ["sh", "-c", literal(script)] } : {}),
    env: [...(container.env ?? []), ...Object.entries(env).map(([name, value]) => ({ name, value }))],
  };
  return { metadata: { labels }, spec: { ...spec, containers: [changed] } };
}
