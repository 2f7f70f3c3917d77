/** Parses a theme file. Checked by hand instead of with a schema: it delays the first frame, and errors name the line and a suggestion. */

import {
  ansiNames,
  type ColorName,
  type ColorValue,
  colorNames,
  isColorName,
  isColorValue,
  type ThemeKind,
} from "../../client/theme.ts";
import { findNearest } from "../../protocol/nearest.ts";

/** The content of a theme file. Missing colors come from the theme that it extends. */
export interface ThemeFile {
  title?: string;
  kind?: ThemeKind;
  source?: string;
  extends?: string;
  colors: Partial<Record<ColorName, ColorValue>>;
}

export type CheckResult = { theme: ThemeFile } | { problem: string };

/** `file` is used in messages. `name` is the expected name, from the file's name. */
export function checkTheme(text: string, name: string, file: string): CheckResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `${file} is not valid JSON: ${error.message.replace(/\s+/g, " ")}.` };
  }
  if (!isObject(value))
    return { problem: `${file} must contain an object, for example {"extends": "dracula", "colors": {}}.` };
  const wrong = findInvalidKey(value, name) ?? findInvalidColor(value.colors ?? {});
  if (wrong) return { problem: `${file}, ${describeLine(text, wrong.key)}: ${wrong.message}` };
  const { name: _, colors = {}, ...rest } = value;
  return { theme: { ...rest, colors } as ThemeFile };
}

interface ThemeProblem {
  key: string;
  /** Ends with punctuation. */
  message: string;
}

/** The valid values of each key, and their description. */
const keys: Readonly<Record<string, { fits: (value: unknown, name: string) => boolean; expects: string }>> = {
  name: { fits: (value, name) => value === name, expects: "the file name without .json" },
  title: { fits: isText, expects: "text" },
  kind: { fits: (value) => value === "dark" || value === "light", expects: '"dark" or "light"' },
  source: { fits: isText, expects: "text" },
  extends: { fits: isText, expects: "the name of a theme" },
  colors: { fits: isObject, expects: "an object of colors" },
};

function findInvalidKey(value: Readonly<Record<string, unknown>>, name: string): ThemeProblem | null {
  for (const [key, content] of Object.entries(value)) {
    const rule = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (!rule) return { key, message: `"${key}" is not a valid key${suggestName(key, Object.keys(keys))}` };
    if (!rule.fits(content, name))
      return { key, message: `"${key}" must be ${rule.expects}, not ${JSON.stringify(content)}.` };
  }
  return null;
}

function findInvalidColor(colors: object): ThemeProblem | null {
  for (const [key, value] of Object.entries(colors)) {
    if (!isColorName(key))
      return { key, message: `"${key}" is not a valid color name${suggestName(key, Object.keys(colorNames))}` };
    if (!isColorValue(value))
      return { key, message: `"${key}" must be ${describeExpectedColor(value)}, not ${JSON.stringify(value)}.` };
  }
  return null;
}

function describeExpectedColor(value: unknown): string {
  const name = typeof value === "string" ? findNearest(value, [...ansiNames, "default"]) : null;
  return name === null ? '"#rrggbb", one of the sixteen ANSI color names or "default"' : `"${name}"`;
}

function suggestName(name: string, names: readonly string[]): string {
  const near = findNearest(name, names);
  return near === null ? "." : `. Did you mean "${near}"?`;
}

/** Uses the last occurrence: if a key of the theme and a color have the same name, the color comes later. */
function describeLine(text: string, key: string): string {
  const at = text.lastIndexOf(JSON.stringify(key));
  return `line ${text.slice(0, Math.max(0, at)).split("\n").length}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
