/** The sizes of the parts of the screen. Apart from sidebar.ts, which imports modules that need them. */
import type { State } from "../app/state.ts";

export const SIDEBAR_COLUMNS = 38;
const MIN_AUTO_COLUMNS = 120;

export const hasSidebar = ({ sidebar, columns, view }: Pick<State, "sidebar" | "columns" | "view">): boolean =>
  view !== null &&
  (sidebar === "shown" ? columns >= 2 * SIDEBAR_COLUMNS : sidebar === "auto" && columns >= MIN_AUTO_COLUMNS);
