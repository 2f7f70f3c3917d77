/** What a view is made of: the parts of a conversation, what waits, what was used. Types only. */
import type { Attachment, Author, CallKind, CallState, Choice, Failure, Location, Outcome, Usage } from "./events.ts";

export interface CallPart {
  type: "call";
  id: string;
  turn: string;
  step: number;
  name: string;
  kind: CallKind;
  title: string;
  input: unknown;
  raw?: string;
  locations: readonly Location[];
  state: CallState;
  /** While it runs: what it wrote so far. When it ended: what the model was told. */
  output: string;
  blob?: string;
  images: readonly { mediaType: string; blob: string }[];
  diff?: string;
  askedAt: number;
  endedAt?: number;
}

export interface SpokenPart {
  type: "text" | "reasoning";
  id: string;
  turn: string;
  step: number;
  text: string;
  open: boolean;
  cut: boolean;
}

export type Part =
  | {
      type: "prompt";
      id: string;
      turn: string;
      text: string;
      attachments: readonly Attachment[];
      /** Whose turn began with it, as in `turn.started`; absent where it came to a turn that ran. */
      agent?: string;
      by: Author;
      at: number;
    }
  | SpokenPart
  | CallPart
  | { type: "notice"; id: string; level: "info" | "warning" | "error"; text: string; until?: number }
  | { type: "compaction"; id: string; summary: string; reason: string };

export interface QueuedPrompt {
  id: string;
  text: string;
  attachments: readonly Attachment[];
  by: Author;
  steers?: string;
}

export interface Question {
  id: string;
  kind: "permission" | "choice";
  call?: string;
  title: string;
  detail: string;
  choices: readonly Choice[];
  freeText: boolean;
  always?: string;
  digest: string;
}

export interface TurnEnd {
  turn: string;
  outcome: Outcome;
  failure?: Failure;
  at: number;
}

export type Activity = { state: "idle" } | { state: "running"; turn: string; since: number };

export interface ModelUsage extends Usage {
  model: string;
  requests: number;
}

/** Lines that were added and removed in all. */
export interface ChangedFile {
  path: string;
  added: number;
  removed: number;
}

/** What agents did to a file, and no person has looked through. */
export interface PendingEdit {
  /** Absolute, real. */
  path: string;
  /** Hashes of what it was before, and of what it was after the last change; null where there was no file, or is none. */
  base: string | null;
  after: string | null;
  /** How often it was changed, by which calls, oldest first. */
  edits: number;
  calls: readonly string[];
  /** Who changed it last. */
  by: Author;
}
