/** The state that the page is rendered from, as plain data: the server's view and the user's input. */

import { type AgentRow, DEFAULT_AGENT } from "../client/agents.ts";
import type { ConfiguredSettings } from "../client/next-settings.ts";
import type { Connection } from "../client/reconnecting-client.ts";
import type { PendingAttachment } from "../client/webview-messages.ts";
import type { Settings } from "../protocol/events.ts";
import type { ResultOf, Summary } from "../protocol/methods.ts";
import { nobody, type ParticipantList } from "../protocol/participants.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import type { GuestRole } from "../protocol/share-methods.ts";
import type { SessionView } from "../protocol/view.ts";

export type Model = ResultOf<"modelList">["models"][number];
export type Hit = ResultOf<"sessionSearch">["hits"][number];

export interface Completion {
  /** Where the completed text starts in the draft; it ends at the cursor. */
  from: number;
  rows: readonly { insert: string; text: string; detail: string }[];
  chosen: number;
}

/** The sessions of this folder, and search results from all sessions. */
export interface SessionListState {
  text: string;
  archived: boolean;
  /** Null until they are loaded. */
  rows: readonly Summary[] | null;
  hits: readonly Hit[] | null;
  /** The session that is being renamed. */
  renaming: string | null;
}

export interface State {
  connection: Connection;
  surface: "editor" | "browser";
  /** The role of a guest of a shared session; null for a user of this server. */
  guest: GuestRole | null;
  cwd: string;
  screen: "session" | "sessions" | "review";
  /** What is shown over the page. */
  dialog: "palette" | "keys" | null;
  view: SessionView | null;
  /** A session is being loaded; `view` is null until it is. */
  opening: boolean;
  participants: ParticipantList;
  /** The ids of this client and of the one whose view is followed. */
  self: string | null;
  following: string | null;
  sessions: SessionListState;
  /** The ids of expanded parts. */
  unfolded: ReadonlySet<string>;
  draft: string;
  attachments: readonly PendingAttachment[];
  completion: Completion | null;
  settings: Pick<Settings, "agent" | "model" | "effort" | "mode">;
  defaults: ConfiguredSettings;
  agents: readonly AgentRow[];
  models: readonly Model[];
  commands: readonly PluginCommand[];
  notice: { level: "info" | "warning" | "error"; text: string } | null;
}

export const initialState: State = {
  connection: { state: "connecting" },
  surface: "editor",
  guest: null,
  cwd: "",
  screen: "session",
  dialog: null,
  view: null,
  opening: false,
  participants: nobody,
  self: null,
  following: null,
  sessions: { text: "", archived: false, rows: null, hits: null, renaming: null },
  unfolded: new Set(),
  draft: "",
  attachments: [],
  completion: null,
  settings: {},
  agents: [],
  defaults: { agent: DEFAULT_AGENT, model: "", effort: "", mode: "ask" },
  models: [],
  commands: [],
  notice: null,
};
