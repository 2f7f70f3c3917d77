/**
 * Color arithmetic: parsing, mixing, contrast, and the nearest color that a terminal can show. Pure. Not `culori`: it would replace 40
 * of these lines, add 16 KB to the terminal's bundle, and has no terminal palettes.
 */
import { type AnsiName, ansiNames } from "./theme.ts";

/** Channels from 0 to 255. */
export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

type Hex = `#${string}`;

/** Parses `#rrggbb`; null for anything else. */
export function parseHex(text: string): Rgb | null {
  if (!/^#[0-9a-f]{6}$/i.test(text)) return null;
  return fromNumber(Number.parseInt(text.slice(1), 16));
}

export const formatHex = ({ r, g, b }: Rgb): Hex => `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, "0")}`;

const fromNumber = (value: number): Rgb => ({ r: value >> 16, g: (value >> 8) & 255, b: value & 255 });

/** Linear interpolation: `share` from 0 (the first color) to 1 (the second). */
export function mixColors(one: Rgb, other: Rgb, share: number): Rgb {
  const between = (from: number, to: number): number => Math.round(from + (to - from) * share);
  return { r: between(one.r, other.r), g: between(one.g, other.g), b: between(one.b, other.b) };
}

const toLinear = (channel: number): number => {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

/** The relative luminance of WCAG 2: 0 for black, 1 for white. */
export const luminance = ({ r, g, b }: Rgb): number =>
  0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);

/** The contrast ratio of WCAG 2, from 1 to 21. Symmetric. */
export function contrastRatio(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** A perceptually uniform color space. */
interface Oklab {
  readonly l: number;
  readonly a: number;
  readonly b: number;
}

/** Uses the matrices that Björn Ottosson published in 2020. */
function toOklab(color: Rgb): Oklab {
  const [red, green, blue] = [toLinear(color.r), toLinear(color.g), toLinear(color.b)];
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return {
    l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  };
}

const chroma = ({ a, b }: Oklab): number => Math.hypot(a, b);

const CUBE_FROM = 16;
const GREY_FROM = 232;
const cubeSteps = [0, 95, 135, 175, 215, 255] as const;
const cubeStep = (step: number): number => cubeSteps[step] ?? 0;

/** What terminals show for an index from 16 to 255. Indexes 0 to 15 depend on the user's settings. */
export function indexToRgb(index: number): Rgb {
  if (index >= GREY_FROM) {
    const level = 8 + (index - GREY_FROM) * 10;
    return { r: level, g: level, b: level };
  }
  const at = index - CUBE_FROM;
  return { r: cubeStep(Math.floor(at / 36)), g: cubeStep(Math.floor(at / 6) % 6), b: cubeStep(at % 6) };
}

let indexed: readonly Oklab[] | null = null;

/** The index (16 to 255) of the most similar color, preferring those for which `fits` returns true. */
export function findNearestIndex(color: Rgb, fits: (shown: Rgb) => boolean = () => true): number {
  indexed ??= Array.from({ length: 240 }, (_, at) => toOklab(indexToRgb(CUBE_FROM + at)));
  const target = toOklab(color);
  const nearest = CUBE_FROM + indexOfLeast(indexed, (one) => distance(one, target));
  if (fits(indexToRgb(nearest))) return nearest;
  const distanceTo = (one: Oklab, at: number): number =>
    fits(indexToRgb(CUBE_FROM + at)) ? distance(one, target) : Number.POSITIVE_INFINITY;
  const fitting = CUBE_FROM + indexOfLeast(indexed, distanceTo);
  return fits(indexToRgb(fitting)) ? fitting : nearest;
}

const distance = (one: Oklab, other: Oklab): number =>
  (one.l - other.l) ** 2 + (one.a - other.a) ** 2 + (one.b - other.b) ** 2;

/** The sixteen ANSI colors with xterm's defaults. */
const ansiRgb: Readonly<Record<AnsiName, Rgb>> = {
  black: fromNumber(0x000000),
  red: fromNumber(0xcd0000),
  green: fromNumber(0x00cd00),
  yellow: fromNumber(0xcdcd00),
  blue: fromNumber(0x0000ee),
  magenta: fromNumber(0xcd00cd),
  cyan: fromNumber(0x00cdcd),
  white: fromNumber(0xe5e5e5),
  brightBlack: fromNumber(0x7f7f7f),
  brightRed: fromNumber(0xff0000),
  brightGreen: fromNumber(0x00ff00),
  brightYellow: fromNumber(0xffff00),
  brightBlue: fromNumber(0x5c5cff),
  brightMagenta: fromNumber(0xff00ff),
  brightCyan: fromNumber(0x00ffff),
  brightWhite: fromNumber(0xffffff),
};

export const ansiToRgb = (name: AnsiName): Rgb => ansiRgb[name];

const greys: ReadonlySet<AnsiName> = new Set<AnsiName>(["black", "brightBlack", "white", "brightWhite"]);

/** OKLab chroma from which on a color has a recognizable hue. */
const VIVID = 0.03;

/**
 * The name of the most similar color. A color with a hue maps to a grey only if there is no other choice, and a grey never to a color:
 * a pale blue is nearer to white than to any ANSI blue, and would lose its hue.
 */
export function findNearestAnsi(color: Rgb, among: readonly AnsiName[] = ansiNames): AnsiName {
  const target = toOklab(color);
  const vivid = chroma(target) >= VIVID;
  const alike = among.filter((name) => greys.has(name) !== vivid);
  const names = alike.length > 0 ? alike : among;
  const off = vivid ? hueDistance : distance;
  return names[indexOfLeast(names, (name) => off(toOklab(ansiRgb[name]), target))] ?? "white";
}

/** Compares at equal chroma. Lightness counts a third, since the hue matters most. */
function hueDistance(one: Oklab, target: Oklab): number {
  const strength = chroma(target);
  const scale = strength / Math.max(chroma(one), Number.EPSILON);
  return ((one.l - target.l) / 3) ** 2 + (one.a * scale - target.a) ** 2 + (one.b * scale - target.b) ** 2;
}

/** The index of the smallest value; the first of equals. */
function indexOfLeast<T>(values: readonly T[], size: (value: T, at: number) => number): number {
  let least = Number.POSITIVE_INFINITY;
  let found = 0;
  for (const [at, value] of values.entries()) {
    const here = size(value, at);
    if (here < least) [least, found] = [here, at];
  }
  return found;
}
