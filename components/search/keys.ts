import { createHmac } from "node:crypto";
import { readTemplate } from "./templates.ts";

/**
 * The value of an API key, as MeiliSearch derives it.
 * @see https://www.meilisearch.com/docs/reference/api/keys: "key"
 */
export function apiKey(masterKey: string, uid: string): string {
  return createHmac("sha256", masterKey).update(uid).digest("hex");
}

/** Shell that registers the browsers' key and ends well if it is there already. */
export const REGISTER_KEY = readTemplate("register-search-key.sh");
