/** The methods about plugins: what there is, a person's yes to it, and what plugins contribute to screens. */
import { z } from "zod";
import { ok, request } from "./method.ts";
import { widgetSlots, widgetSpan, widgetSpec } from "./plugin.ts";

const cwd = z.string();
const name = z.string();

/** `identity` changes with what would be started or called: a yes is bound to it. */
export const pluginRow = z.object({
  name,
  /** The file that names it, or the client that brought it. */
  source: z.string(),
  /** It stands in the person's own configuration. */
  own: z.boolean(),
  command: z.array(z.string()).optional(),
  url: z.string().optional(),
  /** Names of the variables that it gets beside PATH, HOME and LANG, and of the headers that are sent. */
  env: z.array(z.string()),
  headers: z.array(z.string()),
  cwd,
  identity: z.string(),
  state: z.enum(["disabled", "unapproved", "changed", "idle", "starting", "ready", "failed", "off"]),
  /** Where it failed or is off. */
  why: z.string().optional(),
  /** Milliseconds since 1970. */
  approvedAt: z.number().optional(),
  /** Names of the approved tools, as a model calls them. */
  tools: z.array(z.string()),
  /** Widgets that it was approved with. */
  widgets: z.array(widgetSpec),
});
export type PluginRow = z.infer<typeof pluginRow>;

const offeredTool = z.object({
  name,
  title: z.string().optional(),
  description: z.string(),
  schema: z.record(z.string(), z.unknown()),
  annotations: z.record(z.string(), z.unknown()).optional(),
  /** Characters / 4 that it adds to each request. */
  tokens: z.number(),
  /** Why it cannot be used. */
  problem: z.string().optional(),
});

const change = z.object({
  what: z.enum(["tool", "prompt", "declaration"]),
  name,
  change: z.enum(["new", "gone", "different"]),
  before: z.string().optional(),
  after: z.string().optional(),
});

export const pluginLook = z.object({
  server: z.object({
    name,
    version: z.string(),
    title: z.string().optional(),
    instructions: z.string().optional(),
  }),
  tools: z.array(offeredTool),
  prompts: z.array(z.object({ name, title: z.string().optional(), description: z.string() })),
  resources: z.array(z.object({ uri: z.string(), name })),
  /** Hooks and contributions of a plugin that knows Tutti. */
  hooks: z.array(z.object({ event: z.string(), match: z.string().optional() })),
  contributes: z.array(z.string()),
  /** What it brings for others to use, by name: nothing of it is used yet that is not named elsewhere here. */
  agents: z.array(z.object({ name, description: z.string() })),
  skills: z.array(z.object({ name, description: z.string() })),
  /** Of all of this: a yes is bound to it. */
  digest: z.string(),
  /** Beside what was approved before; everything is new where nothing was. */
  changes: z.array(change),
});
export type PluginLook = z.infer<typeof pluginLook>;

/** A slash command that a plugin brings: `plugin:name`. */
export const pluginCommand = z.object({
  name,
  title: z.string(),
  description: z.string(),
  arguments: z.array(z.object({ name, description: z.string(), required: z.boolean() })),
});
export type PluginCommand = z.infer<typeof pluginCommand>;

/** A plugin as a client names it: a program with its arguments, or an address. */
const broughtPlugin = z.union([
  z.object({ command: z.array(z.string()).min(1), env: z.record(z.string(), z.string()) }),
  z.object({ url: z.url({ protocol: /^https?$/ }), headers: z.record(z.string(), z.string()) }),
]);
export type BroughtPlugin = z.infer<typeof broughtPlugin>;

