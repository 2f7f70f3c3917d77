/**
 * Reads the text of a theme's file. Checked by hand and not with a schema: the first frame waits for it, and a person wants to know
 * which line is wrong and what was meant.
 */
import { nearest } from "../../client/nearest.ts";
import {
  ansiNames,
  type ColorName,
  type ColorValue,
  colorNames,
  isColorName,
  isColorValue,
  type ThemeKind,
} from "../../client/theme.ts";

/** What one file says; what it leaves open is in the theme that it extends. */
export interface ThemeFile {
  title?: string;
  kind?: ThemeKind;
  source?: string;
  extends?: string;
  colors: Partial<Record<ColorName, ColorValue>>;
}

export type Checked = { theme: ThemeFile } | { problem: string };

/** `file` is what problems call it; `name` is the one that it has by its file. */
export function checkTheme(text: string, name: string, file: string): Checked {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `${file} is not JSON: ${error.message.replace(/\s+/g, " ")}.` };
  }
  if (!isObject(value)) return { problem: `${file} must hold one object, as {"extends": "dracula", "colors": {}}.` };
  const wrong = wrongKey(value, name) ?? wrongColor(value.colors ?? {});
  if (wrong) return { problem: `${file}, ${whereIs(text, wrong.key)}: ${wrong.says}` };
  const { name: _, colors = {}, ...rest } = value;
  return { theme: { ...rest, colors } as ThemeFile };
}

interface Wrong {
  key: string;
  /** A sentence. */
  says: string;
}

/** What each key may hold, and how that is said. */
const keys: Readonly<Record<string, { fits: (value: unknown, name: string) => boolean; expects: string }>> = {
  name: { fits: (value, name) => value === name, expects: "the file's name without .json" },
  title: { fits: isText, expects: "text" },
  kind: { fits: (value) => value === "dark" || value === "light", expects: '"dark" or "light"' },
  source: { fits: isText, expects: "text" },
  extends: { fits: isText, expects: "the name of a theme" },
  colors: { fits: isObject, expects: "an object of colors" },
};

function wrongKey(value: Readonly<Record<string, unknown>>, name: string): Wrong | null {
  for (const [key, held] of Object.entries(value)) {
    const rule = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (!rule) return { key, says: `"${key}" is not a key of a theme${meant(key, Object.keys(keys))}` };
    if (!rule.fits(held, name)) return { key, says: `"${key}" must be ${rule.expects}, not ${JSON.stringify(held)}.` };
  }
  return null;
}

function wrongColor(colors: object): Wrong | null {
  for (const [key, value] of Object.entries(colors)) {
    if (!isColorName(key))
      return { key, says: `"${key}" is not a color of a theme${meant(key, Object.keys(colorNames))}` };
    if (!isColorValue(value))
      return { key, says: `"${key}" must be ${expected(value)}, not ${JSON.stringify(value)}.` };
  }
  return null;
}

function expected(value: unknown): string {
  const name = typeof value === "string" ? nearest(value, [...ansiNames, "default"]) : null;
  return name === null ? '"#rrggbb", the name of one of the sixteen colors or "default"' : `"${name}"`;
}

function meant(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === null ? "." : `; did you mean "${near}"?`;
}

/** A key stands once in a file that a person wrote, but in a theme that names two things alike the later one is the color. */
function whereIs(text: string, key: string): string {
  const at = text.lastIndexOf(JSON.stringify(key));
  return `line ${text.slice(0, Math.max(0, at)).split("\n").length}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
