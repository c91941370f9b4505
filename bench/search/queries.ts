import type { Written } from "./messages.ts";
import { Random } from "./random.ts";

/** What the app asks with every search of messages (its SearchService). */
const ASKED = {
  sort: ["created_at:desc"],
  limit: 20,
  offset: 0,
  attributesToHighlight: ["*"],
  highlightPreTag: "<mark>",
  highlightPostTag: "</mark>",
  matchingStrategy: "last",
};

/** And how it wants to see what is found: the lab's stand-in refuses that. */
const SHOWN = {
  attributesToCrop: ["content", "content_plain", "description", "bio"],
  cropLength: 200,
  showMatchesPosition: true,
};

/**
 * Searches for words of messages that are there, as bodies of requests, the same in every run.
 * @param options.standIn for the lab's stand-in
 */
export function queries(
  written: readonly Written[],
  count: number,
  seed: number,
  { standIn }: { readonly standIn: boolean },
): Buffer[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const { message, q } = wanted(written, random);
    const channel = random.chance(0.3) ? `channel_id IN ["${message.channel_id}"] AND ` : "";
    const asked = { q, filter: `${channel}is_deleted = false`, ...ASKED, ...(standIn ? {} : SHOWN) };
    return Buffer.from(JSON.stringify(asked));
  });
}

/** One to three words that follow each other, among them one that is worth looking for. */
function wanted(written: readonly Written[], random: Random) {
  for (;;) {
    const { message, words, vocabulary } = random.pick(written);
    const length = random.pick([1, 1, 2, 2, 3]);
    const begin = random.between(0, Math.max(0, words.length - length));
    const chosen = words.slice(begin, begin + length);
    if (chosen.every((word) => vocabulary.frequent.has(word))) continue;
    const q = typed(chosen, vocabulary.gap, random);
    // The app sends no shorter ones.
    if (q.length >= 2) return { message, q };
  }
}

/** As somebody types it: every seventh time with a slip, and in three of ten the last word is not there as a whole yet. */
function typed(words: readonly string[], gap: string, random: Random): string {
  const slip = random.chance(0.15) ? random.between(0, words.length - 1) : -1;
  const cut = random.chance(0.3);
  return words
    .map((word, index) => (index === slip && word.length >= 5 ? withSlip(word, random) : word))
    .map((word, index) => (cut && index === words.length - 1 ? word.slice(0, random.between(2, word.length)) : word))
    .join(gap);
}

function withSlip(word: string, random: Random): string {
  const at = random.between(1, word.length - 2);
  const [before, here, next, after] = [word.slice(0, at), word.charAt(at), word.charAt(at + 1), word.slice(at + 2)];
  return (
    before + random.pick([next + here + after, next + after, here + here + next + after, word.charAt(0) + next + after])
  );
}
