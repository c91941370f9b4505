import * as pulumi from "@pulumi/pulumi";
import { goDuration } from "./docker-text.ts";
import { isPublished, isRange, type Probe, type Task, type Workload } from "./workload.ts";

/** Pieces of a container, written so that what the provider reads back from the engine is no change. */

/**
 * The provider records a changed health check without telling the container, and a container that never became healthy
 * as a warning that the next update forgets: both replace it here. The name is taken until the old one is gone.
 * What the engine reports otherwise than it was asked is no change: -1 for swap where it cannot limit it, options for
 * logs of its own. A label makes a changed log size one, and memory is replaced because it comes with swap.
 */
export const REPLACEMENT: pulumi.CustomResourceOptions = {
  replaceOnChanges: ["healthcheck", "memory", "#initerror"],
  deleteBeforeReplace: true,
  ignoreChanges: ["memorySwap", "logOpts"],
};

/** A new volume is root's, and the engine cannot give it to anybody else. */
const isRoot = ({ volumes = [] }: Pick<Workload, "volumes">) => volumes.length > 0;

/** The image's root keeps one capability: nginx sets its groups even where they stay the same. */
export function asUser({ user, ...rest }: Pick<Workload, "user" | "volumes">) {
  return isRoot(rest)
    ? { capabilities: { drops: ["ALL"], adds: ["CAP_SETGID"] } }
    : { capabilities: { drops: ["ALL"] }, user: `${user}:${user}` };
}

/** An uploaded file is root's: where the server is another user, the only one in there, it must read secrets too. */
export function uploads({ files = [], ...rest }: Pick<Workload, "files" | "volumes">) {
  return files.map(({ path, content, secret }) => ({
    file: path,
    content: secret ? pulumi.secret(content) : content,
    permissions: secret && isRoot(rest) ? "0600" : "0644",
  }));
}

/** Sorted as the provider reads them back. */
export function published(ports: Workload["ports"], ip: string) {
  return ports
    .filter((port) => isRange(port) || isPublished(port))
    .flatMap((port) =>
      isRange(port)
        ? Array.from({ length: port.last - port.first + 1 }, (_, index) => ({
            internal: port.first + index,
            external: port.first + index,
            protocol: port.protocol,
          }))
        : [{ internal: port.listen, external: port.publish, protocol: port.protocol }],
    )
    .map((port) => ({ ...port, ip }))
    .sort((a, b) => a.internal - b.internal || a.protocol.localeCompare(b.protocol));
}

/**
 * curl or wget, whichever the image has.
 * @param often the engine can probe more often until the first success; for others a short interval keeps `up` quick
 */
export function healthcheck({ port, path, startupBudget }: Probe, often: boolean) {
  const url = `http://127.0.0.1:${port}${path}`;
  return {
    tests: ["CMD-SHELL", `curl -fsS -o /dev/null ${url} || wget -q -O /dev/null ${url}`],
    timeout: "3s",
    retries: 5,
    startPeriod: goDuration(startupBudget),
    ...(often ? { interval: "10s", startInterval: "500ms" } : { interval: "2s" }),
  };
}

export function labels(of: Readonly<Record<string, string>>) {
  return Object.entries(of)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([label, value]) => ({ label, value }));
}

/** `NAME=value` lines in a fixed order, so that the order in which they were written is no change. */
export function environment({ env = {}, credentials = [] }: Pick<Workload | Task, "env" | "credentials">) {
  const line = ([name, value]: [string, pulumi.Input<string>]) => pulumi.interpolate`${name}=${value}`;
  const plain = Object.entries(env).map((entry) => ({ name: entry[0], line: line(entry) }));
  const secret = credentials.map(({ variable, value }) => ({
    name: variable,
    line: pulumi.secret(line([variable, value])),
  }));
  return [...plain, ...secret].sort((a, b) => a.name.localeCompare(b.name)).map((variable) => variable.line);
}

/**
 * `sh -c ONCE once DEADLINE SCRIPT`. A shell in between, because busybox's `timeout` becomes what it runs, and the first
 * process of a container ignores the signal that is to end it.
 */
export const ONCE = `timeout "$1" sh -c "$2"; exit $?`;

/** Exit codes of a script that ran out of time: by GNU's `timeout`, and by busybox's. */
export const LATE: readonly number[] = [124, 143];

/**
 * `sh -c EVERY every SECONDS DEADLINE SCRIPT`: sleeps until a quarter past each multiple of the seconds since midnight UTC, as
 * a cluster's schedule does, and runs the script.
 */
export const EVERY = `trap 'exit 0' TERM INT
while :; do
  now=$(date +%s)
  sleep $(((now - 1020) / $1 * $1 + $1 + 1020 - now)) &
  wait $!
  timeout "$2" sh -c "$3" || echo "This run failed. The next one comes in time."
done`;
