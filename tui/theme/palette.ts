/** What a theme looks like in this terminal: each name as the color that its depth can show. Pure. */
import { contrast, indexedRgb, nearestAnsi, nearestIndex, parseHex, type Rgb, rgbOfAnsi } from "../../client/color.ts";
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

/**
 * Where `selection` is `default` (without colors always, and in the theme `system`), whoever draws shows the chosen row by inverting
 * it: there is no color to show it by.
 */
export function paletteOf(theme: Theme, depth: ColorDepth): Palette {
  const names = Object.keys(colorNames) as ColorName[];
  return Object.fromEntries(names.map((name) => [name, paintOf(theme, name, depth)])) as Record<ColorName, Paint>;
}

function paintOf(theme: Theme, name: ColorName, depth: ColorDepth): Paint {
  const value = theme.colors[name];
  const color = parseHex(value);
  if (depth === "none") return plain;
  if (color === null) return named(value);
  if (depth === "truecolor") return { kind: "rgb", r: color.r, g: color.g, b: color.b };
  if (depth === "256") return { kind: "256", index: inIndexed(theme, name, color) };
  return named(inSixteen(theme, name, color));
}

const plain: Paint = { kind: "default" };

/** What must be told apart from what, since one is read on the other. */
const apart: Readonly<Partial<Record<ColorName, ColorName>>> = {
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

/** As WCAG asks of text. */
const READABLE = 4.5;

/** Two colors that are read on each other could become the nearest of the same few: then the field, or what is on it, gives way. */
function inIndexed(theme: Theme, name: ColorName, color: Rgb): number {
  const other = apart[name];
  const against = other === undefined ? null : parseHex(theme.colors[other]);
  if (against === null) return nearestIndex(color);
  const shown = indexedRgb(nearestIndex(against));
  return nearestIndex(color, (candidate) => contrast(candidate, shown) >= READABLE);
}

function named(value: ColorValue): Paint {
  const index = ansiNames.indexOf(value as AnsiName);
  return index < 0 ? plain : { kind: "16", index };
}

/**
 * With sixteen colors there are no tints, and what they look like is up to the person. So text and most fields stay what the terminal
 * has, and only what carries a meaning gets a color.
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

/** What each kind of theme draws with; neither has its own selection among them, nor what is lost on its background. */
const sixteen: Readonly<
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

function inSixteen(theme: Theme, name: ColorName, color: Rgb): AnsiName | "default" {
  const role = roles[name] ?? "hue";
  const { selection, greys, hues } = sixteen[theme.kind];
  if (role === "default") return "default";
  if (role === "selection") return selection;
  if (role === "grey") return nearestAnsi(color, greys);
  if (role === "hue") return theme.colors[name] === theme.colors.text ? "default" : nearestAnsi(color, hues);
  if ("always" in role)
    return nearestAnsi(
      color,
      hues.filter((hue) => hue.toLowerCase().endsWith(role.always)),
    );
  return readableOn(theme, role.on);
}

/** Black or white, whichever is read better there. */
function readableOn(theme: Theme, field: ColorName): AnsiName {
  const value = theme.colors[field];
  const color = parseHex(value);
  const shown = color === null ? value : inSixteen(theme, field, color);
  if (shown === "default" || shown.startsWith("#")) return theme.kind === "dark" ? "brightWhite" : "black";
  const behind = rgbOfAnsi(shown as AnsiName);
  return contrast(behind, rgbOfAnsi("black")) >= contrast(behind, rgbOfAnsi("brightWhite")) ? "black" : "brightWhite";
}
