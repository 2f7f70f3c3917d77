/** The methods about sessions: keeping them, watching them, and what is done in them. */
import { z } from "zod";
import { attachment, envelope } from "./events.ts";
import { ok, part, request, session, view } from "./method.ts";

const effort = z.enum(["none", "low", "medium", "high"]);
const mode = z.enum(["plan", "ask", "edit", "auto"]);

/** What a session runs with, where it differs from the configuration. `allow` and `deny` are permission rules. */
export const settings = z.object({
  model: z.string().optional(),
  effort: effort.optional(),
  mode: mode.optional(),
  allow: z.array(z.string()).optional(),
  ask: z.array(z.string()).optional(),
  deny: z.array(z.string()).optional(),
  /** Model requests in one turn. */
  maxSteps: z.number().int().positive().optional(),
  /** USD in one turn. */
  maxCost: z.number().positive().optional(),
  /** JSON Schema that the answer should fit; the caller checks it. */
  answerSchema: z.record(z.string(), z.unknown()).optional(),
});

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
});

export const sessionRequests = {
  sessionCreate: request(
    "session/create",
    "owner",
    "Makes a session in a folder.",
    z.object({ cwd: z.string(), ephemeral: z.boolean().optional(), title: z.string().optional() }),
    z.object({ session }),
    ["storage"],
  ),
  sessionOpen: request(
    "session/open",
    "driver",
    "Takes up a session that is on disk; what a crash left open is ended as interrupted.",
    z.object({ session }),
    z.object({ session }),
    ["notFound", "busy", "storage"],
  ),
  sessionClose: request(
    "session/close",
    "owner",
    "Cancels what runs in a session and lets go of it.",
    z.object({ session }),
    ok,
    ["storage"],
  ),
  sessionList: request(
    "session/list",
    "viewer",
    "Sessions, newest first. `cursor` is that of the page before; `cwd` keeps to one folder.",
    z.object({
      cwd: z.string().optional(),
      archived: z.boolean().optional(),
      limit: z.number().int().positive().max(1000).optional(),
      cursor: z.string().optional(),
    }),
    z.object({ sessions: z.array(summary), cursor: z.string().optional() }),
  ),
  sessionSearch: request(
    "session/search",
    "viewer",
    "Full-text search in what people and models said, and in the titles of calls.",
    z.object({ text: z.string(), limit: z.number().int().positive().max(200).optional() }),
    z.object({
      hits: z.array(z.object({ session, title: z.string(), excerpt: z.string(), part: z.string(), at: z.number() })),
    }),
  ),
  sessionFork: request(
    "session/fork",
    "owner",
    "A new session with the past of another, up to and with `seq`.",
    z.object({ session, seq: z.number().optional() }),
    z.object({ session }),
    ["notFound", "storage"],
  ),
  sessionImport: request(
    "session/import",
    "owner",
    "A new session with these envelopes as its past, as `session/read` gave them.",
    z.object({ envelopes: z.array(envelope).min(1) }),
    z.object({ session }),
    ["storage"],
  ),
  sessionRename: request(
    "session/rename",
    "driver",
    "Gives a session a title.",
    z.object({ session, title: z.string() }),
    ok,
    ["notFound", "busy", "storage"],
  ),
  sessionArchive: request(
    "session/archive",
    "driver",
    "Takes a session out of the list, or back into it.",
    z.object({ session, archived: z.boolean().optional() }),
    ok,
    ["notFound", "busy", "storage"],
  ),
  sessionDelete: request(
    "session/delete",
    "owner",
    "Deletes a session and all that it kept.",
    z.object({ session }),
    ok,
    ["notFound", "busy"],
  ),
  sessionWatch: request(
    "session/watch",
    "viewer",
    "The view as of `view.seq`; from there on each event comes as `session/event`, in order, none twice, none missing. With `parts` the view holds only the last so many, and those that may still change; `view.earlier` says how many stand before.",
    z.object({ session, parts: z.number().int().positive().optional() }),
    z.object({ view }),
    ["notFound", "busy", "storage"],
  ),
  sessionUnwatch: request(
    "session/unwatch",
    "viewer",
    "Ends the events of `session/watch`.",
    z.object({ session }),
    ok,
  ),
  sessionParts: request(
    "session/parts",
    "viewer",
    "Parts of the view before the part `before`, oldest first; `earlier` says how many stand before these.",
    z.object({ session, before: z.string(), limit: z.number().int().positive().max(1000).optional() }),
    z.object({ parts: z.array(part), earlier: z.number().int().nonnegative() }),
    ["notFound"],
  ),
  sessionFind: request(
    "session/find",
    "viewer",
    "Parts of the view that hold a text, in any case, the newest last; of too many, the newest. `index` counts from 0 in the whole view.",
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
    "Envelopes before `before` (or the last ones), oldest first.",
    z.object({ session, before: z.number().optional(), limit: z.number().int().positive().max(10_000).optional() }),
    z.object({ envelopes: z.array(envelope), more: z.boolean() }),
    ["notFound"],
  ),
  sessionBlob: request(
    "session/blob",
    "viewer",
    "Bytes that a session keeps beside its log, by content hash, in base64; null where there are none.",
    z.object({ session, blob: z.string() }),
    z.object({ data: z.string().nullable() }),
    ["notFound"],
  ),
  sessionAttach: request(
    "session/attach",
    "driver",
    "Keeps bytes (base64) beside a session's log, to be named in an attachment.",
    z.object({ session, data: z.string() }),
    z.object({ blob: z.string() }),
    ["notFound", "storage"],
  ),
  turnPrompt: request(
    "turn/prompt",
    "driver",
    "Starts a turn, or waits in the queue (100 at most) behind the one that runs; `turn` is absent then. On disk when acknowledged.",
    z.object({ session, text: z.string(), attachments: z.array(attachment).optional(), settings: settings.optional() }),
    z.object({ prompt: z.string(), turn: z.string().optional() }),
    ["notFound", "busy", "storage"],
  ),
  turnSteer: request(
    "turn/steer",
    "driver",
    "Tells the running turn something at its next step. Refused with the turn that runs (`data.turn`) when it is not this one.",
    z.object({ session, turn: z.string(), text: z.string() }),
    z.object({ prompt: z.string() }),
    ["notFound", "conflict", "busy", "storage"],
  ),
  shellRun: request(
    "shell/run",
    "driver",
    "Runs a command line of the person's own in the session's folder, as a turn by the agent `shell`: without asking, though not against a deny rule. Refused while a turn runs. The model learns of it with the next prompt.",
    z.object({ session, command: z.string().min(1) }),
    z.object({ turn: z.string() }),
    ["notFound", "conflict", "storage"],
  ),
  noteAdd: request(
    "note/add",
    "owner",
    "Adds a note to the AGENTS.md of the session's folder, which new sessions are told; this one learns it with the next prompt.",
    z.object({ session, text: z.string().min(1) }),
    z.object({ path: z.string() }),
    ["notFound", "storage"],
  ),
  turnCancel: request(
    "turn/cancel",
    "driver",
    "Stops the running turn; resolves when it has ended.",
    z.object({ session }),
    ok,
  ),
  queueEdit: request(
    "queue/edit",
    "driver",
    "Changes a queued prompt.",
    z.object({ session, prompt: z.string(), text: z.string() }),
    ok,
    ["notFound", "storage"],
  ),
  queueMove: request(
    "queue/move",
    "driver",
    "Moves a queued prompt to a place, 0 being next.",
    z.object({ session, prompt: z.string(), to: z.number().int().nonnegative() }),
    ok,
    ["notFound", "storage"],
  ),
  queueDrop: request(
    "queue/drop",
    "driver",
    "Takes a prompt out of the queue.",
    z.object({ session, prompt: z.string() }),
    ok,
    ["notFound", "storage"],
  ),
  questionAnswer: request(
    "question/answer",
    "approver",
    "Answers a question: `yes`, `no`, `always`, the id of a choice, or a text where that is allowed. `digest` is the question's own. The first answer counts; a late one is told who gave it.",
    z.object({ session, question: z.string(), digest: z.string(), answer: z.string() }),
    ok,
    ["notFound", "conflict", "storage"],
  ),
} as const;
