/**
 * What plugins contribute in the current folder: slash commands, widgets and resources. Requested when the folder or the server's
 * plugins change, never by polling.
 */
import type { PluginRow } from "../../protocol/plugin-methods.ts";
import type { App } from "./app.ts";
import { currentFolder, type Resource, type State } from "./state.ts";
import { createWidgetRenderer, type WidgetInfo } from "./widgets.ts";

export interface PluginContributions {
  /** Requests the contributions again. Never rejects. */
  refresh(): Promise<void>;
  /** Call after each frame, with its state. */
  afterDraw(state: State): void;
  /** A widget in a dialog handled a key, so its content may have changed. */
  refreshDialogWidgets(): void;
  /** Resources of active plugins, requested once until something changes. */
  listResources(): Promise<readonly Resource[]>;
}

/** `onCommandsChanged`: the slash commands differ from before. */
export function createPluginContributions(app: App, onCommandsChanged: () => void): PluginContributions {
  let folder = "";
  let latestRequest = 0;
  let activePlugins: readonly PluginRow[] = [];
  const widgetRenderer = createWidgetRenderer(app);
  let widgets: readonly WidgetInfo[] = [];
  let resources: Promise<readonly Resource[]> | null = null;

  const requestCommands = async (cwd: string): Promise<Pick<State, "commands">> => {
    activePlugins = [];
    const { plugins } = await app.server.call("pluginsList", { cwd });
    activePlugins = plugins.filter(isActive);
    return app.server.call("commandsList", { cwd });
  };
  const requestAgents = (cwd: string): void => {
    app.server.call("agentList", { cwd }).then(
      ({ agents }) => {
        if (folder === cwd && JSON.stringify(agents) !== JSON.stringify(app.state().agents)) app.set({ agents });
      },
      () => undefined,
    );
  };
  const refresh = async (): Promise<void> => {
    folder = currentFolder(app.state());
    const request = ++latestRequest;
    requestAgents(folder);
    // A folder that no longer exists has no plugins. The next action in it reports the problem.
    const { commands } = await requestCommands(folder).catch(() => ({ commands: [] }));
    if (request !== latestRequest) return;
    resources = null;
    const current = activePlugins.flatMap(listWidgets);
    // Without widgets before and now, there is nothing to draw.
    if (current.length + widgets.length > 0) {
      widgetRenderer.setWidgets(current);
      const inDialogs = current.filter(({ slots }) => slots.includes("dialog"));
      app.set({ dialogWidgets: inDialogs.map(({ plugin, name, title }) => ({ plugin, widget: name, title })) });
    }
    widgets = current;
    if (JSON.stringify(commands) === JSON.stringify(app.state().commands)) return;
    app.set({ commands });
    onCommandsChanged();
  };
  return {
    refresh,
    afterDraw(state) {
      if (folder !== "" && currentFolder(state) !== folder) void refresh();
      else widgetRenderer.afterDraw(state);
    },
    refreshDialogWidgets: () => widgetRenderer.refresh("dialog"),
    listResources() {
      if (activePlugins.length === 0) return Promise.resolve([]);
      resources ??= app.server.call("resourcesList", { cwd: folder }).then(
        (list) => list.resources,
        () => [],
      );
      return resources;
    },
  };
}

const isActive = ({ approvedAt, state }: PluginRow): boolean => approvedAt !== undefined && state !== "disabled";

const listWidgets = ({ name: plugin, widgets }: PluginRow): WidgetInfo[] =>
  widgets.map(({ name, title, slots }) => ({ plugin, name, title: title ?? name, slots }));
