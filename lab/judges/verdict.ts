import type { Progress } from "../progress.ts";
import type { Input } from "./input.ts";

/** Something that a judge wants otherwise. */
export interface Finding {
  readonly judge: string;
  /** `StatefulSet nself-chat/meilisearch`, or a file. */
  readonly object: string;
  /** The judge's own name for what it checks, as its documents know it. */
  readonly rule: string;
  /** In the judge's own words, lower case. */
  readonly severity: string;
  readonly message: string;
}

/** What a judge said, with what is excused apart. */
export interface Verdict {
  readonly judge: string;
  readonly version: string;
  /** How many objects or files it was given. */
  readonly judged: number;
  readonly findings: readonly Finding[];
  readonly excused: readonly Finding[];
}

/** A tool of others, and how to understand it. */
export interface Judge {
  readonly name: string;
  readonly version: string;
  /** How many objects or files of the input are its business; with none it is not run, nor built. */
  concerns(input: Input): number;
  /** @throws LabError where the tool did not judge all that it was given: silence is not praise. */
  findings(input: Input, progress: Progress): Promise<Finding[]>;
}
