import { readSettings, SettingsError } from "../../../components/settings.ts";

export type Change = Readonly<Record<string, string | undefined>>;

/** The least that production has to say. */
export const LEAST: Readonly<Record<string, string>> = {
  "platform:kind": "kubernetes",
  "platform:domain": "chat.example.com",
  "platform:tlsIssuer": "letsencrypt-prod",
  "frontend:origins": '["https://chat.example.com"]',
  "streaming:image": "example/nginx-rtmp:1.2.3",
  "streaming:publish": "key",
};

/** Settings with the change on top; a key that is undefined is left out. */
export const changed = (settings: Change, change: Change): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...settings, ...change }).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );

export const read = (values: Record<string, string> = {}, secrets: readonly string[] = []) =>
  readSettings({ values, isSecret: (key) => secrets.includes(key) });

/** The problems that are found as a configuration is read, each as its whole sentence. */
export function problemsOf(reading: () => unknown): readonly string[] {
  try {
    reading();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

export const problems = (values: Record<string, string>, secrets?: readonly string[]) =>
  problemsOf(() => read(values, secrets));
