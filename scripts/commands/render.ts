import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { isStep, stepOf } from "../lib/apply-order.ts";
import { Failure } from "../lib/failure.ts";
import { fileName, type Manifest, renderManifests, type WantedSecret } from "../lib/manifests.ts";
import { CALLED_FROM } from "../lib/paths.ts";
import { encryptedSettings, existing, placeholders, platformOf } from "../lib/stack.ts";
import { plainSettings, readStackFile } from "../lib/stack-file.ts";
import { say } from "../lib/terminal.ts";

interface RenderOptions {
  readonly stack: string;
  readonly out: string;
  readonly secrets: "reference" | "refuse";
  readonly check?: boolean;
}

/** Tells our files from those of others in the same folder. */
const MARK = "# Rendered by `npm run render`; changes here are lost.\n";

/** Exit codes: 0 written; 1 a setting is in the way, or an object does not fit the API's schema. */
export async function render({ stack, out, secrets, check }: RenderOptions): Promise<void> {
  const config = plainSettings(readStackFile(readFileSync(existing(stack), "utf8")));
  if (platformOf(stack) !== "kubernetes") {
    throw new Failure(
      `The stack ${stack} runs on Docker: there are no manifests to write.\n\nTry: npm run render -- --stack prod --out ${out}`,
    );
  }
  const rendered = await renderManifests(stack, config, placeholders(encryptedSettings(stack)));
  if (secrets === "refuse" && rendered.secrets.length > 0) {
    throw new Failure(
      `Nothing was written: Secrets are needed and are not part of manifests.\n\n${wanted(rendered.secrets)}`,
    );
  }
  const unchecked = check ? await checked(rendered.manifests) : [];
  const folder = resolve(CALLED_FROM, out);
  write(folder, rendered.manifests);
  say(`Wrote ${rendered.manifests.length} manifests to ${folder}.`);
  if (check)
    say(
      `They fit the schemas of the Kubernetes API${unchecked.length > 0 ? `, but for ${unchecked.join(", ")}, which are not its own` : ""}.`,
    );
  say(`\nSecrets are not written. Make these yourself:\n${wanted(rendered.secrets)}`);
  say(`\nApply the folders one after the other; Argo CD does so by itself:\n${commands(out, rendered.manifests)}`);
  if (rendered.addressIsMissing) {
    say("\nThe address for calls is not known before there is a load balancer: reserve one and set it.");
    say(`  npm run pulumi -- --stack ${stack} config set rtc:nodeAddress ADDRESS`);
  }
}

/** The schemas are large: whoever does not check does not wait for them. */
async function checked(manifests: readonly Manifest[]): Promise<string[]> {
  const { checkSchemas } = await import("../lib/schemas.ts");
  return checkSchemas(manifests);
}

function write(folder: string, manifests: readonly Manifest[]): void {
  mkdirSync(folder, { recursive: true });
  clear(folder);
  for (const manifest of manifests) {
    const step = join(folder, stepOf(manifest));
    mkdirSync(step, { recursive: true });
    writeFileSync(join(step, fileName(manifest)), MARK + stringify(manifest, { lineWidth: 0 }));
  }
}

/** Takes away what was written before, and folders of ours that are empty then. */
function clear(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && isStep(entry.name)) {
      clear(path);
      if (readdirSync(path).length === 0) rmdirSync(path);
    } else if (entry.isFile() && path.endsWith(".yaml") && readFileSync(path, "utf8").startsWith(MARK)) rmSync(path);
  }
}

/** A Job that servers wait for has to end well before they are touched. */
function commands(out: string, manifests: readonly Manifest[]): string {
  const steps = [...new Set(manifests.map(stepOf))].sort();
  const apply = (step: string) => `  kubectl apply --filename ${join(out, step)}`;
  const secrets = "  # the Secrets above: their namespace is there now";
  const waits = (step: string) =>
    step === steps.at(-1) ? [] : manifests.filter((job) => job.kind === "Job" && stepOf(job) === step).map(wait);
  const [first = "", ...rest] = steps;
  return [apply(first), secrets, ...rest.flatMap((step) => [apply(step), ...waits(step)])].join("\n");
}

function wait({ metadata, spec }: Manifest): string {
  const { activeDeadlineSeconds } = spec as { readonly activeDeadlineSeconds: number };
  const job = `job/${metadata.name} --namespace ${metadata.namespace}`;
  return `  kubectl wait --for=condition=complete --timeout=${activeDeadlineSeconds}s ${job}`;
}

function wanted(secrets: readonly WantedSecret[]): string {
  const line = (text: string) => (text.trimEnd().includes("\n") ? "(a file)" : text.trimEnd());
  return secrets
    .flatMap(({ name, namespace, content }) => [
      `  ${namespace}/${name}`,
      ...Object.entries(content).map(([key, text]) => `    ${key}: ${line(text)}`),
    ])
    .join("\n");
}
