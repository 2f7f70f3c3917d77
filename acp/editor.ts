/**
 * What an editor is told and asked, whatever version of ACP it speaks: the one form that everything here knows. Each version is a mapping
 * of it to the wire, in a folder of its own.
 */
import type { CallState, PlanItem } from "../protocol/events.ts";
import type { SpokenPart, TurnEnd } from "../protocol/parts.ts";

export interface Editor {
  /** What other participants of a session read of it. */
  name: string;
  hasForms: boolean;
  /** Null where files are not read through it. */
  files: EditorFiles | null;
  /** Rejects only where the connection is gone. */
  tell(session: string, update: Update): Promise<void>;
  /** The id of the option that a person chose, null where they chose none. Rejects where `settled` takes the question back. */
  permit(session: string, permission: Permission, settled: AbortSignal): Promise<string | null>;
  fill(form: FormRequest, settled: AbortSignal): Promise<FormResponse>;
}

export interface EditorFiles {
  /** Null where the editor does not give it: it is not there, or not below what the editor has open. */
  read(session: string, path: string): Promise<string | null>;
  /** Null where the editor gives texts and takes none. */
  write: ((session: string, path: string, text: string) => Promise<void>) | null;
}

export type Update =
  /** `own`: it came from this editor, with these blocks. */
  | { type: "prompted"; id: string; blocks: readonly Block[]; own: boolean }
  /** A piece of what is being said. */
  | { type: "speaking"; as: SpokenPart["type"]; id: string; text: string }
  /** All of what was said, and what was told of it in pieces. */
  | { type: "spoken"; as: SpokenPart["type"]; id: string; text: string; told: string }
  | { type: "call"; call: Call & { title: string } }
  /** Only what is different; `content` replaces what was there. */
  | { type: "call.changed"; call: Call }
  | { type: "plan"; items: readonly PlanItem[] }
  /** Tokens, and USD of the whole session; null where something in it has no price. */
  | { type: "usage"; used: number; size: number; cost: number | null }
  | { type: "titled"; title: string; updatedAt: number }
  | { type: "notice"; id: string; level: "info" | "warning" | "error"; text: string }
  | { type: "compacted"; id: string; summary: string }
  | { type: "commands"; commands: readonly SlashCommand[] }
  | { type: "options"; options: readonly Option[] }
  | { type: "state"; state: Foreground };

/** What a session is at. `waiting`: nothing in it goes on until a person answers. `end` is that of the turn which has just ended. */
export type Foreground =
  | { is: "running" }
  | { is: "waiting" }
  | { is: "idle"; end: Pick<TurnEnd, "outcome" | "failure"> | null };

/** A block of a prompt, with what both versions have in it. */
export type Block =
  | { type: "text"; text: string }
  | { type: "image"; data: string; mimeType: string; uri?: string | null }
  | { type: "audio"; data: string; mimeType: string }
  | { type: "resource_link"; uri: string; name: string }
  | { type: "resource"; resource: { uri: string; mimeType?: string | null } & ({ text: string } | { blob: string }) };

export interface Call {
  id: string;
  title?: string;
  name?: string;
  kind?: "read" | "edit" | "execute" | "search" | "fetch" | "think" | "other";
  state?: CallState;
  locations?: readonly { path: string; line?: number }[];
  input?: unknown;
  content?: readonly Content[];
}

export type Content =
  | { type: "text"; text: string }
  /** To be shown to the letter. `whole`: nothing more comes. */
  | { type: "output"; text: string; whole: boolean }
  | { type: "image"; data: string; mimeType: string }
  | ({ type: "diff" } & FileDiff);

export interface FileDiff {
  /** Absolute. */
  path: string;
  operation: "add" | "modify" | "delete";
  hunks: readonly Hunk[];
  /** The whole text before and after where both are known, else those of each hunk. `before` is null where there was no file. */
  texts: readonly { before: string | null; after: string }[];
}

/** As in a unified diff. */
export interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}

export interface Permission {
  /** Unique in the session. */
  id: string;
  title: string;
  detail: string;
  /** `detail` is to be shown to the letter, not as Markdown. */
  verbatim: boolean;
  /** What would be changed, in place of `detail`; empty where it is no change of files. */
  diffs: readonly FileDiff[];
  /** Null where it is about no call. */
  call: Call | null;
  options: readonly PermissionOption[];
}

export interface PermissionOption {
  optionId: string;
  name: string;
  kind: "allow_once" | "allow_always" | "reject_once";
}

/** `elicitation/create` and what comes of it, which are the same in both versions. */
export interface FormRequest {
  mode: "form";
  sessionId: string;
  toolCallId?: string;
  message: string;
  requestedSchema: { type: "object"; properties: Record<string, FormField> };
}

interface FormField {
  type: "string";
  title: string;
  oneOf?: { const: string; title: string }[];
}

export interface FormResponse {
  action: string;
  content?: unknown;
}

export interface SlashCommand {
  name: string;
  description: string;
  hint?: string;
}

/** Something to choose for a session. */
export interface Option {
  id: string;
  name: string;
  category: string;
  value: string;
  choices: { value: string; name: string; description?: string }[];
}

/** An MCP server that the editor wants to be used in a session. */
export type McpServer = { name: string } & (
  | { type: "stdio"; command: string; args: readonly string[]; env: readonly Pair[] }
  | { type: "http"; url: string; headers: readonly Pair[] }
);

export interface Pair {
  name: string;
  value: string;
}
