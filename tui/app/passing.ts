/** Without a screen of its own: what leaves the top of the transcript goes to the terminal's own scrollback, each line once. */
import type { Frame } from "../draw/frame.ts";
import { composeLeft } from "../screens/compose.ts";
import type { Mark, Transcript } from "../screens/transcript.ts";
import type { State } from "./state.ts";

/** The rows that have left since it was asked last; null where none have, and while somebody looks at earlier ones. */
export function createPassing(transcript: Transcript): (state: State, rows: number) => Frame | null {
  let session = "";
  let from: Mark | null = null;
  return (state, rows) => {
    const { view, scroll, folds } = state;
    if (!view || view.id === "" || !scroll.follows) return null;
    if (view.id !== session) from = null;
    session = view.id;
    const { lines, top } = transcript.left(view.parts, from, folds, rows);
    from = top;
    return lines.length === 0 ? null : composeLeft(state, lines);
  };
}
