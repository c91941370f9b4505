/** Secrets reach a mock of Pulumi's engine wrapped, under a signature that Pulumi's protocol fixes. */
const SECRET = "4dabf18193072939515e22adb298388d";

/** The inputs of any resource, secrets in clear. */
// biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource
export function withoutMarks(value: any): any {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value && "value" in value) return withoutMarks(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutMarks(inner)]));
}
