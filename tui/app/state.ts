/** The state that the screen is drawn from, as plain data: the server's view of the session, and what the user is doing. */
import type { AgentRow } from "../../client/agents.ts";
import type { ChosenSettings, ConfiguredSettings } from "../../client/next-settings.ts";
import type { Connection } from "../../client/reconnecting-client.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { ParticipantList } from "../../protocol/participants.ts";
import type { WidgetSlot } from "../../protocol/plugin.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Line } from "../draw/style.ts";
import type { Draft } from "../edit/editor.ts";
import type { Command, InputState } from "../keys/input-state.ts";

export interface WidgetContent {
  plugin: string;
  widget: string;
  title: string;
  lines: readonly Line[];
}

/** A resource that a plugin offers for reading. */
export type Resource = ResultOf<"resourcesList">["resources"][number];

/** The scroll position of the transcript: following its end, or with this row of this part at the top. */
export type Scroll = { follows: true } | { follows: false; part: string; row: number };

export interface Toast {
  id: number;
  level: "info" | "warning" | "error";
  text: string;
}

/** A row of a list dialog. */
export interface Item {
  id: string;
  /** The main text; filtered and shown first. */
  text: string;
  /** Shown after the text, faint. */
  detail?: string;
  /** Shown at the right edge. */
  right?: string;
  /** Shown before the text, for example to mark a favorite. */
  mark?: string;
  /** The heading above the first row of the group. */
  group?: string;
}

export interface ListDialog {
  kind: "list";
  title: string;
  items: readonly Item[];
  /** False while the items are being requested. */
  isLoaded: boolean;
  /** The filter line. */
  input: InputState;
  /** The server searches for the filter text; `items` are its results. */
  isServerSearch: boolean;
  /** Index of the selected row among the filtered ones. */
  selected: number;
  /** Rows can be chosen; otherwise the list is for reading only. */
  isSelectable: boolean;
  /** Key hints for the last line. */
  hints: readonly { keys: string; label: string }[];
  /** Shown above the rows. */
  intro: string;
  /** Shown while the items are being requested. */
  loading: string;
  /** Shown when there are no items. */
  empty: string;
  preview: readonly Line[] | null;
  /** On narrow screens the preview is shown below the rows, in full. */
  previewRequired: boolean;
  /** The number of preview rows that are scrolled out at the top. */
  previewTop: number;
}

export interface InputDialog {
  kind: "input";
  title: string;
  input: InputState;
  hint: string;
  /** The text is a secret: it is drawn as dots. */
  isSecret: boolean;
}

/** Shows a plugin's widget, which receives the keys. */
export interface WidgetDialog {
  kind: "widget";
  title: string;
  plugin: string;
  widget: string;
}

export type Dialog = ListDialog | InputDialog | WidgetDialog;

/** The completion menu above the prompt. */
export interface Completion {
  kind: "slash" | "mention" | "argument";
  /** The user moved the selection. */
  isMoved: boolean;
  /** The range of the prompt's text to replace. */
  from: number;
  to: number;
  rows: readonly {
    insert: string;
    text: string;
    detail?: string;
    /** A command that needs no further argument, so that Enter runs it. */
    isComplete?: boolean;
    /** To attach instead of inserting text. */
    resource?: Resource;
  }[];
  selected: number;
}

export interface Folds {
  /** Parts whose fold state differs from the default. */
  toggled: ReadonlySet<string>;
  /** All parts are unfolded by default. */
  all: boolean;
  reasoning: boolean;
}

export interface Search {
  text: string;
  /** Ids of the parts that contain the text, oldest first. */
  parts: readonly string[];
  current: number;
  /** Which of the part's matching rows is shown, from 0, and how many it has. */
  row: { index: number; count: number };
}

