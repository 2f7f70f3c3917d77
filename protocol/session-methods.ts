/** Methods about sessions: managing, watching and reading them, and everything that happens in them. */
import { z } from "zod";
import { contextReport } from "./context-report.ts";
import { answer, attachment, envelope, settings, taskOrigin } from "./events.ts";
import { ok, partSchema, request, session, viewSchema } from "./method.ts";
import { efforts, modes, tiers } from "./settings.ts";

/** As in an event, but null stands for the configured default: without it, a prompt continues with what the session uses. */
const promptSettings = settings.extend({
  agent: z.string().nullable().optional(),
  model: z.string().nullable().optional(),
  tier: z.enum(tiers).nullable().optional(),
  effort: z.enum(efforts).nullable().optional(),
  mode: z.enum(modes).nullable().optional(),
});
export type PromptSettings = z.infer<typeof promptSettings>;

/** One line of a session list. Times in milliseconds since 1970. */
export const summary = z.object({
  id: session,
  title: z.string(),
  cwd: z.string(),
  openedAt: z.number(),
  updatedAt: z.number(),
  turns: z.number(),
  model: z.string(),
  archived: z.boolean(),
  running: z.boolean(),
  /** Set for the session of a subagent. */
  task: taskOrigin.optional(),
});

/** The worktree of a deleted session that is still there, and why. */
const keptWorktree = z.object({ path: z.string(), reason: z.string() });
export type KeptWorktree = z.infer<typeof keptWorktree>;

