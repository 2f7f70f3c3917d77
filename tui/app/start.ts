/** The state that a terminal begins with. */
import { startTyping } from "../keys/typing.ts";
import type { State } from "./state.ts";

export function startState(
  { cwd, version, settings }: Pick<State, "cwd" | "version" | "settings">,
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
    sidebar: "auto",
    diffs: "auto",
    choice: 0,
    hints: [],
    tick: 0,
    now: Date.now(),
    version,
    mouse: true,
    dragged: null,
  };
}
