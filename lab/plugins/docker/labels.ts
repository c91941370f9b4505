/** Labels and other text maps: a list of pairs in the program, an object in the engine. */
export interface Label {
  readonly label: string;
  readonly value: string;
}
type Texts = { [key: string]: string };

export function fromLabels(labels: readonly Label[] = []): Texts {
  return Object.fromEntries(labels.map(({ label, value }) => [label, value]));
}

export function toLabels(found: Texts | null | undefined): Label[] {
  return Object.entries(found ?? {}).map(([label, value]) => ({ label, value }));
}

/** Terraform's GetOk: an empty collection, an empty text and a zero count as not given. */
export function given<T>(value: T | undefined): T | undefined {
  if (value === undefined || value === null || value === "" || value === 0) return undefined;
  return typeof value === "object" && Object.keys(value).length === 0 ? undefined : value;
}
