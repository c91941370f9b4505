import type { Indexed } from "./indexing.ts";
import { percentile, type Searched } from "./load.ts";
import type { Usage } from "./server.ts";
import type { Watched } from "./usage.ts";

/** What was measured of one variant. */
export interface Measured {
  readonly name: string;
  readonly indexing: Watched<Indexed>;
  /** One or more turns. */
  readonly searching: readonly Watched<Searched>[];
}

interface Row {
  readonly what: string;
  readonly value: (measured: Measured) => number;
  readonly text: (value: number) => string;
}

const milliseconds = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
const mebibytes = (value: number) => `${(value / 2 ** 20).toFixed(0)} MiB`;
const perSecond = (value: number) => `${value.toFixed(0)} /s`;
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const seconds = (value: number) => `${value.toFixed(1)} s`;

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
const samples = ({ searching }: Measured) => searching.flatMap(({ result }) => result.samples);
const slowest = (side: "client" | "server", share: number) => (measured: Measured) =>
  percentile(
    samples(measured).map((sample) => sample[side]),
    share,
  );
const indexing = (kind: keyof Usage) => (measured: Measured) => measured.indexing.used[kind];
const searching = (kind: keyof Usage, join: (values: readonly number[]) => number) => (measured: Measured) =>
  join(measured.searching.map(({ used }) => used[kind]));
const highest = (values: readonly number[]) => Math.max(...values);

const P99 = slowest("client", 0.99);

const ROWS: readonly Row[] = [
  { what: "a search, p50", value: slowest("client", 0.5), text: milliseconds },
  { what: "a search, p99", value: P99, text: milliseconds },
  { what: "at work on it, by the server's clock, p50", value: slowest("server", 0.5), text: milliseconds },
  { what: "at work on it, by the server's clock, p99", value: slowest("server", 0.99), text: milliseconds },
  {
    what: "processor time of a search, mean",
    value: (of) => (1_000 * searching("processorTime", sum)(of)) / samples(of).length,
    text: milliseconds,
  },
  {
    what: "tenths of a second that the processor limit cut short",
    value: (of) => searching("heldBack", sum)(of) / (searching("periods", sum)(of) || 1),
    text: percent,
  },
  {
    what: "searches",
    value: (of) => samples(of).length / sum(of.searching.map(({ result }) => result.seconds)),
    text: perSecond,
  },
  {
    what: "searches that find something",
    value: (of) => samples(of).filter(({ found }) => found).length / samples(of).length,
    text: percent,
  },
  {
    what: "documents indexed",
    value: ({ indexing: { result } }) => result.documents / result.seconds,
    text: perSecond,
  },
  { what: "processor time of the indexing", value: indexing("processorTime"), text: seconds },
  { what: "memory while indexing, peak", value: indexing("memory"), text: mebibytes },
  { what: "of it no file's pages", value: indexing("held"), text: mebibytes },
  { what: "memory while searching, peak", value: searching("memory", highest), text: mebibytes },
  { what: "of it no file's pages", value: searching("held", highest), text: mebibytes },
  { what: "disk", value: ({ indexing: { result } }) => result.disk, text: mebibytes },
];

/** A Markdown table: values, and each as a multiple of the first variant's. */
export function table(all: readonly Measured[]): string {
  const [first] = all;
  if (!first) return "";
  const cell = ({ value, text }: Row, measured: Measured) => {
    const compared = measured !== first && value(first) > 0;
    return text(value(measured)) + (compared ? ` (${(value(measured) / value(first)).toFixed(2)})` : "");
  };
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(["", ...all.map(({ name }) => name)]),
    `|${"---|".repeat(all.length + 1)}`,
    ...ROWS.map((row) => line([row.what, ...all.map((measured) => cell(row, measured))])),
  ].join("\n");
}

/** Milliseconds at p99 that the app's spec promises. */
const PROMISE = 50;

export function promise(all: readonly Measured[]): string {
  const verdicts = all.map((measured) => `${measured.name}: ${P99(measured) < PROMISE ? "kept" : "not kept"}`);
  return `The spec promises answers in under ${PROMISE} ms. At p99, ${verdicts.join("; ")}.`;
}

const processors = (value: number) => `${value.toFixed(1)} ${value.toFixed(1) === "1.0" ? "processor" : "processors"}`;

/** How much of the machine others had meanwhile, which shows at p99 first. */
export function disturbance(all: readonly Measured[]): string {
  const seen = all.flatMap((measured) => measured.searching.map(({ others }) => others));
  return `Other processes took ${processors(sum(seen) / seen.length)} on average while they searched, ${processors(highest(seen))} at most.`;
}

/** A turn in a few words, for whoever waits. */
export function brief({ result, others }: Watched<Searched>): string {
  const times = result.samples.map(({ client }) => client);
  const [p50, p99] = [0.5, 0.99].map((share) => milliseconds(percentile(times, share)));
  return `p50 ${p50}, p99 ${p99}, other processes ${processors(others)}`;
}
