import { randomUUID } from "node:crypto";
import type { Advice } from "./advice.ts";
import { Failure } from "./check.ts";
import { requester, until } from "./http.ts";
import { MeiliClient } from "./search-client.ts";
import type { Suite } from "./suite.ts";

export interface SearchTarget {
  readonly url: string;
  readonly masterKey: string;
  readonly searchKey: string;
}

/** MeiliSearch forgives one typo from five letters on, so the word has seven. */
const DOCUMENT = { id: 1, text: "Hello from nself-chat! This channel is a test." };
const TYPO = "chanel";

/** What the app asks of the index that its search page reads: refused where the index lacks its settings. */
const MESSAGES = "nchat_messages";
const APP_SEARCH = { q: "hello", filter: "is_deleted = false", sort: ["created_at:desc"], limit: 1 };

/** Finds a document through the keys that the app gets, in an index that is there for these seconds only. */
export async function checkSearch(suite: Suite, target: SearchTarget): Promise<void> {
  const { advice } = suite;
  const request = requester(advice, suite.signal);
  const healthy = await suite.check("health", async () => {
    const { status, text } = await request(`${target.url}/health`);
    // Any web server may have a /health.
    if (status === 200 && text.includes('"available"')) return undefined;
    throw new Failure(`GET /health answers ${status}: ${text.slice(0, 200)}`, `Is this MeiliSearch? ${advice.seeLogs}`);
  });
  if (!healthy) return;

  const clientWith = (key?: string) => new MeiliClient(target.url, request, advice, key);
  const [asMaster, asBrowser] = [clientWith(target.masterKey), clientWith(target.searchKey)];
  const index = `verify-${randomUUID()}`;

  await suite.check("refuses requests without a key", async () => {
    const { status } = await clientWith().send("GET", "/indexes");
    if (status === 401) return undefined;
    throw new Failure(
      `expected 401, got ${status}`,
      status === 200 ? `The server runs without a master key: run ${advice.npm("up")}.` : advice.seeLogs,
    );
  });

  let mayExist = false;
  try {
    const stored = await suite.check("stores a document", async () => {
      mayExist = true;
      const created = await asMaster.send("POST", "/indexes", { uid: index, primaryKey: "id" });
      mayExist = created.status === 202;
      await asMaster.finish(created);
      await asMaster.finish(await asMaster.send("POST", `/indexes/${index}/documents`, [DOCUMENT]));
      return undefined;
    });
    if (!stored) return;
    await suite.check("finds it in spite of a typo", () => find(asMaster, index, advice));
    await suite.check("lets browsers search the messages as the app does", async () => {
      const answer = await asBrowser.send("POST", `/indexes/${MESSAGES}/search`, APP_SEARCH);
      if (answer.status === 400 || answer.status === 404) {
        throw new Failure(
          `expected 200, got ${answer.status}: ${answer.text.slice(0, 200)}`,
          `The index is not as the stack wants it: ${advice.npm("search:apply")}.`,
        );
      }
      asBrowser.read(answer, 200);
      return undefined;
    });
    await suite.check("lets their key do nothing else", async () => {
      const other = await asBrowser.send("POST", `/indexes/${index}/search`, { q: TYPO });
      // Nothing, where it should be let in after all.
      const write = await asBrowser.send("POST", `/indexes/${MESSAGES}/documents`, []);
      const open = [other, write].find(({ status }) => status !== 403);
      if (!open) return undefined;
      throw new Failure(
        `expected 403, got ${open.status}`,
        open.status < 300
          ? "The search key may do too much: rotate it, pulumi config set search:rotation '{\"frontend\":2}'."
          : advice.seeLogs,
      );
    });
  } finally {
    // Also when the time is up: a requester without the suite's signal.
    if (mayExist) {
      const client = new MeiliClient(target.url, requester(advice), advice, target.masterKey);
      await suite.cleanUp("removes its test index", () => remove(client, index));
    }
  }
}

async function find(client: MeiliClient, index: string, { seeLogs }: Advice): Promise<undefined> {
  const answer = await client.send("POST", `/indexes/${index}/search`, { q: TYPO });
  const { hits } = client.read<{ hits: { id: number }[] }>(answer, 200);
  if (hits.length === 1 && hits[0]?.id === DOCUMENT.id) return undefined;
  throw new Failure(`"${TYPO}" finds ${hits.length} documents instead of the one with "channel"`, seeLogs);
}

async function remove(client: MeiliClient, index: string): Promise<undefined> {
  const gone = await until(15_000, async () => {
    const answer = await client.send("DELETE", `/indexes/${index}`);
    if (answer.status === 404) return true;
    await client.finish(answer, ["index_not_found"]);
    return (await client.send("GET", `/indexes/${index}`)).status === 404 ? true : undefined;
  }).catch((error: Error) => error);
  if (gone === true) return undefined;
  throw new Failure(
    `the index ${index} is still there${gone ? `: ${gone.message}` : ""}`,
    `Remove it: curl -X DELETE -H "Authorization: Bearer $MEILISEARCH_MASTER_KEY" ${client.url}/indexes/${index}`,
  );
}
