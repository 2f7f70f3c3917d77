/** The dependencies of one turn: the session's log, the model, the tools, hooks and approvals. Types only. */
import type {
  Answer,
  Author,
  CallKind,
  Choice,
  EventOf,
  Failure,
  Outcome,
  SessionEvent,
} from "../../protocol/events.ts";
import type {
  Access,
  Clock,
  Message,
  Model,
  ModelFailure,
  ModelRequest,
  Tool,
  ToolCallContext,
  ToolContext,
  ToolResult,
  ToolSpec,
} from "../ports.ts";

export interface Limits {
  /** Model requests in a turn. */
  steps: number;
  /** Tool calls that run at the same time, and calls that one response may make. */
  parallelCalls: number;
  callsPerStep: number;
  /** Repetitions of the same call with the same input, or of two alternating calls. */
  identicalCalls: number;
  emptyResponses: number;
  invalidCalls: number;
  /** Repetitions of a call that was refused. */
  refusals: number;
  /** USD per turn; null means no limit. */
  cost: number | null;
  /** Of the tier of the model: the name for messages, and what it may use of the turn. */
  tier: { name: string; steps: number; cost: number } | null;
}

export const DEFAULT_LIMITS: Limits = {
  steps: 200,
  parallelCalls: 16,
  callsPerStep: 128,
  identicalCalls: 3,
  emptyResponses: 2,
  invalidCalls: 3,
  refusals: 3,
  cost: null,
  tier: null,
};

export type PermissionDecision =
  | { decision: "allow" }
  | { decision: "deny"; reason: string }
  /** `requiresPerson`: only a user may approve it, because a rule requires that or it needs approval each time. */
  | { decision: "ask"; reason: string; always?: string; requiresPerson?: boolean };

/** How a question was answered, and by whom. */
export interface Resolution {
  answer: Answer;
  by: Author;
}

/** The verdict of a hook on an approval, in place of the user's answer. */
export interface HookVerdict {
  verdict: "approve" | "deny";
  reason?: string;
  by: Author;
}

export interface QuestionRequest {
  kind: "approval" | "choice";
  call?: string;
  title: string;
  detail: string;
  choices: Choice[];
  freeText: boolean;
  always?: string;
  /** The subagent that asks. */
  task?: NonNullable<EventOf<"question.asked">["task"]>;
}

/** A call as the hooks see it: the tool that runs, and its input under the names of its schema. */
export interface HookedCall {
  call: string;
  tool: string;
  kind: CallKind;
  title: string;
  input: unknown;
}

/** The user's hooks. Their effects are in the log when a method resolves; no method rejects. */
export interface TurnHooks {
  /** `block` ends the turn, for this reason. */
  modelBefore(step: number, messages: number): Promise<{ block?: string } & Pick<ModelRequest, "effort" | "maxOutput">>;
  modelAfter(step: number): Promise<void>;
  /** `input` replaces the tool's input. `normalize` gives a replaced input the names of the schema, for the hooks that follow. */
  toolBefore(
    call: HookedCall,
    normalize: (input: unknown) => unknown,
  ): Promise<{ decision?: "allow" | "ask" | "deny"; reason?: string; input?: unknown }>;
  /** Null if no hook decides. */
  permissionAsked(call: HookedCall, detail: string): Promise<HookVerdict | null>;
  /** Text that is appended to the result for the model; may be empty. */
  toolAfter(call: HookedCall, ok: boolean, output: string): Promise<string>;
  /** True if the turn continues. */
  turnEnding(): Promise<boolean>;
}

export interface TurnContext {
  turn: string;
  model: Model;
  tools: readonly Tool[];
  toolSpecs(): readonly ToolSpec[];
  toolContext: ToolContext;
  clock: Clock;
  limits: Limits;
  signal: AbortSignal;
  /** Resolves when the signal fires; one listener for the whole turn. */
  aborted: Promise<void>;
  settings: Pick<ModelRequest, "effort" | "answerSchema" | "cacheKey">;
  append(event: SessionEvent): void;
  /** Number of characters at the end of a text that must not be shown before more text arrives. */
  holdBack(text: string): number;
  /** Resolves when all appended events are on disk. */
  sync(): Promise<void>;
  system(): string;
  /** The messages of the request for this step, which fit the context of the model as far as it is known. */
  history(step: number): Promise<Message[]>;
  /** An output that fits the context; a longer one is shortened, and stored whole. */
  limitOutput(result: Pick<ToolResult, "output" | "blob">): Promise<Pick<ToolResult, "output" | "blob">>;
  /** Messages that users steered the turn with, to append before the next step. */
  takeSteering(): Promise<EventOf<"turn.steered">[]>;
  hooks: TurnHooks;
  judge(tool: Tool, input: unknown, accesses: readonly Access[]): Promise<PermissionDecision>;
  /** Null if no user can answer, or the turn was cancelled. */
  ask(question: QuestionRequest): Promise<Resolution | null>;
  toolCallContext(call: string, signal: AbortSignal): ToolCallContext;
  /** Changes the next request after one that did not fit or was refused; false if there is nothing to change. */
  recover(failure: ModelFailure, step: number): Promise<boolean>;
  /**
   * True if another model continues the turn: after a step, when the model is stuck (it repeats itself or says nothing), when the steps of its
   * tier are used up, or when its provider failed.
   */
  replaceModel(cause: "step" | "stuck" | "limit" | "fault", step: number): Promise<boolean>;
  /** The endpoint accepted the last request. */
  onAccepted(): void;
  /** Signatures of the calls of earlier turns, newest last: a loop can span turns. */
  earlierCalls: readonly string[];
}

/** Where a turn is; a turn that another model continues goes on here. `cost` is in USD. */
export interface TurnPosition {
  step: number;
  cost: number;
  /** Where its tier began. */
  tier: { step: number; cost: number };
}

export const TURN_START: TurnPosition = { step: 1, cost: 0, tier: { step: 1, cost: 0 } };

export interface TurnResult {
  outcome: Outcome;
  failure?: Failure;
}
