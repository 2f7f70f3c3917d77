/**
 * What a plugin may use in addition to plain MCP: its declaration, hooks, contributions, and requests to Tutti. Everything travels as
 * MCP requests over the plugin's own connection; in another host the plugin is a plain MCP server. docs/plugin-reference.md is
 * generated from these tables.
 */
import { z } from "zod";
import { decisions, efforts } from "./settings.ts";

/** The key under `capabilities.experimental`, or under `capabilities.extensions`. */
export const PLUGIN_KEY = "dev.tutti/plugin";

// ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const where = {
  /** Id of the session. */
  session: z.string(),
  /** The folder that the session works in, absolute. */
  cwd: z.string(),
};
const inTurn = { ...where, turn: z.string() };
const ofCall = {
  ...inTurn,
  call: z.string(),
  /** The tool's name, as the model calls it: `bash`, `edit`, `github__create_issue`. */
  tool: z.string(),
  /** `read`, `edit`, `execute`, `search`, `fetch`, `think`, `ask`, `task` or `other`. */
  kind: z.string(),
};
const none = z.object({});
const context = z.string().optional();
const usage = z.object({
  input: z.number(),
  cached: z.number(),
  output: z.number(),
  reasoning: z.number(),
  /** USD; null where the model has no price. */
  cost: z.number().nullable(),
});

interface HookShape {
  doc: string;
  payload: z.ZodObject;
  answer: z.ZodObject;
}

/** Each event with its payload and the answer that a plugin may give. An empty answer has no effect. */
export const hookEvents = {
  "session.started": {
    doc: "A session has its first turn in this server. `context` is sent to the model before the prompt. Called again with the reason `compacted` when the history of a session that a person started is compacted: then `context` replaces the earlier one of this plugin.",
    payload: z.object({ ...where, reason: z.enum(["new", "resumed", "compacted"]) }),
    answer: z.object({ context }),
  },
  "session.ended": {
    doc: "A session was closed. Tutti waits for the answer, 5 s at most.",
    payload: z.object({ ...where, reason: z.enum(["closed", "quit"]) }),
    answer: none,
  },
  "prompt.before": {
    doc: "A prompt starts a turn. `context` is sent to the model with it, `text` replaces it, `block` ends the turn with that reason.",
    payload: z.object({
      ...inTurn,
      text: z.string(),
      attachments: z.array(z.object({ name: z.string(), mediaType: z.string() })),
    }),
    answer: z.object({ context, text: z.string().optional(), block: z.string().optional() }),
  },
  "model.before": {
    doc: "A request is about to be sent to the model. `system` is added to the system prompt, at the first request of a session only, so that prompt caches stay valid. `block` ends the turn.",
    payload: z.object({
      ...inTurn,
      step: z.number(),
      model: z.string(),
      /** Messages in the request. */
      messages: z.number(),
      tools: z.array(z.string()),
      first: z.boolean(),
    }),
    answer: z.object({
      system: z.string().optional(),
      effort: z.enum(efforts).optional(),
      /** Limit of the response, in tokens. */
      maxOutput: z.number().int().positive().optional(),
      block: z.string().optional(),
    }),
  },
  "model.after": {
    doc: "A response is complete.",
    payload: z.object({ ...inTurn, step: z.number(), model: z.string(), usage: usage.nullable(), text: z.string() }),
    answer: none,
  },
  "tool.before": {
    doc: "A tool call is about to be checked. `deny` refuses it, `ask` asks a person, `allow` skips the approval where no rule requires one. `input` replaces the arguments, and is checked like them.",
    payload: z.object({ ...ofCall, title: z.string(), input: z.unknown() }),
    answer: z.object({
      decision: z.enum(decisions).optional(),
      reason: z.string().optional(),
      input: z.record(z.string(), z.unknown()).optional(),
    }),
  },
  "tool.after": {
    doc: "A tool call has ended. `feedback` is sent to the model with its result.",
    payload: z.object({ ...ofCall, input: z.unknown(), ok: z.boolean(), output: z.string() }),
    answer: z.object({ feedback: z.string().optional() }),
  },
  "permission.asked": {
    doc: "An approval is about to be requested. `answer` answers it: `no` always counts, with `reason` for the model; `yes` counts unless a rule or the call itself requires a person.",
    payload: z.object({ ...ofCall, title: z.string(), detail: z.string() }),
    answer: z.object({ answer: z.enum(["yes", "no"]).optional(), reason: z.string().optional() }),
  },
  "shell.env": {
    doc: "A command is about to run. `env` is added to its environment; variables that load code into programs are left out.",
    payload: z.object(where),
    answer: z.object({ env: z.record(z.string(), z.string()).optional() }),
  },
  "file.changed": {
    doc: "A tool has changed a file; the place for a formatter or linter. `feedback` is sent to the model.",
    payload: z.object({
      ...where,
      call: z.string().optional(),
      /** Absolute. */
      path: z.string(),
      /** Lines. */
      added: z.number(),
      removed: z.number(),
    }),
    answer: z.object({ feedback: z.string().optional() }),
  },
  "compaction.before": {
    doc: "The history is about to be compacted. `keep` is added to the summary unchanged; `context` is sent to the model that writes it.",
    payload: z.object({ ...inTurn, reason: z.string() }),
    answer: z.object({ keep: z.string().optional(), context }),
  },
  "turn.ended": {
    doc: "A turn is about to end. `continue` continues it with that text, at most 3 times in a turn.",
    payload: z.object({
      ...inTurn,
      outcome: z.string(),
      /** The last response text. */
      text: z.string(),
      /** Files that the turn changed, absolute. */
      files: z.array(z.string()),
      /** How often a hook has continued this turn. */
      continued: z.number(),
    }),
    answer: z.object({ continue: z.string().optional() }),
  },
  notification: {
    doc: "The user is notified: a question is waiting, a turn has ended.",
    payload: z.object({ ...where, text: z.string() }),
    answer: none,
  },
} as const satisfies Record<string, HookShape>;

