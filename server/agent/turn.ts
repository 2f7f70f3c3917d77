/** What one turn is handed: the session's log seen through a keyhole, the model, the tools, and the people. Types only. */
import type { Author, CallKind, Choice, EventOf, Failure, Outcome, SessionEvent } from "../../protocol/events.ts";
import type { CallWorld, Clock, Message, Model, ModelRequest, Tool, ToolSpec, ToolWorld, Want } from "../ports.ts";

export interface Limits {
  /** Model requests in a turn. */
  steps: number;
  /** Tool calls that run at the same time, and that one answer may make. */
  parallelCalls: number;
  callsPerStep: number;
  /** The same call with the same input, also in turn with another one. */
  identicalCalls: number;
  emptyAnswers: number;
  invalidCalls: number;
  /** The same thing asked for again after a refusal. */
  refusals: number;
  /** USD in a turn; null is no limit. */
  cost: number | null;
}

export const defaultLimits: Limits = {
  steps: 200,
  parallelCalls: 16,
  callsPerStep: 128,
  identicalCalls: 3,
  emptyAnswers: 2,
  invalidCalls: 3,
  refusals: 3,
  cost: null,
};

export type Judgement =
  | { decision: "allow" }
  | { decision: "deny"; reason: string }
  /** `firm`: only a person may answer, since a rule says so or the thing is one that is asked each time. */
  | { decision: "ask"; reason: string; always?: string; firm?: boolean };

/** What a person said to a question: null where nobody could answer. */
export interface Answer {
  answer: string;
  by: Author;
}

export interface AskedQuestion {
  kind: "permission" | "choice";
  call: string;
  title: string;
  detail: string;
  choices: Choice[];
  freeText: boolean;
  always?: string;
}

/** A call as the hooks see it. */
export interface HookedCall {
  call: string;
  tool: string;
  kind: CallKind;
  title: string;
  input: unknown;
}

/** Programs of people that are asked at certain moments. What they did is in the log when a method resolves; none rejects. */
export interface TurnHooks {
  /** `block` ends the turn, for this reason. */
  modelBefore(step: number, messages: number): Promise<{ block?: string } & Pick<ModelRequest, "effort" | "maxOutput">>;
  modelAfter(step: number): Promise<void>;
  /** `input` replaces what the tool is given. */
  toolBefore(call: HookedCall): Promise<{ decision?: "allow" | "ask" | "deny"; reason?: string; input?: unknown }>;
  /** Null where nobody answers instead of a person. */
  permissionAsked(call: HookedCall, detail: string): Promise<Answer | null>;
  /** What is told to the model behind the result; empty where nothing is. */
  toolAfter(call: HookedCall, ok: boolean, output: string): Promise<string>;
  /** True where the turn goes on. */
  turnEnding(): Promise<boolean>;
}

export interface TurnWorld {
  turn: string;
  model: Model;
  tools: readonly Tool[];
  specs: readonly ToolSpec[];
  world: ToolWorld;
  clock: Clock;
  limits: Limits;
  signal: AbortSignal;
  /** Resolves when the signal fires; one listener for the whole turn. */
  stopped: Promise<void>;
  settings: Pick<ModelRequest, "effort" | "answerSchema" | "cacheKey">;
  append(event: SessionEvent): void;
  /** Characters at the end of a text that must not be shown before what follows is known. */
  holdBack(text: string): number;
  /** Resolves when what was appended is on the disk. */
  sync(): Promise<void>;
  system(): string;
  /** What the model is told when it is asked for this step. */
  history(step: number): Promise<Message[]>;
  /** What people want the model to know before its next step; each is a `turn.steered` to append. */
  takeSteering(): EventOf<"turn.steered">[];
  hooks: TurnHooks;
  judge(tool: Tool, input: unknown, wants: readonly Want[]): Promise<Judgement>;
  /** Null where nobody can answer, or the turn was cancelled. */
  ask(question: AskedQuestion): Promise<Answer | null>;
  callWorld(call: string, signal: AbortSignal): CallWorld;
  /** Makes room in the history; false where that was not possible. */
  compact(reason: string, step: number): Promise<boolean>;
  /** Calls of earlier turns, newest last, as `name input`: a model that loops across turns is still looping. */
  earlierCalls: readonly string[];
}

export interface TurnResult {
  outcome: Outcome;
  failure?: Failure;
}