export const pluginMethods = {
  pluginsList: request(
    "plugins/list",
    "viewer",
    "Every plugin that is named for a folder, in the order of the configuration.",
    z.object({ cwd }),
    z.object({ plugins: z.array(pluginRow), problems: z.array(z.string()) }),
  ),
  pluginsBring: request(
    "plugins/bring",
    "owner",
    "Names plugins for a folder, in place of those that this client brought there before. They are listed behind those of files, with this `source`; they wait for the same yes, and go with the connection.",
    z.object({ cwd, plugins: z.record(name, broughtPlugin) }),
    z.object({ source: z.string() }),
  ),
  pluginsLook: request(
    "plugins/look",
    "owner",
    "Starts a plugin, on a person's word to this identity, and says what it offers. Nothing of it is used.",
    z.object({ cwd, name, identity: z.string() }),
    pluginLook,
    ["notFound", "conflict", "failed"],
  ),
  pluginsApprove: request(
    "plugins/approve",
    "owner",
    "From now on a plugin may be used, as it is and with what it offers now.",
    z.object({ cwd, name, identity: z.string(), digest: z.string() }),
    ok,
    ["notFound", "conflict", "failed"],
  ),
  pluginsRevoke: request("plugins/revoke", "owner", "Takes that back, and ends it.", z.object({ cwd, name }), ok, [
    "notFound",
  ]),
  pluginsLogin: request(
    "plugins/login",
    "owner",
    "Connects to a plugin's server, on a person's word to this identity, so that they can log in. `url` is the page to open for that; null where none is needed.",
    z.object({ cwd, name, identity: z.string() }),
    z.object({ login: z.string(), url: z.string().nullable() }),
    ["notFound", "conflict", "usage", "failed"],
  ),
  pluginsLoginWait: request(
    "plugins/loginWait",
    "owner",
    "Waits for the person at that page. Null when they have logged in, or one more page to open.",
    z.object({ login: z.string() }),
    z.object({ url: z.string().nullable() }),
    ["notFound", "failed"],
  ),
  pluginsLogout: request(
    "plugins/logout",
    "owner",
    "Forgets what a plugin's server gave for a login, and closes the connections to it. False where there was nothing.",
    z.object({ cwd, name }),
    z.object({ forgotten: z.boolean() }),
    ["notFound"],
  ),
  pluginsCheck: request(
    "plugins/check",
    "owner",
    "Starts a command as a plugin and tries everything that it offers, for authors.",
    z.object({ cwd, command: z.array(z.string()).min(1) }),
    z.object({
      checks: z.array(z.object({ name, state: z.enum(["passed", "failed", "warning"]), detail: z.string() })),
    }),
    ["failed"],
  ),
  commandsList: request(
    "commands/list",
    "viewer",
    "Slash commands of approved plugins.",
    z.object({ cwd }),
    z.object({ commands: z.array(pluginCommand) }),
  ),
  commandsExpand: request(
    "commands/expand",
    "driver",
    "The text of a command with its values, to be sent as a prompt. `input` is what stands behind its name; words go to the arguments in their order, the rest to the last.",
    z.object({ cwd, name, input: z.string() }),
    z.object({ text: z.string() }),
    ["notFound", "usage", "failed"],
  ),
  commandsComplete: request(
    "commands/complete",
    "driver",
    "Values for an argument of a command, as its plugin proposes them.",
    z.object({ cwd, name, argument: z.string(), value: z.string() }),
    z.object({ values: z.array(z.string()) }),
  ),
  resourcesList: request(
    "resources/list",
    "viewer",
    "What approved plugins that run offer to read.",
    z.object({ cwd }),
    z.object({ resources: z.array(z.object({ plugin: name, uri: z.string(), name, description: z.string() })) }),
  ),
  resourcesRead: request(
    "resources/read",
    "driver",
    "One of them as text.",
    z.object({ cwd, plugin: name, uri: z.string() }),
    z.object({ text: z.string() }),
    ["notFound", "failed"],
  ),
  themesList: request(
    "themes/list",
    "viewer",
    "Themes of approved plugins, named `plugin/name`, in the shape of client/themes.",
    z.object({ cwd }),
    z.object({ themes: z.array(z.record(z.string(), z.unknown())) }),
  ),
  keymapsList: request(
    "keymaps/list",
    "viewer",
    "Key tables of approved plugins, named `plugin/name`.",
    z.object({ cwd }),
    z.object({ keymaps: z.array(z.object({ name, bindings: z.record(z.string(), z.string()) })) }),
  ),
  widgetsRender: request(
    "widgets/render",
    "viewer",
    "What widgets of approved plugins show in a place of `width` times `height` cells, by plugin in the order of the configuration.",
    z.object({
      cwd,
      session: z.string().nullable(),
      slot: z.enum(widgetSlots),
      width: z.number().int().min(1).max(500),
      height: z.number().int().min(1).max(200),
    }),
    z.object({
      widgets: z.array(
        z.object({
          plugin: name,
          widget: name,
          lines: z.array(z.array(widgetSpan)),
          /** Milliseconds until it wants to be asked again; absent: when the session changes. */
          refreshMs: z.number().optional(),
        }),
      ),
    }),
  ),
  widgetsKey: request(
    "widgets/key",
    "driver",
    "A key that was pressed in a plugin's dialog.",
    z.object({ cwd, plugin: name, widget: name, key: z.string() }),
    z.object({ close: z.boolean() }),
    ["notFound", "failed"],
  ),
} as const;
