/**
 * Messages between the web page and the editor that hosts it. The page cannot open sockets: it asks the host to open connections to the
 * server, which it numbers itself, and the host relays protocol messages unchanged.
 */
import type { Attachment } from "../protocol/events.ts";

/** `data`: the bytes of an image in base64, not yet stored by the server. */
export type PendingAttachment = Attachment & { data?: string };

export type MessageToHost =
  | { type: "ready" }
  /** `mayStart`: a server may be started if none is running. */
  | { type: "connect"; connection: number; mayStart: boolean }
  | { type: "message"; connection: number; message: unknown }
  | { type: "disconnect"; connection: number }
  /** The session that the page shows now; null for none. */
  | { type: "sessionChanged"; session: string | null }
  /** The editor opens it after the user has confirmed the actual target. */
  | { type: "link"; href: string }
  | { type: "file"; path: string; line?: number }
  | { type: "review"; session: string; path?: string }
  | { type: "terminal"; session: string }
  /** Files dropped onto the prompt, to be attached. */
  | { type: "attachFiles"; uris: readonly string[] }
  | { type: "addContext"; kind: ContextKind };

export type MessageToPage =
  /** The first message. `session` is the one to show, if any. */
  | { type: "initialize"; cwd: string; session: string | null }
  /** The folder in which new sessions are created from now on. */
  | { type: "folder"; cwd: string }
  | { type: "connected"; connection: number }
  | { type: "message"; connection: number; message: unknown }
  | { type: "disconnected"; connection: number; reason: string }
  | { type: "show"; session: string | null }
  | { type: "showSessions" }
  /** Inserted into the prompt; never sent. */
  | { type: "insert"; text: string }
  | { type: "attach"; attachments: readonly PendingAttachment[] }
  | { type: "focus"; target: "prompt" | "question" }
  | { type: "notice"; level: "info" | "warning" | "error"; text: string };

/** What an editor can add to a prompt. */
export const contextKinds = ["selection", "files", "problems", "terminal", "changes"] as const;
export type ContextKind = (typeof contextKinds)[number];
