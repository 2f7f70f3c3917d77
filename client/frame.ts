/**
 * What a page that stands in an editor and the editor around it tell each other. The page reaches a server through lines that the
 * editor dials for it, numbered by the page: a message is one of the protocol, carried as it is.
 */
import type { Attachment } from "../protocol/events.ts";

/** `data`: the bytes of a picture in base64, which the server does not keep yet. */
export type Given = Attachment & { data?: string };

export type ToHost =
  | { type: "ready" }
  | { type: "dial"; line: number }
  | { type: "message"; line: number; message: unknown }
  | { type: "hang"; line: number }
  /** Which session the page shows; null for none. */
  | { type: "shown"; session: string | null }
  /** Opened by the editor, after the person has seen where it really leads. */
  | { type: "link"; href: string }
  | { type: "file"; path: string; line?: number }
  | { type: "review"; session: string; path?: string }
  | { type: "terminal"; session: string }
  /** Files that were dragged in, to be attached. */
  | { type: "take"; uris: readonly string[] }
  | { type: "context"; what: Context };

export type ToPage =
  /** The first word. `session` is the one to show, where there is one. */
  | { type: "hello"; cwd: string; session: string | null }
  /** Where sessions are made from now on. */
  | { type: "folder"; cwd: string }
  | { type: "dialled"; line: number }
  | { type: "message"; line: number; message: unknown }
  | { type: "hung"; line: number; why: string }
  | { type: "show"; session: string | null }
  | { type: "list" }
  /** Written into the prompt, never sent. */
  | { type: "insert"; text: string }
  | { type: "attach"; attachments: readonly Given[] }
  | { type: "focus"; on: "prompt" | "question" }
  | { type: "say"; level: "info" | "warning" | "error"; text: string };

/** What an editor can give along with a prompt. */
export const contexts = ["selection", "files", "problems", "terminal", "changes"] as const;
export type Context = (typeof contexts)[number];
