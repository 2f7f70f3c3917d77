/** Converts a theme to the colors that this terminal can show. Pure. */
import {
  ansiToRgb,
  contrastRatio,
  findNearestAnsi,
  findNearestIndex,
  indexToRgb,
  parseHex,
  type Rgb,
} from "../../client/color.ts";
import {
  type AnsiName,
  ansiNames,
  type ColorName,
  type ColorValue,
  colorNames,
  type Theme,
  type ThemeKind,
} from "../../client/theme.ts";
import type { ColorDepth } from "./depth.ts";

export type Paint =
  | { readonly kind: "rgb"; readonly r: number; readonly g: number; readonly b: number }
  | { readonly kind: "256"; readonly index: number }
  | { readonly kind: "16"; readonly index: number }
  | { readonly kind: "default" };

export type Palette = Readonly<Record<ColorName, Paint>>;

/** If `selection` is `default` (without colors, and in the theme `system`), the selected row must be drawn in inverse video. */
export function createPalette(theme: Theme, depth: ColorDepth): Palette {
  const names = Object.keys(colorNames) as ColorName[];
  return Object.fromEntries(names.map((name) => [name, paintOf(theme, name, depth)])) as Record<ColorName, Paint>;
}

function paintOf(theme: Theme, name: ColorName, depth: ColorDepth): Paint {
  const value = theme.colors[name];
  const color = parseHex(value);
  if (depth === "none") return defaultPaint;
  if (color === null) return namedPaint(value);
  if (depth === "truecolor") return { kind: "rgb", r: color.r, g: color.g, b: color.b };
  if (depth === "256") return { kind: "256", index: indexedColor(theme, name, color) };
  return namedPaint(ansiColor(theme, name, color));
}

const defaultPaint: Paint = { kind: "default" };

/** Pairs of colors that need contrast, because one is read on the other. */
const contrastPairs: Readonly<Partial<Record<ColorName, ColorName>>> = {
  background: "text",
  panel: "text",
  overlay: "text",
  selection: "text",
  codeBackground: "text",
  diffAddedBackground: "text",
  diffRemovedBackground: "text",
  diffAddedWord: "text",
  diffRemovedWord: "text",
  onAccent: "accent",
  onMatch: "match",
};

/** The minimum contrast for text, from WCAG. */
const READABLE = 4.5;

/** Two colors that are read on each other could map to similar ones. The background, or the text on it, is adjusted then. */
function indexedColor(theme: Theme, name: ColorName, color: Rgb): number {
  const other = contrastPairs[name];
  const against = other === undefined ? null : parseHex(theme.colors[other]);
  if (against === null) return findNearestIndex(color);
  const shown = indexToRgb(findNearestIndex(against));
  return findNearestIndex(color, (candidate) => contrastRatio(candidate, shown) >= READABLE);
}

function namedPaint(value: ColorValue): Paint {
  const index = ansiNames.indexOf(value as AnsiName);
  return index < 0 ? defaultPaint : { kind: "16", index };
}

/**
 * With sixteen colors there are no tints, and the user defines their appearance. Text and most backgrounds keep the terminal's defaults;
 * only colors with a meaning are mapped.
 */
type Role =
  | "default"
  | "grey"
  | "hue"
  | "selection"
  | { readonly on: ColorName }
  | { readonly always: "red" | "green" | "yellow" | "blue" };

const roles: Readonly<Partial<Record<ColorName, Role>>> = {
  background: "default",
  panel: "default",
  overlay: "default",
  codeBackground: "default",
  diffAddedBackground: "default",
  diffRemovedBackground: "default",
  diffAddedWord: "default",
  diffRemovedWord: "default",
  selection: "selection",
  text: "default",
  border: "grey",
  muted: "grey",
  faint: "grey",
  reasoning: "grey",
  syntaxComment: "grey",
  success: { always: "green" },
  warning: { always: "yellow" },
  error: { always: "red" },
  modePlan: { always: "blue" },
  modeAsk: { always: "green" },
  modeEdit: { always: "yellow" },
  modeAuto: { always: "red" },
  diffAdded: { always: "green" },
  diffRemoved: { always: "red" },
  onAccent: { on: "accent" },
  onMatch: { on: "match" },
};

/** The colors to map to. They exclude the selection's color, and colors that are unreadable on the background. */
const ansiChoices: Readonly<
  Record<ThemeKind, { selection: AnsiName; greys: readonly AnsiName[]; hues: readonly AnsiName[] }>
> = {
  dark: {
    selection: "blue",
    greys: ["brightBlack", "white"],
    hues: ansiNames.filter((name) => name !== "black" && name !== "blue"),
  },
  light: {
    selection: "white",
    greys: ["brightBlack", "black"],
    hues: ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "brightBlack"],
  },
};

function ansiColor(theme: Theme, name: ColorName, color: Rgb): AnsiName | "default" {
  const role = roles[name] ?? "hue";
  const { selection, greys, hues } = ansiChoices[theme.kind];
  if (role === "default") return "default";
  if (role === "selection") return selection;
  if (role === "grey") return findNearestAnsi(color, greys);
  if (role === "hue") return theme.colors[name] === theme.colors.text ? "default" : findNearestAnsi(color, hues);
  if ("always" in role)
    return findNearestAnsi(
      color,
      hues.filter((hue) => hue.toLowerCase().endsWith(role.always)),
    );
  return readableOn(theme, role.on);
}

/** Black or white, whichever is more readable on this background. */
function readableOn(theme: Theme, field: ColorName): AnsiName {
  const value = theme.colors[field];
  const color = parseHex(value);
  const shown = color === null ? value : ansiColor(theme, field, color);
  if (shown === "default" || shown.startsWith("#")) return theme.kind === "dark" ? "brightWhite" : "black";
  const behind = ansiToRgb(shown as AnsiName);
  return contrastRatio(behind, ansiToRgb("black")) >= contrastRatio(behind, ansiToRgb("brightWhite"))
    ? "black"
    : "brightWhite";
}
