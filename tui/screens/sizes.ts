/** What the parts of the screen take of it. */
import type { State } from "../app/state.ts";

export const SIDEBAR = 38;
const ROOMY = 120;

export const hasSidebar = ({ sidebar, columns, view }: Pick<State, "sidebar" | "columns" | "view">): boolean =>
  view !== null && (sidebar === "shown" ? columns >= 2 * SIDEBAR : sidebar === "auto" && columns >= ROOMY);
