/** What the methods about plugins do. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Handlers } from "../../protocol/methods.ts";
import type { WidgetView } from "../../protocol/plugin.ts";
import type { pluginMethods } from "../../protocol/plugin-methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Approval } from "../plugins/approvals.ts";
import type { Plugin } from "../plugins/host.ts";
import type { Plugins } from "../plugins/open.ts";
import { openLogins } from "./logins.ts";

type Mine = Extract<keyof Handlers, keyof typeof pluginMethods>;

export interface PluginHandlerParts {
  /** The real path of a folder that there is. */
  folder(path: string): string;
  plugins(): Promise<Plugins>;
  /** False where a folder names no plugin, so that the host need not be loaded. */
  any(cwd: string): Promise<boolean>;
  view(session: string): SessionView | null;
}

const ASK_MS = 5_000;

export function pluginHandlers(parts: PluginHandlerParts): Pick<Handlers, Mine> {
  const logins = openLogins();
  const at = async (cwd: string) => {
    const root = parts.folder(cwd);
    if (!(await parts.any(root))) return { plugins: [] as Plugin[], problems: [] as string[] };
    return (await parts.plugins()).plugins(root);
  };
  const named = async (cwd: string, name: string): Promise<Plugin> => {
    const { plugins } = await at(cwd);
    const found = plugins.find(({ spec }) => spec.name === name);
    if (found) return found;
    const known = plugins.map(({ spec }) => spec.name).join(", ") || "none";
    throw new TuttiError("notFound", `There is no plugin ${name} here; there are: ${known}.`);
  };
  const ready = async (cwd: string): Promise<(Plugin & { approval: Approval })[]> =>
    (await at(cwd)).plugins.filter(
      (one): one is Plugin & { approval: Approval } => one.spec.enabled && one.approval !== null,
    );
  /** What each plugin that contributes this answers; one that fails contributes nothing. */
  const contributed = async <T>(cwd: string, what: string, ask: (plugin: Plugin) => Promise<T[]>): Promise<T[]> => {
    const all = (await ready(cwd)).filter(({ approval }) =>
      approval.declaration?.contributes?.includes(what as "themes"),
    );
    return (await Promise.all(all.map((plugin) => ask(plugin).catch(() => [])))).flat();
  };
  const request = async (
    plugin: Plugin,
    method: string,
    params: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> =>
    (await (await plugin.link()).request(method, params, { timeoutMs: ASK_MS })) ?? {};

  return {
    async pluginsList({ cwd }) {
      const { rowOf } = await import("../plugins/describe.ts");
      const { plugins, problems } = await at(cwd);
      return { plugins: plugins.map(rowOf), problems };
    },
    async pluginsLook({ cwd, name, identity }) {
      const [plugin, { lookOf }] = await Promise.all([named(cwd, name), import("../plugins/describe.ts")]);
      return lookOf(plugin, await current(plugin, identity));
    },
    async pluginsApprove({ cwd, name, identity, digest }) {
      const plugin = await named(cwd, name);
      await current(plugin, identity);
      await plugin.approve(identity, digest).catch((error: unknown) => {
        throw new TuttiError("conflict", error instanceof Error ? error.message : String(error));
      });
      return {};
    },
    async pluginsRevoke({ cwd, name }) {
      await (await named(cwd, name)).revoke();
      return {};
    },
    async pluginsLogin({ cwd, name, identity }) {
      const plugin = await named(cwd, name);
      same(plugin, identity);
      if (plugin.spec.url === undefined)
        throw new TuttiError(
          "usage",
          `${name} is a program on this machine; only a plugin with an address has a login.`,
        );
      if (!plugin.spec.enabled) throw new TuttiError("usage", `The plugin ${name} is disabled.`);
      const host = await parts.plugins();
      return logins.begin((open) => host.login(plugin, open));
    },
    pluginsLoginWait: async ({ login }) => ({ url: await logins.next(login) }),
    async pluginsLogout({ cwd, name }) {
      const plugin = await named(cwd, name);
      return { forgotten: await (await parts.plugins()).logout(plugin) };
    },
    async pluginsCheck({ cwd, command }) {
      return { checks: await (await parts.plugins()).check(command, parts.folder(cwd)) };
    },
    async commandsList({ cwd }) {
      const { commandsOf } = await import("../plugins/commands.ts");
      return { commands: (await ready(cwd)).flatMap(commandsOf) };
    },
    async commandsExpand({ cwd, name, input }) {
      const { expand } = await import("../plugins/commands.ts");
      return { text: await expand(await ready(cwd), name, input) };
    },
    async commandsComplete({ cwd, name, argument, value }) {
      const { commandNamed } = await import("../plugins/commands.ts");
      const { plugin, prompt } = commandNamed(await ready(cwd), name);
      return { values: await (await plugin.link()).complete({ prompt: prompt.name }, argument, value) };
    },
    async resourcesList({ cwd }) {
      const all = (await ready(cwd)).filter(({ approval }) => approval.resources);
      const found = all.map(async (plugin) => {
        const list = await (await plugin.link()).resources();
        return list
          .filter(({ template }) => !template)
          .map(({ uri, name, title, description }) => ({
            plugin: plugin.spec.name,
            uri,
            name: title ?? name,
            description,
          }));
      });
      return { resources: (await Promise.all(found.map((one) => one.catch(() => [])))).flat() };
    },
    async resourcesRead({ cwd, plugin: name, uri }) {
      const { toolResult } = await import("../plugins/results.ts");
      const plugin = await named(cwd, name);
      const content = await (await plugin.link()).read(uri, { timeoutMs: plugin.spec.timeoutMs });
      return { text: toolResult({ content, failed: false }).output };
    },
    async themesList({ cwd }) {
      const { themesIn } = await import("../plugins/contributed.ts");
      return {
        themes: await contributed(cwd, "themes", async (plugin) =>
          themesIn(plugin.spec.name, await request(plugin, "tutti/theme/list")),
        ),
      };
    },
    async keymapsList({ cwd }) {
      const { keymapsIn } = await import("../plugins/contributed.ts");
      return {
        keymaps: await contributed(cwd, "keymaps", async (plugin) =>
          keymapsIn(plugin.spec.name, await request(plugin, "tutti/keymap/list")),
        ),
      };
    },
    async widgetsRender({ cwd, session, slot, width, height }) {
      const { widgetIn } = await import("../plugins/contributed.ts");
      const view = session === null ? null : viewFor(parts.view(session));
      const widgets = await contributed(cwd, "widgets", async (plugin) => {
        const mine = (plugin.approval?.declaration?.widgets ?? []).filter(({ slots }) => slots.includes(slot));
        return Promise.all(
          mine.map(async ({ name }) => {
            const answer = await request(plugin, "tutti/widget/render", { widget: name, slot, width, height, view });
            return { plugin: plugin.spec.name, widget: name, ...widgetIn(answer, width, height) };
          }),
        );
      });
      return { widgets };
    },
    async widgetsKey({ cwd, plugin: name, widget, key }) {
      const answer = await request(await named(cwd, name), "tutti/widget/key", { widget, key });
      return { close: answer.close === true };
    },
  };
}

function same(plugin: Plugin, identity: string): void {
  if (plugin.identity === identity) return;
  throw new TuttiError("conflict", `${plugin.spec.name} is not what was shown any more; look at it again.`);
}

async function current(plugin: Plugin, identity: string) {
  same(plugin, identity);
  try {
    return await plugin.look(identity);
  } catch (error) {
    throw new TuttiError(
      "failed",
      `The plugin ${plugin.spec.name} could not be started: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function viewFor(view: SessionView | null): WidgetView | null {
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
