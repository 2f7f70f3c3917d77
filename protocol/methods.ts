/**
 * Every request and notification, as typed constants that both ends use: name, shapes, the least role that may call it, one line of
 * documentation. Paths are absolute. Commands are acknowledged; what becomes of them arrives as `session/event`.
 */
import { NotificationType, RequestType } from "vscode-jsonrpc";
import { z } from "zod";
import { attachment, type author, envelope } from "./events.ts";

/** From least to most. Each may do what those before it may. */
export const roles = ["viewer", "commenter", "driver", "approver", "owner"] as const;
export type Role = (typeof roles)[number];

const session = z.string();
const ok = z.object({});
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
export type Settings = z.infer<typeof settings>;

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
export type Summary = z.infer<typeof summary>;

/** The shape of `SessionView` in view.ts; checked by the compiler there, and passed through here. */
const view = z.custom<import("./view.ts").SessionView>((value) => typeof value === "object" && value !== null);

function request<N extends string, P extends z.ZodType, R extends z.ZodType>(
  name: N,
  role: Role,
  doc: string,
  params: P,
  result: R,
) {
  return { name, role, doc, params, result, type: new RequestType<z.infer<P>, z.infer<R>, void>(name) };
}

export const requests = {
  initialize: request(
    "initialize",
    "viewer",
    "Says who connects, once, before anything else. The version is that of this protocol; an unknown one is refused.",
    z.object({
      protocol: z.literal(1),
      client: z.object({ name: z.string(), version: z.string() }),
      /** True where a person is there who can be asked. */
      answers: z.boolean().optional(),
    }),
    z.object({
      protocol: z.literal(1),
      server: z.object({ name: z.string(), version: z.string() }),
      role: z.enum(roles),
    }),
  ),
  sessionCreate: request(
    "session/create",
    "owner",
    "Makes a session in a folder.",
    z.object({ cwd: z.string(), ephemeral: z.boolean().optional(), title: z.string().optional() }),
    z.object({ session }),
  ),
  sessionOpen: request(
    "session/open",
    "driver",
    "Takes up a session that is on disk; what a crash left open is ended as interrupted.",
    z.object({ session }),
    z.object({ session }),
  ),
  sessionClose: request(
    "session/close",
    "owner",
    "Cancels what runs in a session and lets go of it.",
    z.object({ session }),
    ok,
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
  ),
  sessionImport: request(
    "session/import",
    "owner",
    "A new session with these envelopes as its past, as `session/read` gave them.",
    z.object({ envelopes: z.array(envelope).min(1) }),
    z.object({ session }),
  ),
  sessionRename: request(
    "session/rename",
    "driver",
    "Gives a session a title.",
    z.object({ session, title: z.string() }),
    ok,
  ),
  sessionArchive: request(
    "session/archive",
    "driver",
    "Takes a session out of the list, or back into it.",
    z.object({ session, archived: z.boolean().optional() }),
    ok,
  ),
  sessionDelete: request(
    "session/delete",
    "owner",
    "Deletes a session and all that it kept.",
    z.object({ session }),
    ok,
  ),
  sessionWatch: request(
    "session/watch",
    "viewer",
    "The view as of `view.seq`; from there on each event comes as `session/event`, in order, none twice, none missing.",
    z.object({ session }),
    z.object({ view }),
  ),
  sessionUnwatch: request(
    "session/unwatch",
    "viewer",
    "Ends the events of `session/watch`.",
    z.object({ session }),
    ok,
  ),
  sessionRead: request(
    "session/read",
    "viewer",
    "Envelopes before `before` (or the last ones), oldest first.",
    z.object({ session, before: z.number().optional(), limit: z.number().int().positive().max(10_000).optional() }),
    z.object({ envelopes: z.array(envelope), more: z.boolean() }),
  ),
  sessionBlob: request(
    "session/blob",
    "viewer",
    "Bytes that a session keeps beside its log, by content hash, in base64; null where there are none.",
    z.object({ session, blob: z.string() }),
    z.object({ data: z.string().nullable() }),
  ),
  sessionAttach: request(
    "session/attach",
    "driver",
    "Keeps bytes (base64) beside a session's log, to be named in an attachment.",
    z.object({ session, data: z.string() }),
    z.object({ blob: z.string() }),
  ),
  turnPrompt: request(
    "turn/prompt",
    "driver",
    "Starts a turn, or waits in the queue (100 at most) behind the one that runs; `turn` is absent then. On disk when acknowledged.",
    z.object({ session, text: z.string(), attachments: z.array(attachment).optional(), settings: settings.optional() }),
    z.object({ prompt: z.string(), turn: z.string().optional() }),
  ),
  turnSteer: request(
    "turn/steer",
    "driver",
    "Tells the running turn something at its next step. Refused with the turn that runs (`data.turn`) when it is not this one.",
    z.object({ session, turn: z.string(), text: z.string() }),
    z.object({ prompt: z.string() }),
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
  ),
  queueMove: request(
    "queue/move",
    "driver",
    "Moves a queued prompt to a place, 0 being next.",
    z.object({ session, prompt: z.string(), to: z.number().int().nonnegative() }),
    ok,
  ),
  queueDrop: request(
    "queue/drop",
    "driver",
    "Takes a prompt out of the queue.",
    z.object({ session, prompt: z.string() }),
    ok,
  ),
  questionAnswer: request(
    "question/answer",
    "approver",
    "Answers a question: `yes`, `no`, `always`, the id of a choice, or a text where that is allowed. `digest` is the question's own. The first answer counts; a late one is told who gave it.",
    z.object({ session, question: z.string(), digest: z.string(), answer: z.string() }),
    ok,
  ),
  modelList: request(
    "model/list",
    "viewer",
    "Models of the catalog and the configuration. Sizes in tokens, prices in USD per million tokens.",
    z.object({ provider: z.string().optional() }),
    z.object({
      models: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          context: z.number().nullable(),
          output: z.number().nullable(),
          price: z.object({ input: z.number(), output: z.number() }).nullable(),
          tools: z.boolean(),
          vision: z.boolean(),
          reasoning: z.boolean(),
          ready: z.boolean(),
        }),
      ),
    }),
  ),
  modelDiscover: request(
    "model/discover",
    "viewer",
    "Asks the usual local addresses (500 ms, in parallel) which models they serve, and how much context they really have.",
    z.object({}),
    z.object({
      endpoints: z.array(
        z.object({
          provider: z.string(),
          baseUrl: z.string(),
          models: z.array(z.object({ id: z.string(), context: z.number().nullable(), warning: z.string().optional() })),
        }),
      ),
    }),
  ),
  modelRefresh: request(
    "model/refresh",
    "owner",
    "Fetches the catalog from the address in the configuration (`catalog.url`).",
    z.object({}),
    z.object({ providers: z.number(), models: z.number() }),
  ),
  providerList: request(
    "provider/list",
    "viewer",
    "Endpoints of the catalog and the configuration; `key` says where a key was found, never what it is.",
    z.object({}),
    z.object({
      providers: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          baseUrl: z.string(),
          key: z.enum(["environment", "keychain", "file", "configuration", "none", "not needed"]),
          keyNames: z.array(z.string()),
          models: z.number(),
          note: z.string().optional(),
        }),
      ),
    }),
  ),
  providerTest: request(
    "provider/test",
    "owner",
    "Tries an endpoint with a few tiny requests and says what works.",
    z.object({ provider: z.string(), model: z.string().optional() }),
    z.object({
      model: z.string(),
      checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "failed", "unknown"]), detail: z.string() })),
    }),
  ),
  providerLogin: request(
    "provider/login",
    "owner",
    "Stores a key in the system's keychain, or in a file that only its owner can read.",
    z.object({ provider: z.string(), key: z.string() }),
    z.object({ stored: z.enum(["keychain", "file"]), path: z.string().optional() }),
  ),
  providerLogout: request(
    "provider/logout",
    "owner",
    "Forgets a stored key.",
    z.object({ provider: z.string() }),
    z.object({ forgotten: z.boolean() }),
  ),
  configRead: request(
    "config/get",
    "driver",
    "Values in effect (keys are masked) and where each came from; with `key` that one and what is below it.",
    z.object({ cwd: z.string(), key: z.string().optional() }),
    z.object({
      values: z.array(z.object({ key: z.string(), value: z.unknown(), source: z.string() })),
      warnings: z.array(z.string()),
      path: z.string(),
    }),
  ),
  configWrite: request(
    "config/set",
    "owner",
    "Sets a value in the user's file, or takes it out where `text` is absent. The text is JSON where it can be read so. Comments in the file survive.",
    z.object({ key: z.string(), text: z.string().optional() }),
    z.object({ path: z.string() }),
  ),
  configSchema: request(
    "config/schema",
    "viewer",
    "JSON Schema of the configuration.",
    z.object({}),
    z.object({ schema: z.unknown() }),
  ),
  permissionCheck: request(
    "permission/check",
    "viewer",
    "What a set of rules would say of a command line; nothing is run.",
    z.object({ rules: z.unknown(), cwd: z.string(), command: z.string() }),
    z.object({
      decision: z.enum(["allow", "ask", "deny"]),
      reason: z.string(),
      parts: z.array(
        z.object({ command: z.string(), decision: z.enum(["allow", "ask", "deny"]), rule: z.string().nullable() }),
      ),
    }),
  ),
  permissionList: request(
    "permission/list",
    "approver",
    "The rules that people chose to keep when they were asked, by workspace.",
    z.object({}),
    z.object({ rules: z.array(z.object({ cwd: z.string(), rule: z.string() })) }),
  ),
  permissionForget: request(
    "permission/forget",
    "owner",
    "Takes back a kept rule of a workspace; all of them where `rule` is absent.",
    z.object({ cwd: z.string(), rule: z.string().optional() }),
    z.object({ forgotten: z.number().int().nonnegative() }),
  ),
  serverDoctor: request(
    "server/doctor",
    "owner",
    "Looks at what Tutti needs from the machine, and says what to do about what is missing.",
    z.object({ cwd: z.string() }),
    z.object({
      checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "warning", "failed"]), detail: z.string() })),
    }),
  ),
  serverStatus: request(
    "server/status",
    "viewer",
    "What the server is doing.",
    z.object({}),
    z.object({
      version: z.string(),
      pid: z.number(),
      startedAt: z.number(),
      clients: z.number(),
      sessions: z.array(z.object({ session, running: z.boolean(), watchers: z.number() })),
    }),
  ),
  serverStop: request("server/stop", "owner", "Ends turns and sessions cleanly, then the server.", z.object({}), ok),
} as const;

