import { Random, zipf } from "./random.ts";
import { type Vocabulary, vocabularies } from "./vocabulary.ts";

/** A message as the app writes it to its index, as far as it has these fields. */
export interface Message {
  readonly id: string;
  readonly content: string;
  readonly channel_id: string;
  readonly [field: string]: unknown;
}

/** A message with what is needed to look for it. */
export interface Written {
  readonly message: Message;
  readonly words: readonly string[];
  readonly vocabulary: Vocabulary;
}

const CHANNELS = 60;
const AUTHORS = 500;
/** Seconds since 1970: the same in every run. */
const FIRST = 1_750_000_000;

/** Messages of a chat in several languages, the same in every run. */
export function messages(count: number): Written[] {
  const random = new Random(2_025);
  const all = vocabularies();
  const names = all.map(({ word }) => Array.from({ length: 60 }, () => word(random)).filter((name) => name.length > 3));
  const name = () => random.pick(names[0] as string[]);
  const channels = Array.from({ length: CHANNELS }, () => ({ id: random.uuid(), name: `${name()}-${name()}` }));
  const authors = Array.from({ length: AUTHORS }, (_, index) => {
    const [first, last] = [capital(name()), capital(name())];
    const username = `${first}.${last}${index}`.toLowerCase();
    return { id: random.uuid(), name: `${first} ${last}`, username, vocabulary: language(all, random) };
  });
  const channelOf = zipf(channels);
  const authorOf = zipf(authors, 20);
  let time = FIRST;
  return Array.from({ length: count }, () => {
    time += random.between(1, 200);
    return write(random, time, channelOf(random), authorOf(random), () => authorOf(random));
  });
}

interface Author {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly vocabulary: Vocabulary;
}

function write(
  random: Random,
  time: number,
  channel: { readonly id: string; readonly name: string },
  author: Author,
  somebody: () => Author,
): Written {
  const { vocabulary } = author;
  // Half of all messages have up to seven words, few more than twenty.
  const length = Math.min(40, Math.max(1, Math.round(Math.exp(1.9 + 0.8 * random.normal()))));
  const words = Array.from({ length }, () =>
    random.chance(0.02) ? String(random.between(1, 9_999)) : vocabulary.word(random),
  );
  const mentioned = random.chance(0.08) ? [somebody()] : [];
  const hasLink = random.chance(0.05);
  const attachment = random.chance(0.06) ? random.pick(["image", "file", "video"]) : undefined;
  const content = [
    ...mentioned.map(({ username }) => `@${username}`),
    capital(words.join(vocabulary.gap)) + random.pick(["", "", "", ".", "!", "?", " 👍"]),
    ...(hasLink ? [`https://example.com/${vocabulary.word(random)}/${random.between(1, 99_999)}`] : []),
  ].join(" ");
  const edited = random.chance(0.05);
  const message = {
    id: random.uuid(),
    content,
    content_plain: content,
    channel_id: channel.id,
    channel_name: channel.name,
    author_id: author.id,
    author_name: author.name,
    author_username: author.username,
    author_avatar_url: `https://example.com/avatars/${author.id}.png`,
    created_at: time,
    updated_at: edited ? time + 60 : time,
    message_type: attachment ?? "text",
    has_attachment: attachment !== undefined,
    has_link: hasLink,
    has_image: attachment === "image",
    has_video: attachment === "video",
    has_file: attachment === "file",
    is_pinned: random.chance(0.002),
    is_edited: edited,
    is_deleted: random.chance(0.03),
    ...(random.chance(0.1) ? { parent_thread_id: random.uuid() } : {}),
    mentioned_users: mentioned.map(({ id }) => id),
    mentions_everyone: random.chance(0.005),
    mentions_here: random.chance(0.005),
    attachment_count: attachment ? 1 : 0,
    reaction_count: random.chance(0.2) ? random.between(1, 9) : 0,
  };
  return { message, words, vocabulary };
}

/** Each as often as its share says. */
function language(all: readonly Vocabulary[], random: Random): Vocabulary {
  let left = random.next();
  for (const vocabulary of all) {
    left -= vocabulary.share;
    if (left < 0) return vocabulary;
  }
  return all[0] as Vocabulary;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
