import type * as pulumi from "@pulumi/pulumi";
import { readTemplate } from "../templates.ts";
import { type ConfigFile, type Credential, type DataVolume, type Hours, NONROOT, type Task } from "../workload.ts";

/** Scheduled copies of what the server holds. */
export interface BackupArgs {
  readonly every: Hours;
  /** A dump can be read by later versions too; a snapshot is quicker to restore, by the same version. */
  readonly kind: "dump" | "snapshot" | "both";
  /** How many are kept, on the volume and in the bucket. */
  readonly keep: number;
  /** S3-compatible storage that each backup is copied to. Absent: they stay on the volume. */
  readonly bucket?: BucketArgs | undefined;
}

export interface BucketArgs {
  /** `https://host[:port]`; the bucket is part of the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly name: string;
  /** Folder in the bucket. Empty: its root. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: pulumi.Input<string>;
}

/** What all of the server's tasks have in common. */
export interface TaskArgs {
  readonly server: { readonly name: string; readonly port: number };
  readonly image: string;
  readonly volume: DataVolume;
  readonly masterKey: pulumi.Input<string>;
  /** Seconds that a start of the server may take, and each change of its indexes. */
  readonly wait: number;
}

const script = (...names: string[]) => names.map((name) => readTemplate(`search-${name}.sh`)).join("\n");

/** Where the server answers while it is being prepared: nobody else reaches it there. */
const PRIVATE = "http://127.0.0.1:7709";

/** What is run as the server: it prepares the data on the volume, and then becomes the server. */
export function startFile({ path }: DataVolume): ConfigFile {
  const own = `DATA=${path} SEARCH_URL=${PRIVATE} WAIT_SECONDS=0 RETRIES=1\n`;
  return { path: "/etc/meilisearch/start.sh", content: `${own}${script("api", "start")}` };
}

const PLAN = "/etc/meilisearch/plan.tsv";

function common(name: string, { server, image, wait }: TaskArgs) {
  return {
    name,
    role: "search",
    image,
    user: NONROOT,
    env: { SEARCH_URL: `http://${server.name}:${server.port}`, WAIT_SECONDS: String(wait) },
    limits: { memory: 64, cpus: "0.5" },
    reaches: [{ kind: "workload", ...server }],
  } as const;
}

/** Brings indexes, settings and keys to what the plan says. */
export function setupTask(
  name: string,
  args: TaskArgs,
  plan: pulumi.Input<string>,
  owner: string,
  embedderKey: string | undefined,
): Task {
  const base = common(name, args);
  return {
    ...base,
    script: script("api", "setup"),
    deadline: 2 * args.wait,
    env: { ...base.env, PLAN, OWNER: owner },
    credentials: [
      credential("API_KEY", args.masterKey),
      ...(embedderKey ? [credential("EMBEDDER_KEY", embedderKey)] : []),
    ],
    files: [{ path: PLAN, content: plan }],
  };
}

/** Has the server that runs make a dump, where another minor version is about to open its data. */
export function upgradeTask(name: string, args: TaskArgs): Task {
  const base = common(name, args);
  return {
    ...base,
    script: script("api", "upgrade"),
    deadline: args.wait + DUMP_DEADLINE,
    // The old server has to be healthy as soon as any, and a dump of many documents takes its time.
    env: { ...base.env, DATA: args.volume.path, DUMP_SECONDS: String(DUMP_DEADLINE) },
    credentials: [credential("API_KEY", args.masterKey)],
    volumes: [args.volume],
  };
}

/** Makes a backup, copies it to the bucket, and removes those that are too old. */
export function backupTask(
  name: string,
  args: TaskArgs,
  { kind, keep, bucket }: BackupArgs,
  key: pulumi.Input<string>,
): Task {
  const base = common(name, args);
  return {
    ...base,
    script: script("api", "folder", "s3", "backup"),
    deadline: BACKUP_DEADLINE,
    env: {
      ...base.env,
      // A dump of many documents takes its time.
      WAIT_SECONDS: String(BACKUP_DEADLINE),
      DATA: args.volume.path,
      KINDS: kind === "both" ? "dump snapshot" : kind,
      KEEP: String(keep),
      S3_ENDPOINT: bucket?.endpoint ?? "",
      ...(bucket
        ? {
            S3_REGION: bucket.region,
            S3_BUCKET: bucket.name,
            S3_PREFIX: bucket.prefix,
            S3_ACCESS_KEY_ID_FILE: ACCESS_KEY_ID,
          }
        : {}),
    },
    credentials: [
      credential("API_KEY", key),
      ...(bucket ? [credential("S3_SECRET_ACCESS_KEY", bucket.secretAccessKey)] : []),
    ],
    // No secret by itself, but taken for one by its form.
    files: bucket ? [{ path: ACCESS_KEY_ID, content: bucket.accessKeyId, secret: true }] : [],
    volumes: [args.volume],
    reaches: [...base.reaches, ...(bucket ? [hostOf(bucket.endpoint)] : [])],
  };
}

const ACCESS_KEY_ID = "/run/meilisearch/s3-access-key-id";

/** Seconds. */
const BACKUP_DEADLINE = 6 * 3600;
const DUMP_DEADLINE = 1800;

/** Where a firewall has to let through what calls this URL. */
export function hostOf(url: string) {
  const { protocol, hostname, port } = new URL(url);
  return { kind: "host", host: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) } as const;
}

/** In a variable, or in the file that `NAME_FILE` names. */
function credential(variable: string, value: pulumi.Input<string>): Credential {
  const path = `/run/meilisearch/${variable.toLowerCase().replaceAll("_", "-")}`;
  return { variable, value, file: { path, content: value, env: { [`${variable}_FILE`]: path } } };
}