export const notifications = {
  sessionEvent: {
    doc: "One event of a watched session.",
    params: z.object({ session, envelope }),
    type: new NotificationType<{ session: string; envelope: z.infer<typeof envelope> }>("session/event"),
  },
  sessionSnapshot: {
    doc: "Sent to a watcher that fell 1 MiB behind, instead of what it missed: the view, whole. Events go on from `view.seq + 1`.",
    params: z.object({ session, view }),
    type: new NotificationType<{ session: string; view: import("./view.ts").SessionView }>("session/snapshot"),
  },
} as const;

export type Requests = typeof requests;
export type RequestName = keyof Requests;
export type ParamsOf<K extends RequestName> = z.infer<Requests[K]["params"]>;
export type ResultOf<K extends RequestName> = z.infer<Requests[K]["result"]>;

/** Who calls: what they may do, and the name that stands on what they do. */
export interface Caller {
  author: z.infer<typeof author>;
  role: Role;
  /** True where this caller can be asked questions. */
  answers: boolean;
}

/** A method without a handler does not compile. `initialize`, watching and the like belong to a connection, not to the core. */
export type ConnectionMethod = "initialize" | "sessionWatch" | "sessionUnwatch" | "serverStop";
export type Handlers = {
  [K in Exclude<RequestName, ConnectionMethod>]: (params: ParamsOf<K>, who: Caller) => Promise<ResultOf<K>>;
};
