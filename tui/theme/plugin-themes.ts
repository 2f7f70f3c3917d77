/** Themes of plugins: checked like theme files. Missing colors come from the default theme of their kind. */
import { DEFAULT_THEMES, type ThemeKind } from "../../client/theme.ts";
import { checkTheme } from "./check.ts";
import { type ListedTheme, type LoadResult, loadTheme, type ThemeFolders } from "./load.ts";

/** As received from the plugin; not validated, except that it has a name. */
export type PluginTheme = Readonly<Record<string, unknown>>;

/** `plugin/name`, which cannot be the name of a file. */
export const isPluginThemeName = (name: string): boolean => name.includes("/");

/** Returns a problem instead of throwing for invalid themes. */
export async function loadPluginTheme(
  name: string,
  themes: readonly PluginTheme[],
  folders: ThemeFolders,
): Promise<LoadResult> {
  const found = themes.find((theme) => theme.name === name);
  if (!found)
    return { problem: `Theme ${JSON.stringify(name)} not found: no approved plugin provides it in this folder.` };
  const checked = checkTheme(JSON.stringify(found, null, 2), name, `The theme ${name}`);
  if ("problem" in checked) return checked;
  const {
    kind = "dark",
    title = name,
    source,
    colors,
    extends: from = DEFAULT_THEMES[kind as ThemeKind],
  } = checked.theme;
  const base = await loadTheme(from, folders);
  if ("problem" in base) return base;
  return {
    theme: {
      name,
      title,
      kind,
      ...(source !== undefined && { source }),
      colors: { ...base.theme.colors, ...colors },
    },
  };
}

/** Invalid themes are listed with their problem. */
export function listPluginThemes(themes: readonly PluginTheme[], folders: ThemeFolders): Promise<ListedTheme[]> {
  const names = themes.flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  return Promise.all(
    [...new Set(names)].map(async (name): Promise<ListedTheme> => {
      const result = await loadPluginTheme(name, themes, folders);
      if ("problem" in result) return { name, title: name, kind: "dark", from: "plugin", problem: result.problem };
      return { name, title: result.theme.title, kind: result.theme.kind, from: "plugin" };
    }),
  );
}