export interface State {
  columns: number;
  rows: number;
  connection: Connection;
  /** Null until a session is watched; the home screen is shown then. */
  view: SessionView | null;
  /** Everyone connected to the session, including this user. */
  participants: ParticipantList;
  /** The id of this client among them. */
  self: string | null;
  /** The participant whose view is followed, and what was last shown of it; null before. */
  following: { id: string; viewing: string | null } | null;
  cwd: string;
  branch: string | null;
  /** The number of configuration items in this folder that the user has not trusted yet. */
  pendingTrust: number;
  /** No model is configured, and none was found. */
  needsModel: boolean;
  recent: readonly { id: string; title: string; updatedAt: number }[];
  /** Agents of the current folder. */
  agents: readonly AgentRow[];
  /** Slash commands of plugins in the current folder. */
  commands: readonly PluginCommand[];
  /** Plugin widgets that can be opened as dialogs. */
  dialogWidgets: readonly Omit<WidgetDialog, "kind">[];
  /** Content of plugin widgets by slot, and the session that it was rendered for. */
  widgets: { session: string | null; at: Readonly<Partial<Record<WidgetSlot, readonly WidgetContent[]>>> };
  input: InputState;
  /** Set while the user steps through the prompt history. `draft` is the text before that; `shown` is the text of the current step. */
  history: { index: number; draft: Draft; shown: string } | null;
  focus: "prompt" | "transcript";
  scroll: Scroll;
  folds: Folds;
  search: Search | null;
  dialogs: readonly Dialog[];
  completion: Completion | null;
  toasts: readonly Toast[];
  /** Chosen here for the next prompts. */
  settings: ChosenSettings;
  /** The configured settings. */
  defaults: ConfiguredSettings;
  sidebar: "auto" | "shown" | "hidden";
  diffs: "auto" | "unified" | "split";
  /** Index of the selected choice of the first open question. */
  selectedChoice: number;
  /** How far the detail of this question is scrolled, and whether it fills the screen. */
  questionScroll: { question: string; top: number; isFullScreen: boolean } | null;
  /** The question that accepts answers: the first open one, once it was shown long enough to be read. */
  answerable: string | null;
  /** When Ctrl+C was last pressed with an empty prompt, in milliseconds since 1970. Pressed again soon after, it quits. */
  quitRequestedAt: number | null;
  /** The possible next keys of a pending chord, shown after a delay. */
  hints: readonly { key: string; title: string }[];
  /** The spinner's frame number. */
  tick: number;
  /** Milliseconds since 1970, as of this frame. */
  now: number;
  version: string;
  mouse: boolean;
  /** The mouse selection being dragged, in screen coordinates. */
  drag: { from: { x: number; y: number }; to: { x: number; y: number } } | null;
}

/** What a click does. Targets are named by ids, because an index may refer to another row by the time of the click. */
export type Click =
  /** An action of actions.ts or a command of keys/focus-commands.ts. */
  | { type: "action"; action: Command["action"] }
  | { type: "fold"; part: string }
  | { type: "file"; path: string }
  | { type: "choice"; question: string; index: number }
  /** The detail of a question, which the wheel scrolls. */
  | { type: "detail"; question: string }
  | { type: "completion"; insert: string }
  /** A row of the prompt's text, and the screen column where that text starts. */
  | { type: "prompt"; row: number; left: number }
  | { type: "session"; id: string }
  | { type: "toast"; id: number }
  /** Chooses a row of the list with this title, or selects it if the list is for reading only. */
  | { type: "row"; dialog: string; item: string }
  /** Runs one of the dialog's own keys on a row. */
  | { type: "itemKey"; dialog: string; item: string; keys: string }
  /** Accepts the text of an input dialog. */
  | { type: "accept"; dialog: string }
  /** Clears the text of a dialog. */
  | { type: "clear"; dialog: string }
  | { type: "preview" }
  | { type: "close" }
  | { type: "nothing" };

/** Names the dialog that it was drawn in. A click on a dialog that is no longer topmost does nothing. */
export type DialogClick = Extract<Click, { dialog: string }>;

/** The folder of the session, or the one that the program was started in. */
export const currentFolder = ({ view, cwd }: Pick<State, "view" | "cwd">): string => view?.cwd || cwd;
