/** Finds themes: those that ship with Tutti, and the person's own, which may have the name of one that ships and then count. */
import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nearest } from "../../client/nearest.ts";
import { colorNames, type Theme, type ThemeKind } from "../../client/theme.ts";
import { checkTheme, type ThemeFile } from "./check.ts";

export interface ThemeFolders {
  builtIn: string;
  /** `themes/` in the folder of the configuration; it need not be there. */
  user: string | null;
}

export type Loaded = { theme: Theme } | { problem: string };

export interface ListedTheme {
  name: string;
  title: string;
  kind: ThemeKind;
  from: "tutti" | "yours" | "plugin";
  /** Why it cannot be chosen. */
  problem?: string;
}

/** Beside the bundle, or where the sources have them. */
export function builtInThemes(): string {
  const beside = fileURLToPath(new URL("themes", import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL("../../client/themes", import.meta.url));
}

/** For the one theme that the first frame is drawn with. Never throws for what stands in a file, or for none. */
export function readThemeSync(name: string, folders: ThemeFolders): Loaded {
  const chain = openChain(name, folders);
  for (let file = chain.next(); file !== null; file = chain.next()) chain.take(file, textSync(file));
  return chain.loaded();
}

/** Never throws for what stands in a file, or for none. */
export async function loadTheme(name: string, folders: ThemeFolders): Promise<Loaded> {
  const chain = openChain(name, folders);
  for (let file = chain.next(); file !== null; file = chain.next()) chain.take(file, await textOf(file));
  const loaded = chain.loaded();
  if (!("missing" in loaded)) return loaded;
  const near = nearest(
    loaded.missing,
    (await names(folders)).filter((other) => other !== name),
  );
  return { problem: near === null ? loaded.problem : `${loaded.problem} Did you mean ${near}?` };
}

/** By name; one that is broken is listed with what is wrong. */
export async function listThemes(folders: ThemeFolders): Promise<ListedTheme[]> {
  const own = new Set(await namesIn(folders.user));
  return Promise.all(
    (await names(folders)).map(async (name): Promise<ListedTheme> => {
      const from = own.has(name) ? "yours" : "tutti";
      const loaded = await loadTheme(name, folders);
      if ("problem" in loaded) return { name, title: name, kind: "dark", from, problem: loaded.problem };
      return { name, title: loaded.theme.title, kind: loaded.theme.kind, from };
    }),
  );
}

async function names({ builtIn, user }: ThemeFolders): Promise<string[]> {
  return [...new Set([...(await namesIn(builtIn)), ...(await namesIn(user))])].sort();
}

async function namesIn(folder: string | null): Promise<string[]> {
  if (folder === null) return [];
  try {
    const files = await readdir(folder);
    return files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** The text of a file, or why there is none; null where it is not there. */
type Text = { text: string } | { problem: string } | null;

function textSync(file: string): Text {
  try {
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    return unread(file, error);
  }
}

async function textOf(file: string): Promise<Text> {
  try {
    return { text: await readFile(file, "utf8") };
  } catch (error) {
    return unread(file, error);
  }
}

function unread(file: string, error: unknown): Text {
  if (isAbsent(error)) return null;
  return { problem: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.` };
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** One walk from a theme to those that it extends, told which files to read, so that it may wait for them or not. */
interface Chain {
  next(): string | null;
  take(file: string, text: Text): void;
  loaded(): Loaded | { problem: string; missing: string };
}

function openChain(wanted: string, { user, builtIn }: ThemeFolders): Chain {
  const taken: { file: string; theme: ThemeFile }[] = [];
  const seen = new Set<string>();
  let problem: string | null = null;
  let name: string | null = wanted;
  // A file that was read does not count again: a theme of one's own may extend the built-in one of its name, and no circle is walked.
  const places = (of: string): string[] =>
    isFileName(of)
      ? [user, builtIn]
          .flatMap((folder) => folder ?? [])
          .map((folder) => join(folder, `${of}.json`))
          .filter((file) => !seen.has(file))
      : [];
  const next = (): string | null => (name === null || problem !== null ? null : (places(name)[0] ?? null));
  return {
    next,
    take(file, text) {
      seen.add(file);
      if (text === null || name === null) return;
      const checked = "problem" in text ? text : checkTheme(text.text, name, file);
      if ("problem" in checked) {
        problem = checked.problem;
        return;
      }
      taken.push({ file, theme: checked.theme });
      name = checked.theme.extends ?? null;
    },
    loaded() {
      const last = taken.at(-1);
      if (problem !== null) return { problem };
      if (!last) return { problem: `There is no theme ${JSON.stringify(wanted)}.`, missing: wanted };
      if (name !== null)
        return { problem: `${last.file} extends ${JSON.stringify(name)}, which is no other theme.`, missing: name };
      return joined(wanted, taken);
    },
  };
}

const isFileName = (name: string): boolean => /^[\p{L}\p{N}_][\p{L}\p{N}_ .-]*$/u.test(name);

/** What the first file says counts before what it extends. */
function joined(name: string, chain: readonly { file: string; theme: ThemeFile }[]): Loaded {
  const fromLast = chain.map(({ theme }) => theme).toReversed();
  const { kind, source }: ThemeFile = Object.assign({}, ...fromLast);
  const colors: ThemeFile["colors"] = Object.assign({}, ...fromLast.map((theme) => theme.colors));
  const file = chain.at(-1)?.file ?? name;
  if (kind === undefined) return { problem: `${file} lacks "kind", which is "dark" or "light".` };
  if (!isWhole(colors)) {
    const lacking = Object.keys(colorNames).filter((color) => !Object.hasOwn(colors, color));
    return { problem: `${file} lacks ${lacking.join(", ")}; it could have them from a theme that it "extends".` };
  }
  return {
    theme: { name, title: chain[0]?.theme.title ?? name, kind, ...(source !== undefined && { source }), colors },
  };
}

const isWhole = (colors: ThemeFile["colors"]): colors is Theme["colors"] =>
  Object.keys(colorNames).every((name) => Object.hasOwn(colors, name));
