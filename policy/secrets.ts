/** Values from documents and examples that everybody knows. */
export const PUBLISHED = ["nchat-search-dev-key-32-chars-long", "devkey", "devsecret1234567890123456789012"] as const;

/** Names of variables and keys whose value is a secret. */
const SECRET_NAME =
  /(^|[_.-])(password|passwd|passphrase|secret|token|private[_-]?key|api[_-]?key|master[_-]?key|credentials?)$/i;

/** `MEILI_MASTER_KEY`, not `MEILI_MASTER_KEY_FILE`: that one says where a secret is. */
export const isSecretName = (name: string) => SECRET_NAME.test(name.trim());

const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\bAKIA[0-9A-Z]{16}\b/, "an access key of AWS"],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b/, "a token of GitHub"],
  [/\bpul-[0-9a-f]{40}\b/, "a token of Pulumi"],
  [/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/, "a signed token"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']+:[^\s/@"']+@/i, "an address with a password in it"],
];

/** `nchat-search-dev-key-32-chars-long`, as it stands anywhere in the text. Short ones only count as a word of their own. */
export function publishedIn(content: string): string | undefined {
  return PUBLISHED.find((secret) => new RegExp(`(?<![\\w-])${secret}(?![\\w-])`).test(content));
}

/** What kind of secret the text shows by its form. */
export function secretForm(content: string): string | undefined {
  return FORMS.find(([form]) => form.test(content))?.[1];
}

/** `password: hunter2`, `"api_secret" = "…"`: a name and a value on one line, which is neither empty nor a reference. */
export function assignedSecret(content: string): string | undefined {
  for (const line of content.split("\n")) {
    const [, name = "", value = ""] = /^[\s"'-]*([\w.-]+)["']?\s*[:=]\s*["']?(.*?)[\s"',;]*$/.exec(line) ?? [];
    if (isSecretName(name) && value && !/^(\$|\{\{|[<|>])/.test(value)) return name;
  }
  return undefined;
}
