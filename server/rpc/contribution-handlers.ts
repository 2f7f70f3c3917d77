/** Handlers for what approved plugins contribute: commands, resources, themes, keymaps, widgets. A plugin that fails contributes nothing. */
import type { Handlers } from "../../protocol/methods.ts";
import type { Contribution, WidgetView } from "../../protocol/plugin.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Definitions } from "../definitions/open-definitions.ts";
import type { Command, Skill } from "../definitions/skill.ts";
import type { Approval } from "../plugins/approvals.ts";
import type { Plugin } from "../plugins/host.ts";
import type { FolderPlugins } from "./plugin-handlers.ts";

type ContributionMethod = Extract<
  keyof Handlers,
  `commands${string}` | `resources${string}` | `themes${string}` | `keymaps${string}` | `widgets${string}`
>;

export interface ContributionHandlerDeps {
  plugins: FolderPlugins;
  definitions: Pick<Definitions, "commands" | "skills">;
  /** The real path of an existing folder. */
  folder(path: string): string;
  view(session: string): SessionView | null;
}

type ApprovedPlugin = Plugin & { approval: Approval };

const REQUEST_MS = 5_000;

export function createContributionHandlers({
  plugins,
  definitions,
  folder,
  view,
}: ContributionHandlerDeps): Pick<Handlers, ContributionMethod> {
  const listApproved = async (cwd: string): Promise<ApprovedPlugin[]> =>
    (await plugins.list(cwd)).plugins.filter(
      (plugin): plugin is ApprovedPlugin => plugin.spec.enabled && plugin.approval !== null,
    );
  const collect = async <T>(
    cwd: string,
    contribution: Contribution,
    read: (plugin: Plugin) => Promise<T[]>,
  ): Promise<T[]> => {
    const contributing = (await listApproved(cwd)).filter(({ approval }) =>
      approval.declaration?.contributes?.includes(contribution),
    );
    return (await Promise.all(contributing.map((plugin) => read(plugin).catch(() => [])))).flat();
  };

  /** The command or skill of this name. A plugin's prompt, which is a command, has priority over a plugin's skill. */
  const findDefinition = async (cwd: string, name: string): Promise<Command | Skill | undefined> => {
    const [commands, skills] = await Promise.all([definitions.commands(cwd), definitions.skills(cwd)]);
    const found = commands.find(name) ?? skills.find(name);
    if (found?.source.kind !== "plugin") return found;
    const { hasCommand } = await import("../plugins/commands.ts");
    return hasCommand(await listApproved(cwd), name) ? undefined : found;
  };

  return {
    async commandsList({ cwd }) {
      const [{ listCommands }, commands, skills, approved] = await Promise.all([
        import("../plugins/commands.ts"),
        definitions.commands(folder(cwd)),
        definitions.skills(folder(cwd)),
        listApproved(cwd),
      ]);
      const prompts = approved.flatMap(listCommands);
      const taken = new Set(prompts.map(({ name }) => name.toLowerCase()));
      const unnamed = skills.list().filter(({ name }) => !commands.find(name) && !taken.has(name.toLowerCase()));
      return { commands: [...[...commands.list(), ...unnamed].map(toCommandRow), ...prompts] };
    },
    async commandsExpand({ cwd, name, input }) {
      const defined = await findDefinition(folder(cwd), name);
      // The server expands it when the turn starts: then its settings count too.
      if (defined) return { text: `/${defined.name} ${input}`.trim() };
      const { expandCommand } = await import("../plugins/commands.ts");
      return { text: await expandCommand(await listApproved(cwd), name, input) };
    },
    async commandsComplete({ cwd, name, argument, value }) {
      if (await findDefinition(folder(cwd), name)) return { values: [] };
      const { findCommand } = await import("../plugins/commands.ts");
      const { plugin, prompt } = findCommand(await listApproved(cwd), name);
      return { values: await (await plugin.connect()).complete({ prompt: prompt.name }, argument, value) };
    },
    async resourcesList({ cwd }) {
      const withResources = (await listApproved(cwd)).filter(({ approval }) => approval.resources);
      const lists = withResources.map((plugin) => listResources(plugin).catch(() => []));
      return { resources: (await Promise.all(lists)).flat() };
    },
    async resourcesRead({ cwd, plugin: name, uri }) {
      const { toToolResult } = await import("../plugins/tool-results.ts");
      const plugin = await plugins.get(cwd, name);
      const content = await (await plugin.connect()).read(uri, { timeoutMs: plugin.spec.timeoutMs });
      return { text: toToolResult({ content, failed: false }).output };
    },
    async themesList({ cwd }) {
      const { parseThemes } = await import("../plugins/validate-contributions.ts");
      const read = async (plugin: Plugin) => parseThemes(plugin.spec.name, await request(plugin, "tutti/theme/list"));
      return { themes: await collect(cwd, "themes", read) };
    },
    async keymapsList({ cwd }) {
      const { parseKeymaps } = await import("../plugins/validate-contributions.ts");
      const read = async (plugin: Plugin) => parseKeymaps(plugin.spec.name, await request(plugin, "tutti/keymap/list"));
      return { keymaps: await collect(cwd, "keymaps", read) };
    },
    async widgetsRender({ cwd, session, slot, width, height }) {
      const { parseWidget } = await import("../plugins/validate-contributions.ts");
      const widgetView = session === null ? null : toWidgetView(view(session));
      const widgets = await collect(cwd, "widgets", (plugin) => {
        const declared = plugin.approval?.declaration?.widgets ?? [];
        const inSlot = declared.filter(({ slots }) => slots.includes(slot));
        return Promise.all(
          inSlot.map(async ({ name: widget }) => {
            const params = { widget, slot, width, height, view: widgetView };
            const answer = await request(plugin, "tutti/widget/render", params);
            return { plugin: plugin.spec.name, widget, ...parseWidget(answer, width, height) };
          }),
        );
      });
      return { widgets };
    },
    async widgetsKey({ cwd, plugin: name, widget, key }) {
      const answer = await request(await plugins.get(cwd, name), "tutti/widget/key", { widget, key });
      return { close: answer.close === true };
    },
  };
}

const MAX_DESCRIPTION = 200;

const toCommandRow = ({ name, description, argumentHint }: Command | Skill): PluginCommand => ({
  name,
  title: name,
  description: printable(description.replaceAll(/\s+/g, " ")).slice(0, MAX_DESCRIPTION),
  arguments: argumentHint === "" ? [] : [{ name: printable(argumentHint), description: "", required: false }],
});

async function request(
  plugin: Plugin,
  method: string,
  params: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  return (await (await plugin.connect()).request(method, params, { timeoutMs: REQUEST_MS })) ?? {};
}

async function listResources(plugin: Plugin) {
  const resources = await (await plugin.connect()).resources();
  return resources
    .filter(({ template }) => !template)
    .map(({ uri, name, title = name, description }) => ({ plugin: plugin.spec.name, uri, name: title, description }));
}

function toWidgetView(view: SessionView | null): WidgetView | null {
  if (!view) return null;
  const { id, cwd, title, model, activity, contextUsed, context, usage } = view;
  return {
    session: id,
    cwd,
    title,
    model,
    running: activity.state === "running",
    contextUsed,
    context,
    usage: [...usage],
  };
}
