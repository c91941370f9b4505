import { apiKey } from "../../components/search/keys.ts";

type Content = Readonly<Record<string, string>>;

/**
 * API keys of the search server are made from its master key, which nobody knows here: says how instead of the value.
 * @returns a copy of a Secret's content in which such values are explained
 */
export function derivedKeys(secrets: readonly Content[], manifests: readonly object[]): (content: Content) => Content {
  const masterKey = secrets
    .flatMap((content) => Object.values(content))
    .map((text) => /^master_key = "(.*)"$/m.exec(text)?.[1])
    .find((key) => key !== undefined);
  if (masterKey === undefined) return (content) => content;
  const name = masterKey.replace(/^<|>$/g, "");
  const explained = new Map(uidsIn(manifests).map((uid) => [apiKey(masterKey, uid), sentence(uid, name)]));
  return (content) =>
    Object.fromEntries(Object.entries(content).map(([key, text]) => [key, explained.get(text) ?? text]));
}

const sentence = (uid: string, name: string) =>
  `<printf %s ${uid} | openssl dgst -sha256 -hmac ${name} -r | cut -d' ' -f1>`;

/** From the plan that registers them. */
function uidsIn(manifests: readonly object[]): string[] {
  return manifests
    .flatMap((manifest) => Object.values(("data" in manifest ? manifest.data : undefined) ?? {}))
    .flatMap((text) => [...String(text).matchAll(/^key\t([0-9a-f-]{36})\t/gm)].map(([, uid]) => uid as string));
}
