/** The state that a terminal begins with. */
import { startTyping } from "../keys/typing.ts";
import type { State } from "./state.ts";

export function startState(
  { cwd, version, settings, shape }: Pick<State, "cwd" | "version" | "settings"> & { shape: "screen" | "inline" },
  { columns, rows }: { columns: number; rows: number },
): State {
  return {
    columns,
    rows,
    connection: { state: "connecting" },
    view: null,
    participants: [],
    cwd,
    branch: null,
    waits: 0,
    recent: [],
    commands: [],
    opens: [],
    widgets: { session: null, at: {} },
    typing: startTyping(),
    focus: "prompt",
    scroll: { follows: true },
    folds: { turned: new Set(), all: false, reasoning: false },
    search: null,
    dialogs: [],
    completion: null,
    toasts: [],
    settings,
    usual: { model: "", effort: "", mode: "ask" },
    // What is kept by the terminal should be the conversation alone, and its wheel the terminal's.
    sidebar: shape === "inline" ? "hidden" : "auto",
    diffs: "auto",
    choice: 0,
    hints: [],
    tick: 0,
    now: Date.now(),
    version,
    mouse: shape === "screen",
    dragged: null,
  };
}
