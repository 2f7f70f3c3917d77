/** The state that the terminal UI starts with. */
import { DEFAULT_AGENT } from "../../client/agents.ts";
import { nobody } from "../../protocol/participants.ts";
import { createInputState } from "../keys/input-state.ts";
import type { State } from "./state.ts";

export function createInitialState(
  {
    cwd,
    version,
    settings,
    screenMode,
  }: Pick<State, "cwd" | "version" | "settings"> & { screenMode: "screen" | "inline" },
  { columns, rows }: { columns: number; rows: number },
): State {
  return {
    columns,
    rows,
    connection: { state: "connecting" },
    view: null,
    participants: nobody,
    self: null,
    following: null,
    cwd,
    branch: null,
    pendingTrust: 0,
    needsModel: false,
    recent: [],
    agents: [],
    commands: [],
    dialogWidgets: [],
    widgets: { session: null, at: {} },
    input: createInputState(),
    history: null,
    focus: "prompt",
    scroll: { follows: true },
    folds: { toggled: new Set(), all: false, reasoning: false },
    search: null,
    dialogs: [],
    completion: null,
    toasts: [],
    settings,
    defaults: { agent: DEFAULT_AGENT, model: "", effort: "", mode: "ask" },
    // The terminal's scrollback should contain nothing but the conversation.
    sidebar: screenMode === "inline" ? "hidden" : "auto",
    diffs: "auto",
    selectedChoice: 0,
    questionScroll: null,
    answerable: null,
    quitRequestedAt: null,
    hints: [],
    tick: 0,
    now: Date.now(),
    version,
    mouse: screenMode === "screen",
    drag: null,
  };
}