export type HookEvent = keyof typeof hookEvents;
export type HookPayload<E extends HookEvent> = z.infer<(typeof hookEvents)[E]["payload"]>;
export type HookAnswer<E extends HookEvent> = z.infer<(typeof hookEvents)[E]["answer"]>;

export const hookNames = Object.keys(hookEvents) as [HookEvent, ...HookEvent[]];

/** One subscription. */
export const hookSpec = z.object({
  event: z.enum(hookNames),
  /**
   * The tools (`tool.*`, `permission.asked`) or paths (`file.changed`) that it is called for: names or globs, separated by `|`, as in
   * `bash|edit` or `**\/*.py`. Default: all.
   */
  match: z.string().optional(),
  /** Timeout in milliseconds. Default: 5,000. Maximum: 60,000. */
  timeoutMs: z.number().int().positive().max(60_000).optional(),
  /** The effect of a failure: `open` (default) ignores it, `closed` refuses what the hook was asked about. */
  onFailure: z.enum(["open", "closed"]).optional(),
});
export type HookSpec = z.infer<typeof hookSpec>;

// ── contributions ────────────────────────────────────────────────────────────────────────────────────────────────────

export const contributions = ["commands", "themes", "providers", "agents", "skills", "widgets", "keymaps"] as const;
export type Contribution = (typeof contributions)[number];

export const widgetSlots = ["status", "sidebar", "home", "message.footer", "dialog"] as const;
export type WidgetSlot = (typeof widgetSlots)[number];

export const widgetSpec = z.object({
  name: z.string(),
  /** Where it can be displayed. */
  slots: z.array(z.enum(widgetSlots)).min(1),
  title: z.string().optional(),
});
export type WidgetSpec = z.infer<typeof widgetSpec>;

/** The value under `PLUGIN_KEY` in the capabilities of a plugin. */
export const declaration = z.object({
  version: z.literal(1),
  hooks: z.array(hookSpec).optional(),
  contributes: z.array(z.enum(contributions)).optional(),
  widgets: z.array(widgetSpec).optional(),
});
export type Declaration = z.infer<typeof declaration>;

/** A theme, in the shape of a file of client/themes: `colors` maps color names to `#rrggbb`. */
const theme = z.object({
  name: z.string(),
  title: z.string().optional(),
  kind: z.enum(["dark", "light"]),
  colors: z.record(z.string(), z.string()),
});

/** Styled text; colors are names of the theme, such as `accent` or `muted`. */
export const widgetSpan = z.object({
  text: z.string(),
  fg: z.string().optional(),
  bg: z.string().optional(),
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
});

/** What a widget gets of the session that is displayed. */
export const widgetView = z.object({
  session: z.string(),
  cwd: z.string(),
  title: z.string(),
  model: z.string(),
  running: z.boolean(),
  /** Tokens. */
  contextUsed: z.number(),
  context: z.number().nullable(),
  usage: z.array(usage.extend({ model: z.string(), requests: z.number() })),
});
export type WidgetView = z.infer<typeof widgetView>;

const agent = z.object({
  name: z.string(),
  description: z.string(),
  prompt: z.string(),
  tools: z.array(z.string()).optional(),
  model: z.string().optional(),
});

