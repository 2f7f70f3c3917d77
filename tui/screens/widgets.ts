/** Where widgets of plugins stand, how large these places are, and what is shown there. Pure. */
import type { WidgetSlot } from "../../protocol/plugin.ts";
import type { ShownWidget, State, WidgetDialog } from "../app/state.ts";
import { type Line, span } from "../draw/style.ts";
import { textWidth, upTo } from "../draw/width.ts";
import type { Piece } from "./pieces.ts";
import { hasSidebar, SIDEBAR } from "./sizes.ts";

export interface Place {
  slot: WidgetSlot;
  /** Cells. */
  width: number;
  height: number;
}

const IN_BAR = 30;
const LEAST_IN_BAR = 8;
const ON_HOME = { width: 72, height: 6, leastRows: 20 };
const IN_SIDEBAR = 20;
const IN_DIALOG = { width: 92, height: 30 };

/** The places that there are on this screen now. */
export function placesOf(state: State): Place[] {
  const under = placesUnder(state);
  return state.dialogs.at(-1)?.kind === "widget" ? [...under, { slot: "dialog", ...dialogSize(state) }] : under;
}

/** What a widget has of a dialog, within its edges. */
const dialogSize = ({ columns, rows }: Pick<State, "columns" | "rows">) => ({
  width: Math.max(1, Math.min(IN_DIALOG.width, columns - 6)),
  height: Math.max(1, Math.min(IN_DIALOG.height, rows - 6)),
});

function placesUnder(state: State): Place[] {
  const { columns, rows } = state;
  const inBar = Math.min(IN_BAR, Math.floor(columns / 3));
  const bar: Place[] = inBar < LEAST_IN_BAR ? [] : [{ slot: "status", width: inBar, height: 1 }];
  if (hasSidebar(state))
    return [...bar, { slot: "sidebar", width: SIDEBAR - 3, height: Math.max(1, Math.min(IN_SIDEBAR, rows - 4)) }];
  if (sessionOf(state) !== null || rows < ON_HOME.leastRows || columns < 10) return bar;
  return [...bar, { slot: "home", width: Math.min(ON_HOME.width, columns - 4), height: ON_HOME.height }];
}

export const sessionOf = ({ view }: Pick<State, "view">): string | null => view?.id || null;

/** What was told of another session is not shown in this one. */
const shownAt = (state: State, slot: WidgetSlot): readonly ShownWidget[] =>
  state.widgets.session === sessionOf(state) ? (state.widgets.at[slot] ?? []) : [];

/** In the last line: a piece each. */
export const widgetPieces = (state: State): Piece[] =>
  shownAt(state, "status").flatMap(({ lines: [first] }) =>
    first ? [{ line: [span(" "), ...cut(first, Math.min(IN_BAR, state.columns)), span(" ")] }] : [],
  );

/** In the sidebar: a section each. */
export const widgetSections = (state: State, columns: number): Piece[] =>
  shownAt(state, "sidebar").flatMap(({ plugin, title, lines }) => [
    { line: [] },
    { line: cut([span(title, { fg: "accent", bold: true }), span(`  ${plugin}`, { fg: "faint" })], columns) },
    ...lines.slice(0, IN_SIDEBAR).map((row) => ({ line: cut(row, columns) })),
  ]);

/** On the home screen, below all else: as many rows as are left. */
export const widgetRows = (state: State, columns: number, rows: number): Line[] =>
  shownAt(state, "home")
    .flatMap(({ lines }) => [[], ...lines.slice(0, ON_HOME.height).map((row) => cut(row, columns))])
    .slice(0, Math.max(0, rows));

/** In a dialog: what this one shows, null while it shows nothing. */
export function widgetIn(state: State, { plugin, widget }: WidgetDialog): readonly Line[] | null {
  const shown = shownAt(state, "dialog").find((one) => one.plugin === plugin && one.widget === widget);
  const { width, height } = dialogSize(state);
  return shown ? shown.lines.slice(0, height).map((row) => cut(row, width)) : null;
}

/** No cell beyond. */
export function cut(row: Line, columns: number): Line {
  let room = columns;
  return row.flatMap(({ text, style }) => {
    const kept = upTo(text, room);
    // What did not fit whole leaves no room for what comes behind it.
    room = kept === text ? room - textWidth(kept) : 0;
    return kept === "" ? [] : [{ text: kept, style }];
  });
}
