/** Methods about plugins: listing, inspecting and approving them, and what they contribute to clients. */
import { z } from "zod";
import { ok, request } from "./method.ts";
import { widgetSlots, widgetSpan, widgetSpec } from "./plugin.ts";

const cwd = z.string();
const name = z.string();

/** `identity` changes with the command or address: an approval is bound to it. */
export const pluginRow = z.object({
  name,
  /** The file that configures it, or the client that registered it. */
  source: z.string(),
  /** It is in the user's own configuration. */
  userOwned: z.boolean(),
  command: z.array(z.string()).optional(),
  url: z.string().optional(),
  /** Names of the variables that it gets in addition to PATH, HOME and LANG, and of the headers that are sent. */
  env: z.array(z.string()),
  headers: z.array(z.string()),
  /** The variables of the environment whose values are filled into the command, the address, `env` and `headers` when it starts. */
  variables: z.array(z.string()).optional(),
  cwd,
  identity: z.string(),
  state: z.enum(["disabled", "unapproved", "changed", "idle", "starting", "ready", "failed", "off"]),
  /** Why it failed or is off. */
  reason: z.string().optional(),
  /** Milliseconds since 1970. */
  approvedAt: z.number().optional(),
  /** Names of the approved tools, as a model calls them. */
  tools: z.array(z.string()),
  /** Approved widgets. */
  widgets: z.array(widgetSpec),
});
export type PluginRow = z.infer<typeof pluginRow>;

const offeredTool = z.object({
  name,
  title: z.string().optional(),
  description: z.string(),
  schema: z.record(z.string(), z.unknown()),
  annotations: z.record(z.string(), z.unknown()).optional(),
  /** The name that models and rules use: the plugin's name and its own, or a similar one that models accept. Absent if there is none. */
  offeredAs: z.string().optional(),
  /** What it adds to each request, estimated as characters / 4. */
  tokens: z.number(),
  /** Why it cannot be used. */
  problem: z.string().optional(),
  /** What is unusual about it. */
  warning: z.string().optional(),
});

const change = z.object({
  kind: z.enum(["tool", "prompt", "declaration"]),
  name,
  change: z.enum(["new", "gone", "different"]),
  before: z.string().optional(),
  after: z.string().optional(),
});

export const pluginInspection = z.object({
  server: z.object({
    name,
    version: z.string(),
    title: z.string().optional(),
    instructions: z.string().optional(),
  }),
  tools: z.array(offeredTool),
  /** What is wrong with listed items that were left out, as clauses. */
  problems: z.array(z.string()),
  prompts: z.array(z.object({ name, title: z.string().optional(), description: z.string() })),
  resources: z.array(z.object({ uri: z.string(), name })),
  /** Hooks and contributions of a plugin that knows Tutti. */
  hooks: z.array(z.object({ event: z.string(), match: z.string().optional() })),
  contributes: z.array(z.string()),
  /** Agents and skills that it contributes. */
  agents: z.array(z.object({ name, description: z.string() })),
  skills: z.array(z.object({ name, description: z.string() })),
  /** Of all of this: an approval is bound to it. */
  digest: z.string(),
  /** Compared with what was approved before; everything is new where nothing was. */
  changes: z.array(change),
});
export type PluginInspection = z.infer<typeof pluginInspection>;

/** A slash command; of a plugin: `plugin:name`. */
export const pluginCommand = z.object({
  name,
  title: z.string(),
  description: z.string(),
  arguments: z.array(z.object({ name, description: z.string(), required: z.boolean() })),
});
export type PluginCommand = z.infer<typeof pluginCommand>;

/** A plugin as a client registers it: a program with its arguments, or an address. */
const clientPlugin = z.union([
  z.object({ command: z.array(z.string()).min(1), env: z.record(z.string(), z.string()) }),
  z.object({ url: z.url({ protocol: /^https?$/ }), headers: z.record(z.string(), z.string()) }),
]);
export type ClientPlugin = z.infer<typeof clientPlugin>;

