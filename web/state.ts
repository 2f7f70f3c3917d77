/** All that the page is drawn from, as plain data: what the server said, and what this person is doing. */
import type { Given } from "../client/frame.ts";
import type { Connection } from "../client/kept.ts";
import type { Participant } from "../protocol/method.ts";
import type { ResultOf, Settings, Summary } from "../protocol/methods.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import type { SessionView } from "../protocol/view.ts";

export type Model = ResultOf<"modelList">["models"][number];
export type Hit = ResultOf<"sessionSearch">["hits"][number];

export interface Completion {
  /** Where in the draft what is named begins; it goes on to the cursor. */
  from: number;
  rows: readonly { insert: string; text: string; detail: string }[];
  chosen: number;
}

/** The sessions of this folder, or what a search found in all of them. */
export interface Sessions {
  text: string;
  archived: boolean;
  rows: readonly Summary[];
  hits: readonly Hit[] | null;
  /** The one that gets another title. */
  naming: string | null;
}

export interface State {
  connection: Connection;
  cwd: string;
  screen: "session" | "sessions";
  view: SessionView | null;
  participants: readonly Participant[];
  sessions: Sessions;
  /** Parts that show all they have. */
  unfolded: ReadonlySet<string>;
  draft: string;
  attachments: readonly Given[];
  completion: Completion | null;
  settings: Pick<Settings, "model" | "effort" | "mode">;
  usual: { model: string; mode: string };
  models: readonly Model[];
  commands: readonly PluginCommand[];
  said: { level: "info" | "warning" | "error"; text: string } | null;
}

export const firstState: State = {
  connection: { state: "connecting" },
  cwd: "",
  screen: "session",
  view: null,
  participants: [],
  sessions: { text: "", archived: false, rows: [], hits: null, naming: null },
  unfolded: new Set(),
  draft: "",
  attachments: [],
  completion: null,
  settings: {},
  usual: { model: "", mode: "ask" },
  models: [],
  commands: [],
  said: null,
};
