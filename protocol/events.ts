/**
 * Everything that happens in a session, as one closed union. A session is an append-only log of these events; everything else is a
 * fold of the log.
 *
 * Facts are enough on their own. Deltas (`*.delta`, `call.output`) only show progress: the event that ends a part repeats the whole
 * part. Readers skip types that they do not know.
 */
import { z } from "zod";
import { routing } from "./routing.ts";
import { efforts, modes, requestPurposes, tiers } from "./settings.ts";
import { togetherEvents } from "./together-events.ts";

/** Who caused an event. `id` is stable for a person or plugin; `name` is for display. */
export const author = z.object({
  kind: z.enum(["person", "agent", "plugin", "server"]),
  id: z.string(),
  name: z.string(),
});

/** What sort of tool a call is for. Clients display calls by kind and title, never by the name of the tool. */
export const callKind = z.enum(["read", "edit", "execute", "search", "fetch", "think", "ask", "task", "other"]);

/** A location in a file; `line` counts from 1. Paths are absolute. */
export const location = z.object({ path: z.string(), line: z.number().int().positive().optional() });

/** A file or image attached to a prompt. `text` is inlined for the model; `blob` is the content hash of bytes stored with the session. */
export const attachment = z.object({
  name: z.string(),
  mediaType: z.string(),
  text: z.string().optional(),
  blob: z.string().optional(),
});

/** Opaque JSON that must go back to the provider that sent it, unmodified (thought signatures, encrypted reasoning). */
const providerMetadata = z.record(z.string(), z.unknown());

const step = { turn: z.string(), step: z.number().int().positive() };
const attempt = z.number().int().positive().optional();

export const planItem = z.object({ text: z.string(), state: z.enum(["pending", "active", "done", "dropped"]) });

/** One change of a file: hashes are SHA-256 in hex, null where there was or is no file; lines are counted by a line diff. */
export const fileChange = z.object({
  path: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
});

/** Tokens of one model request. `input` includes `cached`, `output` includes `reasoning`. `cost` is in USD, null without a price. */
export const usage = z.object({
  input: z.number().nonnegative(),
  cached: z.number().nonnegative(),
  output: z.number().nonnegative(),
  reasoning: z.number().nonnegative(),
  cost: z.number().nonnegative().nullable(),
  estimated: z.boolean(),
});

export const choice = z.object({ id: z.string(), label: z.string() });

/**
 * The answer to a question: the id of one of its choices or, where the question takes it, a text. `rule` goes with the choice `always`: a
 * rule to save in place of the offered one.
 */
export const answer = z.union([
  z.object({ choice: z.string(), rule: z.string().optional() }),
  z.object({ text: z.string() }),
]);

/** What one prompt sets for its turn, over the configuration. `allow`, `ask` and `deny` are permission rules. */
export const settings = z.object({
  /** The name of an agent; without it, the configured one or `build`. */
  agent: z.string().optional(),
  model: z.string().optional(),
  /** The tier that the user chose: its model is used where no model is named. */
  tier: z.enum(tiers).optional(),
  effort: z.enum(efforts).optional(),
  mode: z.enum(modes).optional(),
  allow: z.array(z.string()).optional(),
  ask: z.array(z.string()).optional(),
  deny: z.array(z.string()).optional(),
  /** `on`: commands should run in a sandbox. */
  sandbox: z.enum(["on", "off"]).optional(),
  /** True where only this turn uses them: later prompts do not continue with them. */
  transient: z.boolean().optional(),
  /** Model requests in one turn. */
  maxSteps: z.number().int().positive().optional(),
  /** USD in one turn. */
  maxCost: z.number().positive().optional(),
  /** JSON Schema that the final response should fit; the caller checks it. */
  answerSchema: z.record(z.string(), z.unknown()).optional(),
});

export const outcome = z.enum(["done", "cancelled", "failed", "interrupted", "limit"]);
export const callState = z.enum(["asked", "running", "done", "failed", "refused", "interrupted"]);
const endedCall = callState.extract(["done", "failed", "refused", "interrupted"]);

/** Why a turn failed: `code` is a name of protocol/errors.ts, `message` one sentence that says what to do. */
export const failure = z.object({ code: z.string(), message: z.string(), retryAt: z.number().optional() });

/**
 * Where the session of a subagent belongs. `session` started it with the call `call`; `root` is the session that a person started, and
 * `depth` counts from 1 for its own subagents.
 */
export const taskOrigin = z.object({
  session: z.string(),
  root: z.string(),
  call: z.string().optional(),
  agent: z.string(),
  depth: z.number().int().positive(),
  /** The git worktree that it works in, the commit that this began with, and the root of the repository that it belongs to. */
  worktree: z.object({ path: z.string(), base: z.string(), root: z.string() }).optional(),
});

/** What a subagent has used, with its own subagents. `tokens` are input and output; `cost` is in USD, null if any of it has no price. */
const taskUsage = { steps: z.number(), tokens: z.number(), cost: z.number().nullable() };