/** Requests of Tutti to a plugin. The error -32601 (method not found) means that the plugin does not support it. */
export const pluginRequests = {
  "tutti/hook": {
    doc: "Calls the plugin for an event that it subscribed to.",
    params: z.object({ event: z.enum(hookNames), payload: z.record(z.string(), z.unknown()) }),
    result: z.record(z.string(), z.unknown()),
  },
  "tutti/theme/list": {
    doc: "Themes; named `plugin/name` in Tutti.",
    params: none,
    result: z.object({ themes: z.array(theme) }),
  },
  "tutti/provider/list": {
    doc: "OpenAI-compatible endpoints by name, in the shape of `providers` in the configuration.",
    params: none,
    result: z.object({ providers: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  },
  "tutti/provider/token": {
    doc: "A short-lived API key for one of these providers, cached in memory until `expiresAt` (milliseconds since 1970), or for five minutes.",
    params: z.object({ provider: z.string() }),
    result: z.object({ token: z.string(), expiresAt: z.number().optional() }),
  },
  "tutti/agent/list": { doc: "Agents.", params: none, result: z.object({ agents: z.array(agent) }) },
  "tutti/skill/list": {
    doc: "Skills: names, and when to use each.",
    params: none,
    result: z.object({ skills: z.array(z.object({ name: z.string(), description: z.string() })) }),
  },
  "tutti/skill/read": {
    doc: "The text of one skill.",
    params: z.object({ name: z.string() }),
    result: z.object({ text: z.string() }),
  },
  "tutti/widget/render": {
    doc: "Lines for a slot of `width` by `height` cells; anything larger is clipped. `view` is null while no session is open.",
    params: z.object({
      widget: z.string(),
      slot: z.enum(widgetSlots),
      width: z.number().int(),
      height: z.number().int(),
      view: widgetView.nullable(),
    }),
    result: z.object({
      lines: z.array(z.array(widgetSpan)),
      /** Milliseconds until it should be rendered again even if nothing changed; at least 1,000. */
      refreshMs: z.number().optional(),
    }),
  },
  "tutti/widget/key": {
    doc: "A key press in the plugin's dialog; `close` closes the dialog.",
    params: z.object({ widget: z.string(), key: z.string() }),
    result: z.object({ close: z.boolean().optional() }),
  },
  "tutti/keymap/list": {
    doc: "Keymaps: actions by key, in the shape of `bindings` in the configuration.",
    params: none,
    result: z.object({
      keymaps: z.array(z.object({ name: z.string(), bindings: z.record(z.string(), z.string()) })),
    }),
  },
} as const;

// ── requests and notifications of a plugin ────────────────────────────────────────────────────────────────────────────────────

/** Requests that a plugin may send to Tutti. */
export const hostRequests = {
  "tutti/session/read": {
    doc: "The last parts of a session, oldest first.",
    params: z.object({ session: z.string(), parts: z.number().int().positive().max(1_000).optional() }),
    result: z.object({ title: z.string(), cwd: z.string(), running: z.boolean(), parts: z.array(z.unknown()) }),
  },
  "tutti/session/prompt": {
    doc: "Queues a prompt in a session, with the plugin as its author.",
    params: z.object({ session: z.string(), text: z.string() }),
    result: z.object({ prompt: z.string() }),
  },
  "tutti/ui/ask": {
    doc: "Asks the user a question in a session. `answer` is the id of a choice or, with `freeText`, a text; null where no one answers.",
    params: z.object({
      session: z.string(),
      title: z.string(),
      detail: z.string().optional(),
      choices: z.array(z.object({ id: z.string(), label: z.string() })),
      freeText: z.boolean().optional(),
    }),
    result: z.object({ answer: z.string().nullable() }),
  },
  "tutti/model/complete": {
    doc: "One response of the session's model, after the user approved it; the cost counts for the session. `tier` is `quick`, `standard` or `advanced`.",
    params: z.object({ session: z.string(), tier: z.string().optional(), prompt: z.string() }),
    result: z.object({ text: z.string() }),
  },
} as const;

/** Notifications that a plugin may send; at most 20 a second are handled. */
export const pluginNotifications = {
  "tutti/changed": {
    doc: "One of its contributions has changed.",
    params: z.object({ what: z.enum([...contributions, "hooks"]) }),
  },
  "tutti/notify": {
    doc: "A message for the user, shown with the plugin's name.",
    params: z.object({ level: z.enum(["info", "warning", "error"]), text: z.string() }),
  },
} as const;
