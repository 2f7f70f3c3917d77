/**
 * What a plugin that knows Tutti may say beside plain MCP: what it declares when it is initialized, the hooks that it is called for,
 * and what else it is asked. Everything travels as MCP requests over the plugin's own connection; in another host the plugin is a
 * plain MCP server. docs/plugin-reference.md is made from these tables.
 */
import { z } from "zod";

/** The key under `capabilities.experimental`, and the same under `capabilities.extensions`. */
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

/** Each event with what a plugin is told and what it may answer. An empty answer says nothing. */
export const hookEvents = {
  "session.started": {
    doc: "A session has its first turn in this server. `context` is told to the model before the prompt.",
    payload: z.object({ ...where, reason: z.enum(["new", "resumed"]) }),
    answer: z.object({ context }),
  },
  "session.ended": {
    doc: "A session is let go. It is waited for, 5 s at most.",
    payload: z.object({ ...where, reason: z.enum(["closed", "quit"]) }),
    answer: none,
  },
  "prompt.before": {
    doc: "A prompt begins a turn. `context` is told beside it, `text` replaces it, `block` ends the turn with that reason.",
    payload: z.object({
      ...inTurn,
      text: z.string(),
      attachments: z.array(z.object({ name: z.string(), mediaType: z.string() })),
    }),
    answer: z.object({ context, text: z.string().optional(), block: z.string().optional() }),
  },
  "model.before": {
    doc: "A request is about to be made. `system` is added to the instructions, before the first request of a session only, so that prompt caches stay warm. `block` ends the turn.",
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
      effort: z.enum(["none", "low", "medium", "high"]).optional(),
      /** Tokens of the longest answer. */
      maxOutput: z.number().int().positive().optional(),
      block: z.string().optional(),
    }),
  },
  "model.after": {
    doc: "An answer has ended.",
    payload: z.object({ ...inTurn, step: z.number(), model: z.string(), usage: usage.nullable(), text: z.string() }),
    answer: none,
  },
  "tool.before": {
    doc: "A call is about to be judged. `deny` refuses it, `ask` asks a person, `allow` saves the question where no rule says otherwise; `input` replaces what the tool is given, and is judged like the first.",
    payload: z.object({ ...ofCall, title: z.string(), input: z.unknown() }),
    answer: z.object({
      decision: z.enum(["allow", "ask", "deny"]).optional(),
      reason: z.string().optional(),
      input: z.record(z.string(), z.unknown()).optional(),
    }),
  },
  "tool.after": {
    doc: "A call has run. `feedback` is told to the model with its result.",
    payload: z.object({ ...ofCall, input: z.unknown(), ok: z.boolean(), output: z.string() }),
    answer: z.object({ feedback: z.string().optional() }),
  },
  "permission.asked": {
    doc: "A person is about to be asked. `answer` answers instead; a rule that denies stays stronger.",
    payload: z.object({ ...ofCall, title: z.string(), detail: z.string() }),
    answer: z.object({ answer: z.enum(["yes", "no"]).optional(), reason: z.string().optional() }),
  },
  "shell.env": {
    doc: "A command is about to run. `env` is added to its environment; names that load code into programs are left out.",
    payload: z.object(where),
    answer: z.object({ env: z.record(z.string(), z.string()).optional() }),
  },
  "file.changed": {
    doc: "A tool has changed a file; a formatter or linter goes here. `feedback` is told to the model.",
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
    doc: "The history is about to be summed up. `keep` is put into the summary as it is.",
    payload: z.object({ ...inTurn, reason: z.string() }),
    answer: z.object({ keep: z.string().optional() }),
  },
  "turn.ended": {
    doc: "A turn wants to end. `continue` goes on with that reason, at most 3 times in a turn.",
    payload: z.object({
      ...inTurn,
      outcome: z.string(),
      /** The last that the model said. */
      text: z.string(),
      /** Files that the turn changed, absolute. */
      files: z.array(z.string()),
      /** How often this turn went on because of a hook. */
      continued: z.number(),
    }),
    answer: z.object({ continue: z.string().optional() }),
  },
  notification: {
    doc: "A person is told something: a question waits, a turn has ended.",
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
   * For which tools (`tool.*`, `permission.asked`) or paths (`file.changed`) it is called: names or globs, `|` between several, as in
   * `bash|edit` or `**\/*.py`; everything where absent.
   */
  match: z.string().optional(),
  /** Milliseconds it may take: 5,000 where absent, 60,000 at most. */
  timeoutMs: z.number().int().positive().max(60_000).optional(),
  /** What its failure does: `open` passes, `closed` refuses what it was asked about. */
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
  /** Where it may be drawn. */
  slots: z.array(z.enum(widgetSlots)).min(1),
  title: z.string().optional(),
});
export type WidgetSpec = z.infer<typeof widgetSpec>;

