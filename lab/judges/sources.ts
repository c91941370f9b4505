import { stringify } from "yaml";

/** As much of any object as it takes to sort it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stringData?: Readonly<Record<string, unknown>>;
  readonly spec?: unknown;
}

/** A file, and what to call it in a finding. */
export interface Labelled {
  readonly file: string;
  readonly label: string;
}

/** A text inside an object that another judge understands. */
export interface EmbeddedText {
  readonly kind: "nginx" | "rules";
  readonly name: string;
  readonly label: string;
  readonly content: string;
}

export const isNginx = (text: string) => /^\s*(http|rtmp|stream|events)\s*\{/m.test(text);

/** A file of Prometheus rules has groups and nothing that makes it an object. */
export function hasRules(document: unknown): boolean {
  return typeof document === "object" && document !== null && "groups" in document && !("kind" in document);
}

export function texts(manifest: Manifest, label: string): EmbeddedText[] {
  if (manifest.kind === "PrometheusRule") {
    return [{ kind: "rules", name: "spec.yaml", label, content: stringify(manifest.spec) }];
  }
  if (manifest.kind !== "ConfigMap" && manifest.kind !== "Secret") return [];
  return Object.entries({ ...manifest.data, ...manifest.stringData }).flatMap(([name, content]): EmbeddedText[] => {
    if (typeof content !== "string") return [];
    if (/\.conf(\.template)?$/.test(name) && isNginx(content)) return [{ kind: "nginx", name, label, content }];
    if (/\.ya?ml$/.test(name) && /^groups:/m.test(content)) return [{ kind: "rules", name, label, content }];
    return [];
  });
}
