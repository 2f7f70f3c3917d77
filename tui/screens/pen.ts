/** What parts are drawn with: the room there is, and how text of each kind becomes lines. */
import type { Line } from "../draw/style.ts";

export interface Pen {
  columns: number;
  /** Unfolded. */
  open: boolean;
  split: boolean;
  /** Markdown as lines; what was learned of a text that still grows is kept by the part's id. */
  markdown(id: string, text: string, columns: number, growing: boolean): readonly Line[];
  diff(text: string, columns: number, split: boolean): readonly Line[];
}

/** Time as a person says it: 0.4s, 12s, 3m 05s. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  return `${Math.floor(seconds / 60)}m ${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
}
