import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { Failure } from "../lib/failure.ts";
import { fileName, type Manifest, renderManifests, type WantedSecret } from "../lib/manifests.ts";
import { CALLED_FROM } from "../lib/paths.ts";
import { existing, placeholders, platformOf } from "../lib/stack.ts";
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
  const rendered = await renderManifests(stack, config, placeholders(stack));
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
  say(`\nSecrets are not written. Make these before you apply:\n${wanted(rendered.secrets)}`);
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
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
    if (readFileSync(join(folder, name), "utf8").startsWith(MARK)) rmSync(join(folder, name));
  }
  for (const manifest of manifests) {
    writeFileSync(join(folder, fileName(manifest)), MARK + stringify(manifest, { lineWidth: 0 }));
  }
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
