/**
 * What happens in a session, as one closed union. A session is an append-only log of these; everything else is a fold of it.
 *
 * Facts are kept and enough on their own. Deltas (`*.delta`, `call.output`) are only for the eye: the event that ends a part
 * repeats the whole of it. Readers skip types that they do not know.
 */
import { z } from "zod";

/** Who caused an event. `id` is stable for a person or plugin; `name` is for people to read. */
export const author = z.object({
  kind: z.enum(["person", "agent", "plugin", "server"]),
  id: z.string(),
  name: z.string(),
});

/** What the model and the screens need to know about a call, whatever tool made it. Screens draw by kind and title. */
export const callKind = z.enum(["read", "edit", "execute", "search", "fetch", "think", "ask", "task", "other"]);

/** A place in a file; `line` counts from 1. Paths are absolute. */
export const location = z.object({ path: z.string(), line: z.number().int().positive().optional() });

/** A file or image that came with a prompt. `text` is inlined for the model; `blob` is the content hash of bytes kept beside the log. */
export const attachment = z.object({
  name: z.string(),
  mediaType: z.string(),
  text: z.string().optional(),
  blob: z.string().optional(),
});

/** Opaque JSON that must go back to the model that made it, unmodified (thought signatures, encrypted reasoning). */
const replay = z.record(z.string(), z.unknown());

const step = { turn: z.string(), step: z.number().int().positive() };
const attempt = z.number().int().positive().optional();

export const planItem = z.object({ text: z.string(), state: z.enum(["pending", "active", "done", "dropped"]) });

/** One file as it was changed: hashes are SHA-256 in hex, null where there was or is no file; lines are counted by a line diff. */
export const fileChange = z.object({
  path: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
});

/** Tokens of one model request. `input` includes `cached`, `output` includes `reasoning`. `cost` in USD; null means unpriced. */
export const usage = z.object({
  input: z.number().nonnegative(),
  cached: z.number().nonnegative(),
  output: z.number().nonnegative(),
  reasoning: z.number().nonnegative(),
  cost: z.number().nonnegative().nullable(),
  estimated: z.boolean(),
});

export const choice = z.object({ id: z.string(), label: z.string() });

export const outcome = z.enum(["done", "cancelled", "failed", "interrupted", "limit"]);
export const callState = z.enum(["asked", "running", "done", "failed", "refused", "interrupted"]);
const endedCall = callState.extract(["done", "failed", "refused", "interrupted"]);

/** Why a turn did not end well: `code` is a name of protocol/errors.ts, `message` one sentence that says what to do. */
export const failure = z.object({ code: z.string(), message: z.string(), retryAt: z.number().optional() });