export const sessionRequests = {
  sessionCreate: request(
    "session/create",
    "owner",
    "Creates a session in a folder. An `ephemeral` session is not stored.",
    z.object({ cwd: z.string(), ephemeral: z.boolean().optional(), title: z.string().optional() }),
    z.object({ session }),
    ["storage"],
  ),
  sessionOpen: request(
    "session/open",
    "driver",
    "Opens a stored session. Anything that a crash left unfinished ends as `interrupted`. If the session's folder no longer exists, it continues in `cwd`, an absolute path. Returns the folder in which it continues.",
    z.object({ session, cwd: z.string().optional() }),
    z.object({ session, cwd: z.string() }),
    ["notFound", "busy", "storage"],
  ),
  sessionClose: request(
    "session/close",
    "owner",
    "Cancels the running turn and closes the session.",
    z.object({ session }),
    ok,
    ["storage"],
  ),
  sessionList: request(
    "session/list",
    "viewer",
    "Sessions, newest first. `cursor` is from the previous page; `cwd` limits the list to one folder, `idPrefix` to ids that start with it. `tasks` includes the sessions of subagents. With `running`, only sessions of this server in which a turn runs, on one page, always with those of subagents.",
    z.object({
      cwd: z.string().optional(),
      archived: z.boolean().optional(),
      limit: z.number().int().positive().max(1000).optional(),
      cursor: z.string().optional(),
      idPrefix: z.string().optional(),
      tasks: z.boolean().optional(),
      running: z.boolean().optional(),
    }),
    z.object({ sessions: z.array(summary), cursor: z.string().optional() }),
  ),
  sessionSearch: request(
    "session/search",
    "viewer",
    "Full-text search in titles of sessions, prompts, responses and the titles of calls. A hit without `part` is in the title of the session; a title that comes from the first prompt is found there.",
    z.object({ text: z.string(), limit: z.number().int().positive().max(200).optional() }),
    z.object({
      hits: z.array(
        z.object({ session, title: z.string(), excerpt: z.string(), part: z.string().optional(), at: z.number() }),
      ),
    }),
  ),
  sessionFork: request(
    "session/fork",
    "owner",
    "Creates a session from the history of another one, up to and including `seq`.",
    z.object({ session, seq: z.number().optional() }),
    z.object({ session }),
    ["notFound", "storage"],
  ),
  sessionImport: request(
    "session/import",
    "owner",
    "Creates a session with these envelopes as its history, as returned by `session/read`.",
    z.object({ envelopes: z.array(envelope).min(1) }),
    z.object({ session }),
    ["storage"],
  ),
  sessionRename: request(
    "session/rename",
    "driver",
    "Sets the title of a session.",
    z.object({ session, title: z.string() }),
    ok,
    ["notFound", "busy", "storage"],
  ),
  sessionArchive: request(
    "session/archive",
    "driver",
    "Archives a session, which hides it from the list, or restores it.",
    z.object({ session, archived: z.boolean().optional() }),
    ok,
    ["notFound", "busy", "storage"],
  ),
  sessionDelete: request(
    "session/delete",
    "owner",
    "Deletes a session and everything stored with it, and the worktrees of its subagents, except those with changes that are not merged.",
    z.object({ session }),
    z.object({ keptWorktrees: z.array(keptWorktree) }),
    ["notFound", "busy"],
  ),
  sessionWatch: request(
    "session/watch",
    "viewer",
    "Returns the view as of `view.seq`; every later event arrives as `session/event`, in order, exactly once. With `parts`, the view holds only that many parts from the end, and more if earlier ones may still change; `view.earlier` is the number of parts left out.",
    z.object({ session, parts: z.number().int().positive().optional() }),
    z.object({ view: viewSchema }),
    ["notFound", "busy", "storage"],
  ),
  sessionUnwatch: request(
    "session/unwatch",
    "viewer",
    "Stops the events of `session/watch`.",
    z.object({ session }),
    ok,
  ),
  sessionParts: request(
    "session/parts",
    "viewer",
    "Parts of the view before the part `before`, oldest first; `earlier` is the number of parts before these.",
    z.object({ session, before: z.string(), limit: z.number().int().positive().max(1000).optional() }),
    z.object({ parts: z.array(partSchema), earlier: z.number().int().nonnegative() }),
    ["notFound"],
  ),
  sessionFind: request(
    "session/find",
    "viewer",
    "Parts of the view that contain a text, ignoring case, oldest first; with too many matches, the newest ones. `index` counts from 0 in the whole view.",
    z.object({
      session,
      text: z.string().min(1).max(1000),
      limit: z.number().int().positive().max(10_000).optional(),
    }),
    z.object({
      parts: z.array(z.object({ id: z.string(), index: z.number().int().nonnegative() })),
      more: z.boolean(),
    }),
    ["notFound"],
  ),
  sessionRead: request(
    "session/read",
    "viewer",
    "Envelopes before `before`, or the last ones, oldest first.",
    z.object({ session, before: z.number().optional(), limit: z.number().int().positive().max(10_000).optional() }),
    z.object({ envelopes: z.array(envelope), more: z.boolean() }),
    ["notFound"],
  ),
  sessionBlob: request(
    "session/blob",
    "viewer",
    "Bytes stored with a session, by content hash, as base64; null where there are none.",
    z.object({ session, blob: z.string() }),
    z.object({ data: z.string().nullable() }),
    ["notFound"],
  ),
  sessionAttach: request(
    "session/attach",
    "driver",
    "Stores bytes (base64) with a session, to be named in an attachment.",
    z.object({ session, data: z.string() }),
    z.object({ blob: z.string() }),
    ["notFound", "storage"],
  ),
  turnPrompt: request(
    "turn/prompt",
    "driver",
    "Starts a turn, or queues the prompt (100 at most) if a turn is running; `turn` is absent then. `model`, `effort` and `mode` apply to later prompts, too, until another prompt sets them; null resets one to the configured default. On disk when acknowledged.",
    z.object({
      session,
      text: z.string(),
      attachments: z.array(attachment).optional(),
      settings: promptSettings.optional(),
    }),
    z.object({ prompt: z.string(), turn: z.string().optional() }),
    ["notFound", "busy", "storage"],
  ),
  turnSteer: request(
    "turn/steer",
    "driver",
    "Adds a message to the running turn, sent to the model at its next step. Refused where another turn is running (`data.turn`).",
    z.object({ session, turn: z.string(), text: z.string() }),
    z.object({ prompt: z.string() }),
    ["notFound", "conflict", "busy", "storage"],
  ),
  shellRun: request(
    "shell/run",
    "driver",
    "Runs a command of the user in the session's folder, as a turn of the agent `shell`: without approval, but deny rules apply. Refused while a turn is running. The model sees command and output with the next prompt.",
    z.object({ session, command: z.string().min(1) }),
    z.object({ turn: z.string() }),
    ["notFound", "conflict", "storage"],
  ),
  sessionCompact: request(
    "session/compact",
    "driver",
    "Replaces the older part of the history with a summary, as a turn of the agent `compact` without a prompt. `focus` is what the summary covers in particular. Refused while a turn is running. `history.compacted` reports the result; a notice or the failure of the turn says why there is none.",
    z.object({ session, focus: z.string().max(2000).optional() }),
    z.object({ turn: z.string() }),
    ["notFound", "conflict", "storage"],
  ),
  sessionContext: request(
    "session/context",
    "viewer",
    "What fills the context of the next request: system prompt, instruction files, tools and messages by kind, estimated in tokens.",
    z.object({ session }),
    contextReport,
    ["notFound"],
  ),
  noteAdd: request(
    "note/add",
    "owner",
    "Adds a note to the AGENTS.md of the session's folder. New sessions load it; this session's model sees it with the next prompt.",
    z.object({ session, text: z.string().min(1) }),
    z.object({ path: z.string() }),
    ["notFound", "storage"],
  ),
  turnCancel: request(
    "turn/cancel",
    "driver",
    "Cancels the running turn; answered when it has ended.",
    z.object({ session }),
    ok,
  ),
  queueEdit: request(
    "queue/edit",
    "driver",
    "Changes the text of a queued prompt.",
    z.object({ session, prompt: z.string(), text: z.string() }),
    ok,
    ["notFound", "storage"],
  ),
  queueMove: request(
    "queue/move",
    "driver",
    "Moves a queued prompt to a position; 0 is next.",
    z.object({ session, prompt: z.string(), to: z.number().int().nonnegative() }),
    ok,
    ["notFound", "storage"],
  ),
  queueDrop: request(
    "queue/drop",
    "driver",
    "Removes a queued prompt.",
    z.object({ session, prompt: z.string() }),
    ok,
    ["notFound", "storage"],
  ),
  queueResume: request(
    "queue/resume",
    "driver",
    "Sends the queued prompts of a session whose queue is paused because a turn was cancelled.",
    z.object({ session }),
    ok,
    ["notFound", "storage"],
  ),
  questionAnswer: request(
    "question/answer",
    "approver",
    "Answers a question with the id of one of its choices, or with a text if `freeText` allows it. An approval has the choices `yes`, `no`, and sometimes `session` and `always`, which can carry an edited `rule`. `digest` is the question's digest. The first answer counts; a later one is rejected with the name of the participant who answered (`data.by`).",
    z.object({ session, question: z.string(), digest: z.string(), answer }),
    ok,
    ["notFound", "conflict", "storage"],
  ),
} as const;
