import type { Client } from "./client.ts";
import { INDEX, type Variant } from "./variants.ts";

/** What came of the indexing. */
export interface Indexed {
  readonly documents: number;
  /** Of the server's work on the documents, without their way to it. */
  readonly seconds: number;
  /** Bytes on the disk. */
  readonly disk: number;
}

/** Documents in one request. Fewer would leave it to chance how many the server takes together. */
const BATCH = 50_000;

/** Messages as the requests that carry them. */
export const batches = (messages: readonly object[]): Buffer[] =>
  Array.from({ length: Math.ceil(messages.length / BATCH) }, (_, index) =>
    Buffer.from(
      messages
        .slice(index * BATCH, (index + 1) * BATCH)
        .map((message) => JSON.stringify(message))
        .join("\n"),
    ),
  );

/** Makes the index with its settings, then fills it. */
export async function index(client: Client, variant: Variant, documents: readonly Buffer[]): Promise<Indexed> {
  await client.change("POST", "/indexes", { uid: INDEX, primaryKey: "id" });
  await client.change("PATCH", `/indexes/${INDEX}/settings`, variant.settings);
  const tasks: number[] = [];
  for (const batch of documents) {
    const path = `/indexes/${INDEX}/documents`;
    tasks.push((await client.json<{ taskUid: number }>("POST", path, batch, "application/x-ndjson")).taskUid);
  }
  const times = [];
  for (const task of tasks) times.push(await client.finished(task));
  const [begin, end] = [Math.min(...times.map(({ started }) => started)), Math.max(...times.map(({ ended }) => ended))];
  const { databaseSize, indexes } = await client.json<Stats>("GET", "/stats");
  return {
    documents: indexes[INDEX]?.numberOfDocuments ?? 0,
    seconds: (end - begin) / 1_000,
    disk: databaseSize,
  };
}

interface Stats {
  readonly databaseSize: number;
  readonly indexes: Readonly<Record<string, { readonly numberOfDocuments: number }>>;
}