/** What stands under `PLUGIN_KEY` in the capabilities of a plugin. */
export const declaration = z.object({
  version: z.literal(1),
  hooks: z.array(hookSpec).optional(),
  contributes: z.array(z.enum(contributions)).optional(),
  widgets: z.array(widgetSpec).optional(),
});
export type Declaration = z.infer<typeof declaration>;

/** A theme as one file of client/themes: `kind` is dark or light, `colors` maps names of colors to `#rrggbb`. */
const theme = z.object({
  name: z.string(),
  title: z.string().optional(),
  kind: z.enum(["dark", "light"]),
  colors: z.record(z.string(), z.string()),
});

/** Text with how it looks; colors are names of the theme, such as `accent` or `muted`. */
export const widgetSpan = z.object({
  text: z.string(),
  fg: z.string().optional(),
  bg: z.string().optional(),
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
});

/** What a widget may know of the session that is looked at. */
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

/** Requests that Tutti makes to a plugin. Method not found (-32601) means no. */
export const pluginRequests = {
  "tutti/hook": {
    doc: "Calls the plugin for an event that it declared.",
    params: z.object({ event: z.enum(hookNames), payload: z.record(z.string(), z.unknown()) }),
    result: z.record(z.string(), z.unknown()),
  },
  "tutti/theme/list": {
    doc: "Themes, named `plugin/name` in Tutti.",
    params: none,
    result: z.object({ themes: z.array(theme) }),
  },
  "tutti/provider/list": {
    doc: "OpenAI-compatible endpoints by name, in the shape of `providers` in the configuration.",
    params: none,
    result: z.object({ providers: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  },
  "tutti/provider/token": {
    doc: "A short-lived key for one of these; kept in memory until `expiresAt` (milliseconds since 1970), or for five minutes.",
    params: z.object({ provider: z.string() }),
    result: z.object({ token: z.string(), expiresAt: z.number().optional() }),
  },
  "tutti/agent/list": { doc: "Agents.", params: none, result: z.object({ agents: z.array(agent) }) },
  "tutti/skill/list": {
    doc: "Skills by name, with when to use them.",
    params: none,
    result: z.object({ skills: z.array(z.object({ name: z.string(), description: z.string() })) }),
  },
  "tutti/skill/read": {
    doc: "The text of one skill.",
    params: z.object({ name: z.string() }),
    result: z.object({ text: z.string() }),
  },
  "tutti/widget/render": {
    doc: "Lines for a place on the screen of `width` times `height` cells; more is cut. `view` is null where no session is open.",
    params: z.object({
      widget: z.string(),
      slot: z.enum(widgetSlots),
      width: z.number().int(),
      height: z.number().int(),
      view: widgetView.nullable(),
    }),
    result: z.object({
      lines: z.array(z.array(widgetSpan)),
      /** Milliseconds until it wants to be drawn again, though nothing changed; 1,000 at least. */
      refreshMs: z.number().optional(),
    }),
  },
  "tutti/widget/key": {
    doc: "A key that was pressed in the plugin's dialog; `close` ends the dialog.",
    params: z.object({ widget: z.string(), key: z.string() }),
    result: z.object({ close: z.boolean().optional() }),
  },
  "tutti/keymap/list": {
    doc: "Key tables: actions by key, as `bindings` in the configuration.",
    params: none,
    result: z.object({
      keymaps: z.array(z.object({ name: z.string(), bindings: z.record(z.string(), z.string()) })),
    }),
  },
} as const;

// ── what a plugin may ask and say ────────────────────────────────────────────────────────────────────────────────────

/** Requests that a plugin may make to Tutti; each is refused where the plugin was not given that right. */
export const hostRequests = {
  "tutti/session/read": {
    doc: "What was said in a session so far: the last parts, newest last.",
    params: z.object({ session: z.string(), parts: z.number().int().positive().max(1_000).optional() }),
    result: z.object({ title: z.string(), cwd: z.string(), running: z.boolean(), parts: z.array(z.unknown()) }),
  },
  "tutti/session/prompt": {
    doc: "Queues a prompt in a session, by the plugin's name.",
    params: z.object({ session: z.string(), text: z.string() }),
    result: z.object({ prompt: z.string() }),
  },
  "tutti/ui/ask": {
    doc: "Asks a person in a session; null where nobody answers.",
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
    doc: "One answer of the session's model, drawn from its budget. `tier` is `quick`, `standard` or `advanced`.",
    params: z.object({ session: z.string(), tier: z.string().optional(), prompt: z.string() }),
    result: z.object({ text: z.string() }),
  },
} as const;

/** Notifications that a plugin may send; at most 20 a second are heard. */
export const pluginNotifications = {
  "tutti/changed": {
    doc: "Something that it contributes is different now.",
    params: z.object({ what: z.enum([...contributions, "hooks"]) }),
  },
  "tutti/notify": {
    doc: "A line for the person, named after the plugin.",
    params: z.object({ level: z.enum(["info", "warning", "error"]), text: z.string() }),
  },
} as const;
