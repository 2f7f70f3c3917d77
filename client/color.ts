/** Arithmetic with colors: reading, mixing, how well one is read on another, and the nearest one that a terminal has. Pure. */
import { type AnsiName, ansiNames } from "./theme.ts";

/** Each from 0 to 255. */
export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

type Hex = `#${string}`;

/** Of `#rrggbb`; null for anything else. */
export function parseHex(text: string): Rgb | null {
  if (!/^#[0-9a-f]{6}$/i.test(text)) return null;
  return fromNumber(Number.parseInt(text.slice(1), 16));
}

export const hexOf = ({ r, g, b }: Rgb): Hex => `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, "0")}`;

const fromNumber = (value: number): Rgb => ({ r: value >> 16, g: (value >> 8) & 255, b: value & 255 });

/** As much of the second as `share` says, from 0 to 1, the way a half transparent layer looks. */
export function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const between = (from: number, to: number): number => Math.round(from + (to - from) * share);
  return { r: between(one.r, other.r), g: between(one.g, other.g), b: between(one.b, other.b) };
}

const linear = (channel: number): number => {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

/** The relative luminance of WCAG 2: 0 for black, 1 for white. */
export const luminance = ({ r, g, b }: Rgb): number => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

/** The contrast ratio of WCAG 2, from 1 to 21, whichever of them is the text. */
export function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** A space in which distances are as the eye sees them. */
interface Oklab {
  readonly l: number;
  readonly a: number;
  readonly b: number;
}

/** With the matrices that Björn Ottosson published in 2020. */
function oklab(color: Rgb): Oklab {
  const [red, green, blue] = [linear(color.r), linear(color.g), linear(color.b)];
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

/** What terminals show for an index from 16 to 255; those below are up to the person's settings. */
export function indexedRgb(index: number): Rgb {
  if (index >= GREY_FROM) {
    const level = 8 + (index - GREY_FROM) * 10;
    return { r: level, g: level, b: level };
  }
  const at = index - CUBE_FROM;
  return { r: cubeStep(Math.floor(at / 36)), g: cubeStep(Math.floor(at / 6) % 6), b: cubeStep(at % 6) };
}

let indexed: readonly Oklab[] | null = null;

/** The index, from 16 to 255, of the color that looks most like this one, of those that `fits` where there are such. */
export function nearestIndex(color: Rgb, fits: (shown: Rgb) => boolean = () => true): number {
  indexed ??= Array.from({ length: 240 }, (_, at) => oklab(indexedRgb(CUBE_FROM + at)));
  const wanted = oklab(color);
  const nearest = CUBE_FROM + leastAt(indexed, (one) => distance(one, wanted));
  if (fits(indexedRgb(nearest))) return nearest;
  const off = (one: Oklab, at: number): number =>
    fits(indexedRgb(CUBE_FROM + at)) ? distance(one, wanted) : Number.POSITIVE_INFINITY;
  const fitting = CUBE_FROM + leastAt(indexed, off);
  return fits(indexedRgb(fitting)) ? fitting : nearest;
}

const distance = (one: Oklab, other: Oklab): number =>
  (one.l - other.l) ** 2 + (one.a - other.a) ** 2 + (one.b - other.b) ** 2;

/** The sixteen as xterm shows them where nobody chose others. */
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

export const rgbOfAnsi = (name: AnsiName): Rgb => ansiRgb[name];

const greys: ReadonlySet<AnsiName> = new Set<AnsiName>(["black", "brightBlack", "white", "brightWhite"]);

/** From this chroma in OKLab on, a color has a hue that people would name. */
const VIVID = 0.03;

/**
 * Which of these names looks most like the color. A color with a hue never becomes a grey while there is another, and a grey never a
 * color: so pale a blue as themes have is nearer to white than to any blue of the sixteen, and would be lost.
 */
export function nearestAnsi(color: Rgb, among: readonly AnsiName[] = ansiNames): AnsiName {
  const wanted = oklab(color);
  const vivid = chroma(wanted) >= VIVID;
  const alike = among.filter((name) => greys.has(name) !== vivid);
  const names = alike.length > 0 ? alike : among;
  const off = vivid ? hueDistance : distance;
  return names[leastAt(names, (name) => off(oklab(ansiRgb[name]), wanted))] ?? "white";
}

/** As if both were equally strong in color; lightness counts a third, since a name should say the hue. */
function hueDistance(one: Oklab, wanted: Oklab): number {
  const strength = chroma(wanted);
  const scale = strength / Math.max(chroma(one), Number.EPSILON);
  return ((one.l - wanted.l) / 3) ** 2 + (one.a * scale - wanted.a) ** 2 + (one.b * scale - wanted.b) ** 2;
}

/** Where the smallest value is; the first of equals. */
function leastAt<T>(values: readonly T[], size: (value: T, at: number) => number): number {
  let least = Number.POSITIVE_INFINITY;
  let found = 0;
  for (const [at, value] of values.entries()) {
    const here = size(value, at);
    if (here < least) [least, found] = [here, at];
  }
  return found;
}