const events = [
  z.object({
    type: z.literal("session.opened"),
    session: z.string(),
    cwd: z.string(),
    version: z.string(),
    parent: z.object({ session: z.string(), seq: z.number() }).optional(),
    /** Set for the session of a subagent: who started it. */
    task: taskOrigin.optional(),
  }),
  z.object({ type: z.literal("session.titled"), title: z.string() }),
  z.object({ type: z.literal("session.archived"), archived: z.boolean() }),
  /** The system prompt. In the log, so that a resumed session sends the same bytes. */
  z.object({
    type: z.literal("instructions.loaded"),
    text: z.string(),
    size: z.enum(["small", "medium", "large"]),
    /** The agent whose prompt it contains, if not the default one. */
    agent: z.string().optional(),
    /** The files in it. `tokens` are estimated. */
    sources: z.array(z.object({ path: z.string(), hash: z.string(), tokens: z.number().optional() })),
  }),
  z.object({
    type: z.literal("prompt.queued"),
    prompt: z.string(),
    text: z.string(),
    attachments: z.array(attachment),
    /** The running turn that it steers: sent to the model at its next step, or a prompt of its own if the turn ends first. */
    steers: z.string().optional(),
    /** What the client set for this prompt; the turn that it starts uses exactly this. */
    settings: settings.optional(),
  }),
  z.object({ type: z.literal("prompt.edited"), prompt: z.string(), text: z.string() }),
  z.object({ type: z.literal("prompt.moved"), prompt: z.string(), to: z.number().int().nonnegative() }),
  z.object({ type: z.literal("prompt.dropped"), prompt: z.string() }),
  z.object({
    type: z.literal("turn.started"),
    turn: z.string(),
    prompt: z.string().optional(),
    text: z.string(),
    attachments: z.array(attachment),
    agent: z.string(),
    settings: settings.optional(),
  }),
  z.object({
    type: z.literal("turn.steered"),
    turn: z.string(),
    prompt: z.string(),
    text: z.string(),
    /** What the model gets in its place, if it names a command or a skill. */
    expanded: z.string().optional(),
  }),
  z.object({ type: z.literal("turn.ended"), turn: z.string(), outcome, failure: failure.optional() }),
  /** The model that a turn uses from here on, and why. `model` is `provider/model`; `context` is in tokens. */
  z.object({
    type: z.literal("model.routed"),
    turn: z.string(),
    model: z.string(),
    reason: z.string(),
    context: z.number().nullable(),
    /** Names of the tools that are offered to it. */
    tools: z.array(z.string()),
    /** What their descriptions and schemas take in each request, estimated. */
    toolTokens: z.number().optional(),
    effort: z.string().optional(),
    /** Absent if it serves no tier. */
    tier: z.enum(tiers).optional(),
    /** Absent if nothing was routed: no tiers are configured, or a model was named. */
    routing: routing.optional(),
  }),
  z.object({ type: z.literal("text.delta"), ...step, part: z.string(), text: z.string() }),
  /**
   * `incomplete` marks a text that the provider broke off: shown to people, not sent to the model again. `attempt` counts the requests of
   * this step from 1: only the last attempt counts.
   */
  z.object({
    type: z.literal("text.done"),
    ...step,
    part: z.string(),
    text: z.string(),
    incomplete: z.boolean().optional(),
    attempt,
  }),
  z.object({ type: z.literal("reasoning.delta"), ...step, part: z.string(), text: z.string() }),
  z.object({
    type: z.literal("reasoning.done"),
    ...step,
    part: z.string(),
    text: z.string(),
    incomplete: z.boolean().optional(),
    attempt,
    providerMetadata: providerMetadata.optional(),
  }),
  /** The model called a tool. `input` are the arguments; where they could not be parsed, `raw` holds them and `input` is null. */
  z.object({
    type: z.literal("call.asked"),
    ...step,
    call: z.string(),
    name: z.string(),
    kind: callKind,
    title: z.string(),
    input: z.unknown(),
    raw: z.string().optional(),
    locations: z.array(location),
    providerMetadata: providerMetadata.optional(),
  }),
  z.object({ type: z.literal("call.started"), call: z.string() }),
  z.object({ type: z.literal("call.output"), call: z.string(), text: z.string() }),
  /** `output` is what is sent to the model (capped); `blob` is the content hash of the full output, stored with the session. */
  z.object({
    type: z.literal("call.done"),
    call: z.string(),
    state: endedCall,
    title: z.string().optional(),
    output: z.string(),
    blob: z.string().optional(),
    images: z.array(z.object({ mediaType: z.string(), blob: z.string() })).optional(),
    diff: z.string().optional(),
  }),
  /** An approval request, or a question of the agent. `digest` is the SHA-256 of exactly what is shown; an answer must repeat it. */
  z.object({
    type: z.literal("question.asked"),
    question: z.string(),
    kind: z.enum(["approval", "choice"]),
    call: z.string().optional(),
    title: z.string(),
    detail: z.string(),
    choices: z.array(choice),
    freeText: z.boolean(),
    always: z.string().optional(),
    digest: z.string(),
    /** Set if a subagent asks: its session, the question there, and the agent's name. An answer to either counts for both. */
    task: z.object({ session: z.string(), question: z.string(), agent: z.string() }).optional(),
  }),
  z.object({
    type: z.literal("question.answered"),
    question: z.string(),
    answer,
    remember: z.boolean().optional(),
  }),
  z.object({ type: z.literal("question.expired"), question: z.string(), reason: z.string() }),
  z.object({ type: z.literal("plan.updated"), items: z.array(planItem) }),
  /** `undo`: a person undid changes of agents, wholly or in part. */
  z.object({
    type: z.literal("file.changed"),
    call: z.string().optional(),
    change: fileChange,
    undo: z.boolean().optional(),
  }),
  /** A person accepted the changes of agents to a file: from here on it is compared with the content of this hash. */
  z.object({ type: z.literal("edits.accepted"), path: z.string(), base: z.string().nullable() }),
  z.object({
    type: z.literal("usage.counted"),
    ...step,
    model: z.string(),
    usage,
    /** Absent if the model served none. */
    tier: z.enum(tiers).optional(),
    /** Absent for a step of the turn. */
    purpose: z.enum(requestPurposes).optional(),
  }),
  /**
   * In requests to the model, the history up to and including `upTo` is replaced by `summary` and the `kept` texts; people still see all
   * of it. `tokens`: of the messages, estimated, and of the request for the summary, if the endpoint reported them.
   */
  z.object({
    type: z.literal("history.compacted"),
    turn: z.string().optional(),
    upTo: z.number(),
    summary: z.string(),
    reason: z.string(),
    kept: z.array(z.string()).optional(),
    tokens: z
      .object({ before: z.number(), after: z.number(), input: z.number().optional(), cached: z.number().optional() })
      .optional(),
  }),
  /**
   * A subagent started to work in a session of its own, whose id is `task`. `parent` is the task that started it, absent if this session
   * did. A task that is resumed starts again.
   */
  z.object({
    type: z.literal("task.started"),
    task: z.string(),
    parent: z.string().optional(),
    call: z.string().optional(),
    agent: z.string(),
    title: z.string(),
    background: z.boolean(),
  }),
  /** What a subagent is doing: the title of its current call, or the beginning of its response. */
  z.object({
    type: z.literal("task.progress"),
    task: z.string(),
    activity: z.string(),
    model: z.string(),
    tier: z.enum(tiers).optional(),
    ...taskUsage,
  }),
  z.object({
    type: z.literal("task.ended"),
    task: z.string(),
    outcome,
    failure: failure.optional(),
    model: z.string(),
    tier: z.enum(tiers).optional(),
    ...taskUsage,
  }),
  /**
   * The effect of a hook. `context` is sent to the model; `rewrote` replaces the prompt of a turn (`text`) or the input of a call
   * (`input`); `continued` continues a turn that was about to end. The model sees the other effects where they happened: in the refusal
   * or the output of a call, or in the end of a turn.
   */
  z.object({
    type: z.literal("hook.done"),
    /** The hook event, such as `tool.before`. */
    hook: z.string(),
    effect: z.enum(["context", "rewrote", "blocked", "denied", "asked", "allowed", "feedback", "continued", "failed"]),
    turn: z.string().optional(),
    call: z.string().optional(),
    text: z.string().optional(),
    input: z.unknown().optional(),
  }),
  z.object({
    type: z.literal("notice.shown"),
    level: z.enum(["info", "warning", "error"]),
    text: z.string(),
    /** Milliseconds since 1970: the end of a wait, for a countdown. */
    until: z.number().optional(),
    /** A note that a person added for the project: sent to the model before the next prompt. */
    note: z.string().optional(),
    /** Images, by content hash, that the endpoint of this model refused: they are not sent to it again. */
    refusedImages: z.object({ model: z.string(), blobs: z.array(z.string()) }).optional(),
  }),
  ...togetherEvents,
] as const;