const events = [
  z.object({
    type: z.literal("session.opened"),
    session: z.string(),
    cwd: z.string(),
    version: z.string(),
    parent: z.object({ session: z.string(), seq: z.number() }).optional(),
  }),
  z.object({ type: z.literal("session.titled"), title: z.string() }),
  z.object({ type: z.literal("session.archived"), archived: z.boolean() }),
  /** What the model is told before anything else. Kept, so that a resumed session sends the same bytes. */
  z.object({
    type: z.literal("instructions.loaded"),
    text: z.string(),
    size: z.enum(["small", "medium", "large"]),
    sources: z.array(z.object({ path: z.string(), hash: z.string() })),
  }),
  z.object({
    type: z.literal("prompt.queued"),
    prompt: z.string(),
    text: z.string(),
    attachments: z.array(attachment),
    /** Meant for the turn that runs: told to the model at its next step, or a prompt of its own if the turn ends first. */
    steers: z.string().optional(),
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
  }),
  z.object({ type: z.literal("turn.steered"), turn: z.string(), prompt: z.string(), text: z.string() }),
  z.object({ type: z.literal("turn.ended"), turn: z.string(), outcome, failure: failure.optional() }),
  /** Which model a turn runs on from here, and why. `model` is `provider/model`; sizes in tokens. */
  z.object({
    type: z.literal("model.routed"),
    turn: z.string(),
    model: z.string(),
    why: z.string(),
    context: z.number().nullable(),
    /** Names of the tools it is given. */
    tools: z.array(z.string()),
    effort: z.string().optional(),
  }),
  z.object({ type: z.literal("text.delta"), ...step, part: z.string(), text: z.string() }),
  /**
   * `cut` marks a text that the provider broke off: kept for people, not told to the model again. `attempt` counts from 1 how often
   * this step was asked: what an earlier attempt said does not count.
   */
  z.object({
    type: z.literal("text.done"),
    ...step,
    part: z.string(),
    text: z.string(),
    cut: z.boolean().optional(),
    attempt,
  }),
  z.object({ type: z.literal("reasoning.delta"), ...step, part: z.string(), text: z.string() }),
  z.object({
    type: z.literal("reasoning.done"),
    ...step,
    part: z.string(),
    text: z.string(),
    cut: z.boolean().optional(),
    attempt,
    replay: replay.optional(),
  }),
  /** The model asked for a tool. `input` is what will run; where the arguments could not be read, `raw` has them and `input` is null. */
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
    replay: replay.optional(),
  }),
  z.object({ type: z.literal("call.started"), call: z.string() }),
  z.object({ type: z.literal("call.output"), call: z.string(), text: z.string() }),
  /** `output` is what the model is told (capped); `blob` is the content hash of the whole, kept beside the log. */
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
  /** Something that a person must decide. `digest` is the SHA-256 of exactly what is shown; an answer must repeat it. */
  z.object({
    type: z.literal("question.asked"),
    question: z.string(),
    kind: z.enum(["permission", "choice"]),
    call: z.string().optional(),
    title: z.string(),
    detail: z.string(),
    choices: z.array(choice),
    freeText: z.boolean(),
    always: z.string().optional(),
    digest: z.string(),
  }),
  z.object({
    type: z.literal("question.answered"),
    question: z.string(),
    answer: z.string(),
    remember: z.boolean().optional(),
  }),
  z.object({ type: z.literal("question.expired"), question: z.string(), reason: z.string() }),
  z.object({ type: z.literal("plan.updated"), items: z.array(planItem) }),
  /** `undo`: a person put back what agents did, wholly or in part. */
  z.object({
    type: z.literal("file.changed"),
    call: z.string().optional(),
    change: fileChange,
    undo: z.boolean().optional(),
  }),
  /** A person has looked through what agents did to a file: it is compared with the content of this hash from here on. */
  z.object({ type: z.literal("edits.kept"), path: z.string(), base: z.string().nullable() }),
  z.object({ type: z.literal("usage.counted"), ...step, model: z.string(), usage }),
  /** The history up to and with `seq` is replaced by `summary` in what the model is told; people still see all of it. */
  z.object({
    type: z.literal("history.compacted"),
    turn: z.string().optional(),
    upTo: z.number(),
    summary: z.string(),
    reason: z.string(),
  }),
  /**
   * What a hook did, by whoever did it. `context` is told to the model; `rewrote` replaces the prompt of a turn (`text`) or the input of a
   * call (`input`); `continued` goes on with a turn that wanted to end. The others are told where they had their effect: in the refusal
   * or the output of a call, or in the end of a turn.
   */
  z.object({
    type: z.literal("hook.done"),
    /** The event that it was called for, such as `tool.before`. */
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
    /** Milliseconds since 1970: what is waited for, for a countdown. */
    until: z.number().optional(),
    /** What a person noted for the project: told to the model before the next prompt. */
    note: z.string().optional(),
  }),
] as const;

export const sessionEvent = z.discriminatedUnion("type", events);
export const envelope = z.object({
  /** 1, 2, 3… within a session. A gap is a damaged record. */
  seq: z.number().int().positive(),
  /** Milliseconds since 1970, by the clock of the server. Order is by `seq`, never by time. */
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
export type Outcome = z.infer<typeof outcome>;
export type CallState = z.infer<typeof callState>;
export type EndedCallState = z.infer<typeof endedCall>;
export type Failure = z.infer<typeof failure>;
export type SessionEvent = z.infer<typeof sessionEvent>;
export type EventOf<T extends SessionEvent["type"]> = Extract<SessionEvent, { type: T }>;
export type Envelope = z.infer<typeof envelope>;
