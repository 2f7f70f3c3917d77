/** What actions and dialogs work with: the state, the server, and the parts of the terminal that they may control. */
import type { ReconnectingClient } from "../../client/reconnecting-client.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { ActionName } from "../actions.ts";
import type { Line } from "../draw/style.ts";
import type { Keyboard } from "../keys/keyboard.ts";
import type { Screen } from "../screen.ts";
import type { Transcript } from "../screens/transcript.ts";
import type { LocalStore } from "./local-store.ts";
import type { Item, State, Toast, WidgetDialog } from "./state.ts";
import type { ThemeManager } from "./themes.ts";

export interface App {
  state(): State;
  /** Milliseconds since 1970. */
  now(): number;
  /** Changes the state and schedules a render; with `key` as soon as possible, since the user waits to see it. */
  set(change: Partial<State>, key?: "key"): void;
  server: ReconnectingClient;
  store: LocalStore;
  themes: ThemeManager;
  transcript: Transcript;
  screen: Pick<Screen, "copy" | "invalidate" | "suspend" | "setMouse" | "resume" | "setTitle" | "ringBell" | "notify">;
  keyboard(): Keyboard;
  /** The current number of transcript rows. */
  pageRows(): number;
  /** The rows of the open question's detail, as it is drawn; null while there is no question. */
  questionDetail(): { total: number; room: number; top: number } | null;
  /** Diffs are drawn side by side now. */
  splitsDiffs(): boolean;
  toast(level: Toast["level"], text: string): void;
  /** Runs the work and reports a failure as a toast. */
  attempt(work: () => Promise<void>): void;
  /** `text` is the initial filter. */
  openList(spec: ListSpec, text?: string): void;
  openInput(title: string, hint: string, text: string, onAccept: (text: string) => void, onCancel?: () => void): void;
  /** What is typed is never shown. */
  openSecretInput(title: string, hint: string, onAccept: (text: string) => void, onCancel: () => void): void;
  openWidget(widget: Omit<WidgetDialog, "kind">): void;
  closeDialog(): void;
  /** Opens this session and watches it instead of the current one. */
  showSession(session: string): Promise<void>;
  /** Resolves with false if no browser can be started. */
  openBrowser(address: string): Promise<boolean>;
  /** Ends the program once pending work has reached the server. */
  quit(code?: number): void;
}

/** Runs an action of actions.ts; action-handlers.ts implements it. */
export type RunAction = (app: App, action: ActionName, argument?: string) => void;

/** Describes a list dialog: its items and what can be done with them. */
export interface ListSpec {
  title: string;
  /** Shown above the rows: what the list is for. */
  intro?: string;
  /** Shown while the items are being requested. */
  loading?: string;
  /** Shown when there are no items. */
  empty: string;
  items(app: App): readonly Item[] | Promise<readonly Item[]>;
  /** Searches for the filter text. Without it, the loaded items are filtered. */
  search?(app: App, text: string): Promise<readonly Item[]>;
  /** Called on Enter or a click, after the dialog was closed. Without it, the list is for reading only. */
  choose?(app: App, item: Item): void | Promise<void>;
  preview?(app: App, item: Item): readonly Line[] | Promise<readonly Line[]>;
  /** The preview must be readable in full: it is shown on narrow screens too, and long lines wrap. */
  previewRequired?: true;
  /** Another row was selected. */
  onSelectionChange?(app: App, item: Item): void;
  /** The dialog was closed without a choice. */
  onCancel?(app: App): void;
  /** Keys that only this dialog binds, by name. They act on the selected row; the items are reloaded afterwards. */
  keys?: Readonly<Record<string, { label: string; run(app: App, item: Item): void | Promise<void> }>>;
  /** The items are loaded again whenever this part of the session has changed. */
  followsSession?(view: SessionView | null): unknown;
  /** Id of the row to select first. */
  initialItem?(app: App): string | undefined;
}
