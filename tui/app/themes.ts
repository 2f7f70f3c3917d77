/** Which theme is drawn with: chosen, tried, asked of the terminal; and the person's own files, taken up when they change. */

import { existsSync } from "node:fs";
import { type Theme, USUAL_THEMES } from "../../client/theme.ts";
import { type ColorDepth, kindFromEnvironment, kindOf } from "../theme/depth.ts";
import { type GivenTheme, givenTheme, isGivenName, listGiven } from "../theme/given.ts";
import {
  type ListedTheme,
  type Loaded,
  listThemes,
  loadTheme,
  readThemeSync,
  type ThemeFolders,
} from "../theme/load.ts";
import { type Palette, paletteOf } from "../theme/palette.ts";

export interface Themes {
  palette(): Palette;
  name(): string;
  /** What was chosen last; empty for the usual one of this terminal. */
  wanted(): string;
  list(): Promise<ListedTheme[]>;
  /** By its name; empty is the usual one for this terminal. Says what is wrong instead of throwing. */
  choose(name: string): Promise<string | null>;
  /** The terminal's own background, from 0 to 255. */
  background(color: { r: number; g: number; b: number }): void;
  /** Calls back when a theme of one's own changed and is drawn with. */
  watch(changed: (problem: string | null) => void): () => Promise<void>;
}

export interface ThemeParts {
  folders: ThemeFolders;
  depth: ColorDepth;
  /** The name to begin with, from the command line or from last time. */
  first: string;
  /** What plugins have; it rejects where they cannot be asked. */
  given(): Promise<readonly GivenTheme[]>;
  /** Another one is drawn with. */
  changed(): void;
}

export function openThemes({ folders, depth, first, given, changed }: ThemeParts): Themes {
  let kind = kindFromEnvironment(process.env) ?? "dark";
  let wanted = first;
  const nameOf = (name: string): string => (name === "" ? USUAL_THEMES[kind] : name);
  let theme = begin(nameOf(first), folders);
  let palette = paletteOf(theme, depth);
  const take = (next: Theme): void => {
    theme = next;
    palette = paletteOf(theme, depth);
    changed();
  };
  let told: ((problem: string | null) => void) | null = null;
  let watcher: { close(): Promise<void> } | null = null;
  /** The folder of one's own themes is followed from when it is there: it may be made while this runs. */
  const follow = async (): Promise<void> => {
    const { user } = folders;
    if (!told || watcher || user === null || !existsSync(user)) return;
    watcher = { close: async () => undefined };
    const { watch } = await import("chokidar");
    const made = watch(user, { ignoreInitial: true, depth: 0, awaitWriteFinish: { stabilityThreshold: 50 } });
    const again = (): void => void choose(wanted).then((problem) => told?.(problem));
    made.on("all", again);
    // What changed between the last reading and the first look is read now.
    made.on("ready", again);
    // What cannot be followed is read when it is chosen.
    made.on("error", () => undefined);
    watcher = made;
  };
  const load = async (name: string): Promise<Loaded> => {
    if (!isGivenName(name)) return loadTheme(name, folders);
    try {
      return await givenTheme(name, await given(), folders);
    } catch (error) {
      return { problem: `The theme ${name} cannot be had: ${error instanceof Error ? error.message : String(error)}` };
    }
  };
  const choose = async (name: string): Promise<string | null> => {
    wanted = name;
    const loaded = await load(nameOf(name));
    if ("problem" in loaded) return loaded.problem;
    void follow();
    // Another one may have been chosen meanwhile.
    if (wanted === name && JSON.stringify(loaded.theme) !== JSON.stringify(theme)) take(loaded.theme);
    return null;
  };
  return {
    palette: () => palette,
    name: () => theme.name,
    wanted: () => wanted,
    async list() {
      // Where plugins cannot be asked, there are the others.
      const brought = given().then(
        (all) => listGiven(all, folders),
        () => [],
      );
      return [...(await listThemes(folders)), ...(await brought)];
    },
    choose,
    background(color) {
      const found = kindOf(color);
      if (found === kind) return;
      kind = found;
      if (wanted === "") void choose("");
    },
    watch(tell) {
      told = tell;
      void follow();
      return async () => {
        told = null;
        await watcher?.close();
      };
    },
  };
}

/** The first picture cannot wait: where its theme cannot be read, the usual one is drawn with. */
function begin(name: string, folders: ThemeFolders): Theme {
  const read = readThemeSync(name, folders);
  if ("theme" in read) return read.theme;
  const usual = readThemeSync(USUAL_THEMES.dark, folders);
  if ("theme" in usual) return usual.theme;
  throw new Error(usual.problem);
}
