/** Options for rendering parts: the available space, and how text becomes lines. */
import type { Line } from "../draw/style.ts";

export interface RenderOptions {
  columns: number;
  /** The part is unfolded. */
  open: boolean;
  /** Diffs are shown side by side. */
  split: boolean;
  /** Renders Markdown. For text that still grows, work is reused by the part's id. */
  markdown(id: string, text: string, columns: number, growing: boolean): readonly Line[];
  diff(text: string, columns: number, split: boolean): readonly Line[];
}
