/** Finds and loads themes: the built-in ones, and the user's own, which take precedence. */

import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { colorNames, type Theme, type ThemeKind } from "../../client/theme.ts";
import { describeError } from "../../protocol/errors.ts";
import { findNearest } from "../../protocol/nearest.ts";
import { checkTheme, type ThemeFile } from "./check.ts";

export interface ThemeFolders {
  builtIn: string;
  /** `themes/` in the configuration folder; it may not exist. */
  user: string | null;
}

export type LoadResult = { theme: Theme } | { problem: string };

export interface ListedTheme {
  name: string;
  title: string;
  kind: ThemeKind;
  from: "tutti" | "yours" | "plugin";
  /** Why it cannot be used. */
  problem?: string;
}

/** Next to the bundle, or in the source tree. */
export function builtInThemeFolder(): string {
  const bundled = fileURLToPath(new URL("themes", import.meta.url));
  return existsSync(bundled) ? bundled : fileURLToPath(new URL("../../client/themes", import.meta.url));
}

/** For the theme of the first frame. Returns a problem instead of throwing for missing or invalid files. */
export function readThemeSync(name: string, folders: ThemeFolders): LoadResult {
  const chain = createThemeChain(name, folders);
  for (let file = chain.next(); file !== null; file = chain.next()) chain.add(file, readTextSync(file));
  return chain.result();
}

/** Returns a problem instead of throwing for missing or invalid files. */
export async function loadTheme(name: string, folders: ThemeFolders): Promise<LoadResult> {
  const chain = createThemeChain(name, folders);
  for (let file = chain.next(); file !== null; file = chain.next()) chain.add(file, await readText(file));
  const result = chain.result();
  if (!("missing" in result)) return result;
  const near = findNearest(
    result.missing,
    (await listThemeNames(folders)).filter((other) => other !== name),
  );
  return { problem: near === null ? result.problem : `${result.problem} Did you mean ${near}?` };
}

/** Sorted by name. Invalid themes are listed with their problem. */
export async function listThemes(folders: ThemeFolders): Promise<ListedTheme[]> {
  const userNames = new Set(await listNamesIn(folders.user));
  return Promise.all(
    (await listThemeNames(folders)).map(async (name): Promise<ListedTheme> => {
      const from = userNames.has(name) ? "yours" : "tutti";
      const result = await loadTheme(name, folders);
      if ("problem" in result) return { name, title: name, kind: "dark", from, problem: result.problem };
      return { name, title: result.theme.title, kind: result.theme.kind, from };
    }),
  );
}

/** A theme by its name, or by the title that lists show; what is wrong if there is none. */
export async function findThemeName(
  wanted: string,
  folders: ThemeFolders,
): Promise<{ name: string } | { problem: string }> {
  const names = await listThemeNames(folders);
  if (names.includes(wanted)) return { name: wanted };
  const simplify = (text: string): string =>
    text
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.join("-") ?? "";
  const titled = await listThemes(folders);
  const found = titled.find(({ name, title }) => [name, title].some((text) => simplify(text) === simplify(wanted)));
  if (found) return { name: found.name };
  const near = findNearest(wanted, [...names, ...titled.map(({ title }) => title)]);
  const hint = near === null ? `Available: ${names.join(", ")}.` : `Did you mean ${near}?`;
  return { problem: `Unknown theme ${JSON.stringify(wanted)}. ${hint}` };
}

/** Sorted. */
export async function listThemeNames({ builtIn, user }: ThemeFolders): Promise<string[]> {
  return [...new Set([...(await listNamesIn(builtIn)), ...(await listNamesIn(user))])].sort();
}

async function listNamesIn(folder: string | null): Promise<string[]> {
  if (folder === null) return [];
  try {
    const files = await readdir(folder);
    return files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** The text of a file, or why it cannot be read; null if it does not exist. */
type FileText = { text: string } | { problem: string } | null;

function readTextSync(file: string): FileText {
  try {
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    return readFailure(file, error);
  }
}

async function readText(file: string): Promise<FileText> {
  try {
    return { text: await readFile(file, "utf8") };
  } catch (error) {
    return readFailure(file, error);
  }
}

function readFailure(file: string, error: unknown): FileText {
  if (isAbsent(error)) return null;
  return { problem: `Cannot read ${file}: ${describeError(error)}.` };
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** Follows a theme to those that it extends. The caller reads the files, so that it can do so synchronously or not. */
interface ThemeChain {
  next(): string | null;
  add(file: string, text: FileText): void;
  result(): LoadResult | { problem: string; missing: string };
}

function createThemeChain(requested: string, { user, builtIn }: ThemeFolders): ThemeChain {
  const files: { file: string; theme: ThemeFile }[] = [];
  const seen = new Set<string>();
  let problem: string | null = null;
  let name: string | null = requested;
  // Files that were read are skipped: a user's theme can extend the built-in one of the same name, and cycles end.
  const candidates = (of: string): string[] =>
    isFileName(of)
      ? [user, builtIn]
          .flatMap((folder) => folder ?? [])
          .map((folder) => join(folder, `${of}.json`))
          .filter((file) => !seen.has(file))
      : [];
  const next = (): string | null => (name === null || problem !== null ? null : (candidates(name)[0] ?? null));
  return {
    next,
    add(file, text) {
      seen.add(file);
      if (text === null || name === null) return;
      const checked = "problem" in text ? text : checkTheme(text.text, name, file);
      if ("problem" in checked) {
        problem = checked.problem;
        return;
      }
      files.push({ file, theme: checked.theme });
      name = checked.theme.extends ?? null;
    },
    result() {
      const last = files.at(-1);
      if (problem !== null) return { problem };
      if (!last) return { problem: `Theme ${JSON.stringify(requested)} not found.`, missing: requested };
      if (name !== null)
        return {
          problem: `${last.file} extends ${JSON.stringify(name)}, but no other theme has that name.`,
          missing: name,
        };
      return mergeChain(requested, files);
    },
  };
}

const isFileName = (name: string): boolean => /^[\p{L}\p{N}_][\p{L}\p{N}_ .-]*$/u.test(name);

/** Earlier files take precedence over those that they extend. */
function mergeChain(name: string, chain: readonly { file: string; theme: ThemeFile }[]): LoadResult {
  const fromLast = chain.map(({ theme }) => theme).toReversed();
  const { kind, source }: ThemeFile = Object.assign({}, ...fromLast);
  const colors: ThemeFile["colors"] = Object.assign({}, ...fromLast.map((theme) => theme.colors));
  const file = chain.at(-1)?.file ?? name;
  if (kind === undefined) return { problem: `${file} is missing "kind". Set it to "dark" or "light".` };
  if (!isComplete(colors)) {
    const missing = Object.keys(colorNames).filter((color) => !Object.hasOwn(colors, color));
    return {
      problem: `${file} is missing colors: ${missing.join(", ")}. Add them, or set "extends" to a theme that has them.`,
    };
  }
  return {
    theme: { name, title: chain[0]?.theme.title ?? name, kind, ...(source !== undefined && { source }), colors },
  };
}

const isComplete = (colors: ThemeFile["colors"]): colors is Theme["colors"] =>
  Object.keys(colorNames).every((name) => Object.hasOwn(colors, name));
