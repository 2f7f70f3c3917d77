/** What a view consists of: the parts of a conversation, the queue, questions, usage. Types only. */
import type {
  Attachment,
  Author,
  CallKind,
  CallState,
  Choice,
  EventOf,
  Failure,
  Location,
  Outcome,
  Settings,
  Usage,
} from "./events.ts";

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
  /** While it runs: its output so far. After its end: what was sent to the model. */
  output: string;
  blob?: string;
  images: readonly { mediaType: string; blob: string }[];
  diff?: string;
  askedAt: number;
  endedAt?: number;
  /** How the approval requests and questions of this call ended, oldest first; absent while there are none. */
  outcomes?: readonly QuestionOutcome[];
}

export interface NoticePart {
  type: "notice";
  id: string;
  level: "info" | "warning" | "error";
  text: string;
  /** Milliseconds since 1970: the next attempt, for a countdown. */
  until?: number;
  /** How the turn failed. A client that announces the end of a turn leaves it out. */
  endsTurn?: true;
}

/** How a question ended. `text` is the saved rule, the reason or the answer; it may be empty. */
export interface QuestionOutcome {
  outcome: "once" | "always" | "session" | "denied" | "answered" | "expired";
  text: string;
  by: Author;
  /** Who approved before, where one approval was not enough. */
  voters?: readonly string[];
  /** What the agent asked, in full; absent for approvals. */
  question?: string;
}

export interface ResponsePart {
  type: "text" | "reasoning";
  id: string;
  turn: string;
  step: number;
  text: string;
  open: boolean;
  incomplete: boolean;
}

export type Part =
  | {
      type: "prompt";
      id: string;
      turn: string;
      text: string;
      attachments: readonly Attachment[];
      /** The agent whose turn it started, as in `turn.started`; absent for a prompt that steered a running turn. */
      agent?: string;
      by: Author;
      at: number;
    }
  | ResponsePart
  | CallPart
  | NoticePart
  | {
      type: "compaction";
      id: string;
      summary: string;
      reason: string;
      tokens?: NonNullable<EventOf<"history.compacted">["tokens"]>;
    };

export interface QueuedPrompt {
  id: string;
  text: string;
  attachments: readonly Attachment[];
  by: Author;
  steers?: string;
  settings?: Settings;
}

/** An approval that is not enough by itself. `voter`: the link of the guest. */
export interface Vote {
  voter: string;
  by: Author;
}

export interface Question {
  id: string;
  kind: "approval" | "choice";
  call?: string;
  title: string;
  detail: string;
  choices: readonly Choice[];
  freeText: boolean;
  always?: string;
  digest: string;
  /** Approvals of guests that are not enough yet; absent while there are none. */
  votes?: readonly Vote[];
  /** The subagent that asks. */
  task?: { session: string; question: string; agent: string };
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

/** Total lines added and removed. */
export interface ChangedFile {
  path: string;
  added: number;
  removed: number;
}

/** Changes of agents to a file that no person has reviewed. */
export interface PendingEdit {
  /** Absolute, real. */
  path: string;
  /** Hashes of the content before, and after the last change; null where there was, or is, no file. */
  base: string | null;
  after: string | null;
  /** How often it was changed, and by which calls, oldest first. */
  edits: number;
  calls: readonly string[];
  /** The author of the last change. */
  by: Author;
}
