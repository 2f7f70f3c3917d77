/**
 * The editor as the agent sees it, independent of the ACP version: updates, requests and options. v1/ and v2/ map them to the wire
 * format of each version.
 */
import type { CallState, PlanItem } from "../protocol/events.ts";
import type { ResponsePart, TurnEnd } from "../protocol/parts.ts";

export interface Editor {
  /** The editor's name that other participants see. */
  name: string;
  hasForms: boolean;
  /** Null if the editor does not provide file access. */
  files: EditorFiles | null;
  /** Rejects only if the editor has disconnected. */
  notify(session: string, update: Update): Promise<void>;
  /** Resolves with the id of the selected option, or null if the user cancelled. Rejects if `settled` aborts the request. */
  requestPermission(session: string, permission: PermissionRequest, settled: AbortSignal): Promise<string | null>;
  requestForm(form: FormRequest, settled: AbortSignal): Promise<FormResponse>;
}

export interface EditorFiles {
  /** Null if the editor does not provide the file: it does not exist, or is outside the editor's folders. */
  read(session: string, path: string): Promise<string | null>;
  /** Null if the editor only supports reading. */
  write: ((session: string, path: string, text: string) => Promise<void>) | null;
}

export type Update =
  /** `own`: the prompt came from this editor, with these blocks. */
  | { type: "prompt"; id: string; blocks: readonly Block[]; own: boolean }
  /** A piece of a streaming response. */
  | { type: "response.delta"; as: ResponsePart["type"]; id: string; text: string }
  /** The complete text, and the part of it already sent in deltas. */
  | { type: "response.done"; as: ResponsePart["type"]; id: string; text: string; sent: string }
  | { type: "call"; call: Call & { title: string } }
  /** Only the changed fields. `content` replaces the previous content. */
  | { type: "call.changed"; call: Call }
  | { type: "plan"; items: readonly PlanItem[] }
  /** `used` and `size` in tokens. `cost` in USD for the whole session; null if a model has no price. */
  | { type: "usage"; used: number; size: number; cost: number | null }
  | { type: "title"; title: string; updatedAt: number }
  | { type: "notice"; id: string; level: "info" | "warning" | "error"; text: string }
  | { type: "compaction"; id: string; summary: string }
  | { type: "commands"; commands: readonly SlashCommand[] }
  | { type: "options"; options: readonly Option[] }
  | { type: "state"; state: SessionStatus };

/** The status of a session. `waiting`: blocked until the user answers. `end`: the outcome of the turn that has just ended. */
export type SessionStatus =
  | { status: "running" }
  | { status: "waiting" }
  | { status: "idle"; end: Pick<TurnEnd, "outcome" | "failure"> | null };

/** A content block of a prompt, with the fields that both versions have. */
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
  /** Verbatim text. `whole`: the output is complete. */
  | { type: "output"; text: string; whole: boolean }
  | { type: "image"; data: string; mimeType: string }
  | ({ type: "diff" } & FileDiff);

export interface FileDiff {
  /** Absolute. */
  path: string;
  operation: "add" | "modify" | "delete";
  hunks: readonly Hunk[];
  /** The complete text before and after if both are known; otherwise the text of each hunk. `before` is null for a new file. */
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

export interface PermissionRequest {
  /** Unique in the session. */
  id: string;
  title: string;
  detail: string;
  /** Show `detail` verbatim, not as Markdown. */
  verbatim: boolean;
  /** The proposed changes, shown instead of `detail`; empty if no files would change. */
  diffs: readonly FileDiff[];
  /** Null if the request is not about a tool call. */
  call: Call | null;
  options: readonly PermissionOption[];
}

export interface PermissionOption {
  optionId: string;
  name: string;
  kind: "allow_once" | "allow_always" | "reject_once";
}

/** `elicitation/create` and its response, which are the same in both versions. */
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

/** A configuration option of a session. */
export interface Option {
  id: string;
  name: string;
  category: string;
  value: string;
  choices: { value: string; name: string; description?: string }[];
}

/** An MCP server that the editor configures for a session. */
export type McpServer = { name: string } & (
  | { type: "stdio"; command: string; args: readonly string[]; env: readonly NameValue[] }
  | { type: "http"; url: string; headers: readonly NameValue[] }
);

export interface NameValue {
  name: string;
  value: string;
}