export const sessionEvent = z.discriminatedUnion("type", events);
export const envelope = z.object({
  /** 1, 2, 3… within a session. A gap means a damaged record. */
  seq: z.number().int().positive(),
  /** Milliseconds since 1970, by the server's clock. Events are ordered by `seq`, never by time. */
  at: z.number(),
  by: author,
  event: sessionEvent,
});

export type Author = z.infer<typeof author>;
export type CallKind = z.infer<typeof callKind>;
export type Location = z.infer<typeof location>;
export type Attachment = z.infer<typeof attachment>;
export type PlanItem = z.infer<typeof planItem>;
export type FileChange = z.infer<typeof fileChange>;
export type Usage = z.infer<typeof usage>;
export type Choice = z.infer<typeof choice>;
export type Answer = z.infer<typeof answer>;
export type Settings = z.infer<typeof settings>;
export type TaskOrigin = z.infer<typeof taskOrigin>;
export type Outcome = z.infer<typeof outcome>;
export type CallState = z.infer<typeof callState>;
export type EndedCallState = z.infer<typeof endedCall>;
export type Failure = z.infer<typeof failure>;
export type SessionEvent = z.infer<typeof sessionEvent>;
export type EventOf<T extends SessionEvent["type"]> = Extract<SessionEvent, { type: T }>;
export type Envelope = z.infer<typeof envelope>;
