/**
 * What everything is drawn with: text in a style, by names of the theme. Nothing here knows what a color looks like, so that a change
 * of the theme lays nothing out again.
 */
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
  /** Where it leads when it is clicked, in terminals that can. */
  readonly link?: string;
}

/** Printable text: no control characters, no tabs, no line ends. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** One row, or a piece of one, from left to right. */
export type Line = readonly Span[];

export const plain: Style = {};

export const span = (text: string, style: Style = plain): Span => ({ text, style });

/** One line of text in one style. */
export const line = (text: string, style: Style = plain): Line => (text === "" ? [] : [{ text, style }]);

/** The same line with more said about its style; what a span says itself wins. */
export const under = (spans: Line, style: Style): Line =>
  spans.map((one) => ({ text: one.text, style: { ...style, ...one.style } }));

/** The same line with this laid over every style. */
export const over = (spans: Line, style: Style): Line =>
  spans.map((one) => ({ text: one.text, style: { ...one.style, ...style } }));

export const textOf = (spans: Line): string => spans.map(({ text }) => text).join("");
