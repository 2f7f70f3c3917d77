/** In inline mode: rows that leave the top of the transcript move to the terminal's own scrollback, each line once. */
import type { Frame } from "../draw/frame.ts";
import { composeScrollback } from "../screens/compose.ts";
import type { Transcript, TranscriptPosition } from "../screens/transcript.ts";
import type { State } from "./state.ts";

/** Returns the rows that have left since the last call; null if there are none, or while the user looks at earlier ones. */
export function createScrollback(transcript: Transcript): (state: State, rows: number) => Frame | null {
  let session = "";
  let from: TranscriptPosition | null = null;
  return (state, rows) => {
    const { view, scroll, folds } = state;
    if (!view || view.id === "" || !scroll.follows) return null;
    if (view.id !== session) from = null;
    session = view.id;
    const { lines, top } = transcript.scrolledOut(view.parts, from, folds, rows);
    from = top;
    return lines.length === 0 ? null : composeScrollback(state, lines);
  };
}
