/** Styled text. Colors are names from the theme, so that a change of theme needs no new layout. */
import type { ColorName } from "../../client/theme.ts";

export interface Style {
  readonly fg?: ColorName;
  readonly bg?: ColorName;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
  /** The target of a hyperlink, in terminals that support them. */
  readonly link?: string;
}

/** Printable text without control characters, tabs and line ends. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** A row, or a part of one, from left to right. */
export type Line = readonly Span[];

export const plainStyle: Style = {};

export const span = (text: string, style: Style = plainStyle): Span => ({ text, style });

/** A line in a single style. */
export const line = (text: string, style: Style = plainStyle): Line => (text === "" ? [] : [{ text, style }]);

/** Adds a base style: properties that a span sets itself win. */
export const withBaseStyle = (spans: Line, style: Style): Line =>
  spans.map((one) => ({ text: one.text, style: { ...style, ...one.style } }));

/** Overrides the style of all spans. */
export const withStyle = (spans: Line, style: Style): Line =>
  spans.map((one) => ({ text: one.text, style: { ...one.style, ...style } }));

export const textOf = (spans: Line): string => spans.map(({ text }) => text).join("");
