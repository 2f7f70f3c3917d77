/** All that a screen is drawn from, as plain data: what the server said, and what this person is doing. */
import type { Connection } from "../../client/kept.ts";
import type { Participant } from "../../protocol/method.ts";
import type { ResultOf, Settings } from "../../protocol/methods.ts";
import type { WidgetSlot } from "../../protocol/plugin.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Line } from "../draw/style.ts";
import type { Done, Typing } from "../keys/typing.ts";

export interface ShownWidget {
  plugin: string;
  widget: string;
  title: string;
  lines: readonly Line[];
}

/** What a plugin offers to read. */
export type Resource = ResultOf<"resourcesList">["resources"][number];

/** Where the transcript stands: at its end and following it, or with this row of this part at the top. */
export type Scroll = { follows: true } | { follows: false; part: string; row: number };

export interface Toast {
  id: number;
  level: "info" | "warning" | "error";
  text: string;
}

/** One row of a dialog, before it is drawn. */
export interface Item {
  id: string;
  /** What is searched and shown first. */
  text: string;
  /** Shown behind it, faint. */
  detail?: string;
  /** Shown at the right edge. */
  right?: string;
  /** Stands before it: a mark of what is current or a favorite. */
  mark?: string;
  /** Shown as a heading above the first row of its group. */
  group?: string;
}

export interface ListDialog {
  kind: "list";
  title: string;
  items: readonly Item[];
  /** False while they are still asked for. */
  loaded: boolean;
  /** The line that filters; its text is what is searched for. */
  typing: Typing;
  /** What is typed is searched for elsewhere, and `items` is what was found. */
  searches: boolean;
  /** Index among the rows that the filter leaves. */
  chosen: number;
  /** A row can be taken, and not only looked at. */
  takes: boolean;
  /** What the keys of this dialog do, for its last line. */
  hints: readonly { keys: string; label: string }[];
  /** What is said where there is nothing to choose from. */
  empty: string;
  preview: readonly Line[] | null;
  /** The preview is below the rows where it has no room beside them, and is shown whole. */
  mustRead: boolean;
  /** Rows of the preview above those that are shown. */
  previewTop: number;
}

export interface InputDialog {
  kind: "input";
  title: string;
  typing: Typing;
  hint: string;
}

/** What a widget of a plugin shows, with the keys that are pressed meanwhile. */
export interface WidgetDialog {
  kind: "widget";
  title: string;
  plugin: string;
  widget: string;
}

export type Dialog = ListDialog | InputDialog | WidgetDialog;

/** A menu above the prompt: what could stand for what was typed. */
export interface Completion {
  /** What is replaced, as offsets in the prompt's text. */
  from: number;
  to: number;
  rows: readonly {
    insert: string;
    text: string;
    detail?: string;
    /** It is a command that needs nothing more. */
    whole?: boolean;
    /** It is attached, and not written. */
    resource?: Resource;
  }[];
  chosen: number;
}

export interface Folds {
  /** Parts that are the other way round than usual. */
  turned: ReadonlySet<string>;
  /** Everything is unfolded. */
  all: boolean;
  reasoning: boolean;
}

export interface Search {
  text: string;
  /** Ids of the parts that hold it, oldest first. */
  parts: readonly string[];
  at: number;
}

export interface State {
  columns: number;
  rows: number;
  connection: Connection;
  /** Null until a session is watched: the home screen. */
  view: SessionView | null;
  /** Others and oneself, as far as the server says. */
  participants: readonly Participant[];
  cwd: string;
  branch: string | null;
  /** How many items of this folder wait for a yes. */
  waits: number;
  recent: readonly { id: string; title: string; updatedAt: number }[];
  /** Slash commands that plugins bring to the folder of the session. */
  commands: readonly PluginCommand[];
  /** Widgets of plugins that are opened in a dialog. */
  opens: readonly Omit<WidgetDialog, "kind">[];
  /** What widgets of plugins show, and in which session they were told to. */
  widgets: { session: string | null; at: Readonly<Partial<Record<WidgetSlot, readonly ShownWidget[]>>> };
  typing: Typing;
  focus: "prompt" | "transcript";
  scroll: Scroll;
  folds: Folds;
  search: Search | null;
  dialogs: readonly Dialog[];
  completion: Completion | null;
  toasts: readonly Toast[];
  /** What the next prompt runs with, where it differs from the configuration. */
  settings: Pick<Settings, "model" | "effort" | "mode">;
  /** What the configuration says where `settings` does not. */
  usual: { model: string; effort: string; mode: string };
  sidebar: "auto" | "shown" | "hidden";
  diffs: "auto" | "unified" | "split";
  /** Index of the choice of the first open question. */
  choice: number;
  /** The next keys of a chord, shown after a moment. */
  hints: readonly { key: string; title: string }[];
  /** Counts up while something turns; drawn as a spinner. */
  tick: number;
  /** Milliseconds since 1970, as of this picture. */
  now: number;
  version: string;
  mouse: boolean;
  /** Cells between which the mouse was dragged, in screen coordinates. */
  dragged: { from: { x: number; y: number }; to: { x: number; y: number } } | null;
}

/** What a click asks for, by names that still mean the same when it comes: an index may be another row by then. */
export type Click =
  /** One of actions.ts or keys/asks.ts. */
  | { does: "action"; action: Done["action"] }
  | { does: "fold"; part: string }
  | { does: "file"; path: string }
  | { does: "choice"; question: string; index: number }
  | { does: "completion"; insert: string }
  /** A row of all that is written, and the column that its text begins in. */
  | { does: "prompt"; row: number; left: number }
  | { does: "session"; id: string }
  | { does: "toast"; id: number }
  /** A row of the list of this title is taken, or chosen where there is nothing to take. */
  | { does: "row"; dialog: string; item: string }
  /** What this key does to the row. */
  | { does: "own"; dialog: string; item: string; keys: string }
  /** The line is taken as it is. */
  | { does: "accept"; dialog: string }
  /** The line is emptied. */
  | { does: "clear"; dialog: string }
  | { does: "preview" }
  | { does: "close" }
  | { does: "nothing" };