export const pluginRequests = {
  pluginsList: request(
    "plugins/list",
    "viewer",
    "Every plugin of a folder, in the order of the configuration.",
    z.object({ cwd }),
    z.object({ plugins: z.array(pluginRow), problems: z.array(z.string()) }),
  ),
  pluginsRegister: request(
    "plugins/register",
    "owner",
    "Registers client-provided plugins for a folder, replacing those that this client registered there before. They are listed after those of configuration files, with this `source`, need the same approval, and are removed when the connection closes.",
    z.object({ cwd, plugins: z.record(name, clientPlugin) }),
    z.object({ source: z.string() }),
  ),
  pluginsInspect: request(
    "plugins/inspect",
    "owner",
    "Starts a plugin that a person agreed to start, by its identity, and returns what it offers. Nothing of it is used yet.",
    z.object({ cwd, name, identity: z.string() }),
    pluginInspection,
    ["notFound", "conflict", "failed"],
  ),
  pluginsApprove: request(
    "plugins/approve",
    "owner",
    "Approves a plugin with exactly this command or address and exactly what it offers now.",
    z.object({ cwd, name, identity: z.string(), digest: z.string() }),
    ok,
    ["notFound", "conflict", "failed"],
  ),
  pluginsRevoke: request(
    "plugins/revoke",
    "owner",
    "Revokes the approval of a plugin and stops it.",
    z.object({ cwd, name }),
    ok,
    ["notFound"],
  ),
  pluginsLogin: request(
    "plugins/login",
    "owner",
    "Connects to the server of a plugin that a person agreed to connect to, by its identity, for a login. `url` is the page to open; null where no login is needed.",
    z.object({ cwd, name, identity: z.string() }),
    z.object({ login: z.string(), url: z.string().nullable() }),
    ["notFound", "conflict", "usage", "failed"],
  ),
  pluginsLoginWait: request(
    "plugins/loginWait",
    "owner",
    "Waits until the person has finished on that page. `url` is null when the login is complete, or one more page to open.",
    z.object({ login: z.string() }),
    z.object({ url: z.string().nullable() }),
    ["notFound", "failed"],
  ),
  pluginsLogout: request(
    "plugins/logout",
    "owner",
    "Removes the stored login of a plugin's server and closes its connections. False where there was none.",
    z.object({ cwd, name }),
    z.object({ removed: z.boolean() }),
    ["notFound"],
  ),
  pluginsCheck: request(
    "plugins/check",
    "owner",
    "Starts a command as a plugin and tests everything that it offers, for plugin authors.",
    z.object({ cwd, command: z.array(z.string()).min(1) }),
    z.object({
      checks: z.array(z.object({ name, state: z.enum(["passed", "failed", "warning"]), detail: z.string() })),
    }),
    ["failed"],
  ),
  commandsList: request(
    "commands/list",
    "viewer",
    "Slash commands: those that files define, included ones, skills, and the prompts of approved plugins.",
    z.object({ cwd }),
    z.object({ commands: z.array(pluginCommand) }),
  ),
  commandsExpand: request(
    "commands/expand",
    "driver",
    "The text of a command, to be sent as a prompt. For a plugin's command, its arguments are filled in: `input` is everything after its name, one word for each argument in order, the rest for the last. For any other, the text is `/name input`, which the server expands when the turn starts.",
    z.object({ cwd, name, input: z.string() }),
    z.object({ text: z.string() }),
    ["notFound", "usage", "failed"],
  ),
  commandsComplete: request(
    "commands/complete",
    "driver",
    "Completions for an argument of a command, from its plugin.",
    z.object({ cwd, name, argument: z.string(), value: z.string() }),
    z.object({ values: z.array(z.string()) }),
  ),
  resourcesList: request(
    "resources/list",
    "viewer",
    "Resources of approved plugins that are running.",
    z.object({ cwd }),
    z.object({ resources: z.array(z.object({ plugin: name, uri: z.string(), name, description: z.string() })) }),
  ),
  resourcesRead: request(
    "resources/read",
    "driver",
    "Reads a resource as text.",
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
    "Renders the widgets of approved plugins for a slot of `width` by `height` cells, in the order of the configuration.",
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
          /** Milliseconds until it should be rendered again; absent: when the session changes. */
          refreshMs: z.number().optional(),
        }),
      ),
    }),
  ),
  widgetsKey: request(
    "widgets/key",
    "driver",
    "Sends a key press to a plugin's dialog.",
    z.object({ cwd, plugin: name, widget: name, key: z.string() }),
    z.object({ close: z.boolean() }),
    ["notFound", "failed"],
  ),
} as const;
