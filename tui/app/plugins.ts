/**
 * What plugins bring to the folder of the session, as far as it is shown before anybody asks for it. Asked when the folder is known and
 * when the server says that something changed, never by time; where no plugin is approved, that is one request.
 */
import type { PluginRow } from "../../protocol/plugin-methods.ts";
import type { App } from "./app.ts";
import { folderOf } from "./folder.ts";
import type { Resource, State } from "./state.ts";
import { createWidgets, type KnownWidget } from "./widgets.ts";

export interface Plugins {
  /** Asks anew what there is. Never rejects. */
  ask(): Promise<void>;
  /** This is drawn now. */
  drawn(state: State): void;
  /** A widget in a dialog was told of a key. */
  pressed(): void;
  /** What approved plugins offer to read: asked for once, until something changes. */
  resources(): Promise<readonly Resource[]>;
}

/** `changed`: there are other commands than before. */
export function createPlugins(app: App, changed: () => void): Plugins {
  let folder = "";
  let asked = 0;
  let used: readonly PluginRow[] = [];
  const widgets = createWidgets(app);
  let widgetsAre: readonly KnownWidget[] = [];
  let resources: Promise<readonly Resource[]> | null = null;

  const find = async (cwd: string): Promise<Pick<State, "commands">> => {
    used = [];
    const { plugins } = await app.server.call("pluginsList", { cwd });
    used = plugins.filter(isUsed);
    return used.length === 0 ? { commands: [] } : app.server.call("commandsList", { cwd });
  };
  const ask = async (): Promise<void> => {
    folder = folderOf(app.state());
    const mine = ++asked;
    // A folder that is gone has no plugins; whatever is done in it next says so.
    const found = await find(folder).catch(() => ({ commands: [] }));
    if (mine !== asked) return;
    resources = null;
    const now = used.flatMap(knownWidgets);
    // Where there were none and are none, nothing is drawn for it.
    if (now.length + widgetsAre.length > 0) {
      widgets.are(now);
      const opened = now.filter(({ slots }) => slots.includes("dialog"));
      app.set({ opens: opened.map(({ plugin, name, title }) => ({ plugin, widget: name, title })) });
    }
    widgetsAre = now;
    if (JSON.stringify(found.commands) === JSON.stringify(app.state().commands)) return;
    app.set({ commands: found.commands });
    changed();
  };
  return {
    ask,
    drawn(state) {
      if (folder !== "" && folderOf(state) !== folder) void ask();
      else widgets.drawn(state);
    },
    pressed: () => widgets.again("dialog"),
    resources() {
      if (used.length === 0) return Promise.resolve([]);
      resources ??= app.server.call("resourcesList", { cwd: folder }).then(
        (found) => found.resources,
        () => [],
      );
      return resources;
    },
  };
}

const isUsed = ({ approvedAt, state }: PluginRow): boolean => approvedAt !== undefined && state !== "disabled";

const knownWidgets = ({ name: plugin, widgets }: PluginRow): KnownWidget[] =>
  widgets.map(({ name, title, slots }) => ({ plugin, name, title: title ?? name, slots }));
