/** Themes that are no files, as plugins have them: checked as files are; what they leave open is as in the usual theme of their kind. */
import { type ThemeKind, USUAL_THEMES } from "../../client/theme.ts";
import { checkTheme } from "./check.ts";
import { type ListedTheme, type Loaded, loadTheme, type ThemeFolders } from "./load.ts";

/** As it came: one that has a name, and else is not looked at yet. */
export type GivenTheme = Readonly<Record<string, unknown>>;

/** `plugin/name`: no file is called so. */
export const isGivenName = (name: string): boolean => name.includes("/");

/** Never throws for what stands in it. */
export async function givenTheme(name: string, given: readonly GivenTheme[], folders: ThemeFolders): Promise<Loaded> {
  const found = given.find((theme) => theme.name === name);
  if (!found) return { problem: `There is no theme ${JSON.stringify(name)}: no approved plugin brings it here.` };
  const checked = checkTheme(JSON.stringify(found, null, 2), name, `The theme ${name}`);
  if ("problem" in checked) return checked;
  const {
    kind = "dark",
    title = name,
    source,
    colors,
    extends: from = USUAL_THEMES[kind as ThemeKind],
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

/** One that is broken is listed with what is wrong. */
export function listGiven(given: readonly GivenTheme[], folders: ThemeFolders): Promise<ListedTheme[]> {
  const names = given.flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  return Promise.all(
    [...new Set(names)].map(async (name): Promise<ListedTheme> => {
      const loaded = await givenTheme(name, given, folders);
      if ("problem" in loaded) return { name, title: name, kind: "dark", from: "plugin", problem: loaded.problem };
      return { name, title: loaded.theme.title, kind: loaded.theme.kind, from: "plugin" };
    }),
  );
}
