/** Selects the theme: the chosen or previewed one, or the default for the terminal's background. Reloads the user's own themes on change. */

import { existsSync } from "node:fs";
import { DEFAULT_THEMES, type Theme } from "../../client/theme.ts";
import { describeError } from "../../protocol/errors.ts";
import { type ColorDepth, kindFromEnvironment, kindOfBackground } from "../theme/depth.ts";
import {
  type ListedTheme,
  type LoadResult,
  listThemes,
  loadTheme,
  readThemeSync,
  type ThemeFolders,
} from "../theme/load.ts";
import { createPalette, type Palette } from "../theme/palette.ts";
import { isPluginThemeName, listPluginThemes, loadPluginTheme, type PluginTheme } from "../theme/plugin-themes.ts";

export interface ThemeManager {
  palette(): Palette;
  /** The name of the theme in use. */
  name(): string;
  /** The name that was chosen last; empty for the terminal's default. */
  selected(): string;
  list(): Promise<ListedTheme[]>;
  /** Uses the theme of this name; empty is the terminal's default. Resolves with a message if it cannot be loaded. */
  choose(name: string): Promise<string | null>;
  /** Sets the terminal's own background color; components are 0 to 255. */
  setBackground(color: { r: number; g: number; b: number }): void;
  /** Calls back after one of the user's own themes has changed and was reloaded. Call the returned function to stop. */
  watch(onReload: (problem: string | null) => void): () => Promise<void>;
}

export interface ThemeManagerDeps {
  folders: ThemeFolders;
  depth: ColorDepth;
  /** The name to start with, from the command line or the last run. */
  initial: string;
  /** Themes of plugins. Rejects if the server cannot be reached. */
  pluginThemes(): Promise<readonly PluginTheme[]>;
  /** The palette has changed. */
  onChange(): void;
}

export function createThemeManager(deps: ThemeManagerDeps): ThemeManager {
  const { folders, depth, initial, pluginThemes, onChange } = deps;
  let kind = kindFromEnvironment(process.env) ?? "dark";
  let selected = initial;
  const resolveName = (name: string): string => (name === "" ? DEFAULT_THEMES[kind] : name);
  let theme = loadInitialTheme(resolveName(initial), folders);
  let palette = createPalette(theme, depth);
  let onReload: ((problem: string | null) => void) | null = null;
  let watcher: { close(): Promise<void> } | null = null;

  const applyTheme = (next: Theme): void => {
    theme = next;
    palette = createPalette(theme, depth);
    onChange();
  };
  /** Starts watching once the user's theme folder exists; it may be created while the program runs. */
  const startWatching = async (): Promise<void> => {
    const { user } = folders;
    if (!onReload || watcher || user === null || !existsSync(user)) return;
    watcher = { close: async () => undefined };
    const { watch } = await import("chokidar");
    const fileWatcher = watch(user, { ignoreInitial: true, depth: 0, awaitWriteFinish: { stabilityThreshold: 50 } });
    const reload = (): void => void choose(selected).then((problem) => onReload?.(problem));
    fileWatcher.on("all", reload);
    // Pick up changes made between loading the theme and starting to watch.
    fileWatcher.on("ready", reload);
    // Without watching, themes are still loaded when they are chosen.
    fileWatcher.on("error", () => undefined);
    watcher = fileWatcher;
  };
  const load = async (name: string): Promise<LoadResult> => {
    if (!isPluginThemeName(name)) return loadTheme(name, folders);
    try {
      return await loadPluginTheme(name, await pluginThemes(), folders);
    } catch (error) {
      return { problem: `Cannot load the theme ${name}: ${describeError(error)}` };
    }
  };
  const choose = async (name: string): Promise<string | null> => {
    selected = name;
    const result = await load(resolveName(name));
    if ("problem" in result) return result.problem;
    void startWatching();
    // Another theme may have been chosen while this one was loading.
    if (selected === name && JSON.stringify(result.theme) !== JSON.stringify(theme)) applyTheme(result.theme);
    return null;
  };
  return {
    palette: () => palette,
    name: () => theme.name,
    selected: () => selected,
    async list() {
      const ofPlugins = pluginThemes().then(
        (themes) => listPluginThemes(themes, folders),
        () => [],
      );
      return [...(await listThemes(folders)), ...(await ofPlugins)];
    },
    choose,
    setBackground(color) {
      const backgroundKind = kindOfBackground(color);
      if (backgroundKind === kind) return;
      kind = backgroundKind;
      if (selected === "") void choose("");
    },
    watch(callback) {
      onReload = callback;
      void startWatching();
      return async () => {
        onReload = null;
        await watcher?.close();
      };
    },
  };
}

/** The first frame cannot wait: if its theme cannot be read, the default is used. */
function loadInitialTheme(name: string, folders: ThemeFolders): Theme {
  const result = readThemeSync(name, folders);
  if ("theme" in result) return result.theme;
  const fallback = readThemeSync(DEFAULT_THEMES.dark, folders);
  if ("theme" in fallback) return fallback.theme;
  throw new Error(fallback.problem);
}
