/** The slots of plugin widgets: where they are, how large they are, and their content. Pure. */
import type { WidgetSlot } from "../../protocol/plugin.ts";
import type { State, WidgetContent, WidgetDialog } from "../app/state.ts";
import { type Line, span } from "../draw/style.ts";
import { takeColumns, textWidth } from "../draw/width.ts";
import type { Piece } from "./pieces.ts";
import { hasSidebar, SIDEBAR_COLUMNS } from "./sizes.ts";

export interface SlotArea {
  slot: WidgetSlot;
  /** Cells. */
  width: number;
  height: number;
}

const STATUS_COLUMNS = 30;
const MIN_STATUS_COLUMNS = 8;
const HOME_AREA = { width: 72, height: 6, leastRows: 20 };
const MAX_SIDEBAR_ROWS = 20;
const MAX_DIALOG_AREA = { width: 92, height: 30 };

/** The slots that are visible now. */
export function listSlotAreas(state: State): SlotArea[] {
  const under = listBaseAreas(state);
  return state.dialogs.at(-1)?.kind === "widget" ? [...under, { slot: "dialog", ...dialogSize(state) }] : under;
}

/** The area of a dialog that is available to its widget. */
const dialogSize = ({ columns, rows }: Pick<State, "columns" | "rows">) => ({
  width: Math.max(1, Math.min(MAX_DIALOG_AREA.width, columns - 6)),
  height: Math.max(1, Math.min(MAX_DIALOG_AREA.height, rows - 6)),
});

function listBaseAreas(state: State): SlotArea[] {
  const { columns, rows } = state;
  const inBar = Math.min(STATUS_COLUMNS, Math.floor(columns / 3));
  const bar: SlotArea[] = inBar < MIN_STATUS_COLUMNS ? [] : [{ slot: "status", width: inBar, height: 1 }];
  if (hasSidebar(state))
    return [
      ...bar,
      { slot: "sidebar", width: SIDEBAR_COLUMNS - 3, height: Math.max(1, Math.min(MAX_SIDEBAR_ROWS, rows - 4)) },
    ];
  if (currentSession(state) !== null || rows < HOME_AREA.leastRows || columns < 10) return bar;
  return [...bar, { slot: "home", width: Math.min(HOME_AREA.width, columns - 4), height: HOME_AREA.height }];
}

export const currentSession = ({ view }: Pick<State, "view">): string | null => view?.id || null;

/** Content that was rendered for another session is not shown. */
const contentAt = (state: State, slot: WidgetSlot): readonly WidgetContent[] =>
  state.widgets.session === currentSession(state) ? (state.widgets.at[slot] ?? []) : [];

/** In the status bar: one piece per widget. */
export const widgetPieces = (state: State): Piece[] =>
  contentAt(state, "status").flatMap(({ lines: [first] }) =>
    first ? [{ line: [span(" "), ...clipLine(first, Math.min(STATUS_COLUMNS, state.columns)), span(" ")] }] : [],
  );

/** In the sidebar: one section per widget. */
export const widgetSections = (state: State, columns: number): Piece[] =>
  contentAt(state, "sidebar").flatMap(({ plugin, title, lines }) => [
    { line: [] },
    { line: clipLine([span(title, { fg: "accent", bold: true }), span(`  ${plugin}`, { fg: "faint" })], columns) },
    ...lines.slice(0, MAX_SIDEBAR_ROWS).map((row) => ({ line: clipLine(row, columns) })),
  ]);

/** On the home screen, below everything else, in the remaining rows. */
export const widgetRows = (state: State, columns: number, rows: number): Line[] =>
  contentAt(state, "home")
    .flatMap(({ lines }) => [[], ...lines.slice(0, HOME_AREA.height).map((row) => clipLine(row, columns))])
    .slice(0, Math.max(0, rows));

/** The content of a widget dialog; null while there is none. */
export function dialogWidgetLines(state: State, { plugin, widget }: WidgetDialog): readonly Line[] | null {
  const shown = contentAt(state, "dialog").find((one) => one.plugin === plugin && one.widget === widget);
  const { width, height } = dialogSize(state);
  return shown ? shown.lines.slice(0, height).map((row) => clipLine(row, width)) : null;
}

/** Cuts the line after this number of columns. */
export function clipLine(row: Line, columns: number): Line {
  let room = columns;
  return row.flatMap(({ text, style }) => {
    const visible = takeColumns(text, room);
    // After a span that was cut, nothing more is shown.
    room = visible === text ? room - textWidth(visible) : 0;
    return visible === "" ? [] : [{ text: visible, style }];
  });
}
