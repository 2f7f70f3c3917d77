/** Parses what the user wrote: a message for the model, a slash command, a shell command, or a note. Shared by the screen and the line mode. */
import { type ActionName, slashes } from "../actions.ts";

export type ParsedPrompt =
  | { kind: "empty" }
  | { kind: "action"; action: ActionName; argument: string }
  | { kind: "shell"; command: string }
  | { kind: "note"; text: string }
  /** A slash command that is not Tutti's own; plugins may have it. */
  | { kind: "unknown"; name: string; argument: string }
  | { kind: "message"; text: string };

/** A path at the start is not a command: names of commands contain no further slash. Commands of plugins are named `plugin:name`. */
export function parsePrompt(text: string): ParsedPrompt {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "empty" };
  const command = /^\/([a-z][\w-]*|[\w-]+:[\w.:-]+)(?:\s+([\s\S]*))?$/i.exec(trimmed);
  if (command) {
    const [, name = "", rest = ""] = command;
    const action = slashes.get(name.toLowerCase());
    const argument = rest.trim();
    return action ? { kind: "action", action, argument } : { kind: "unknown", name, argument };
  }
  if (/^!\s*\S/.test(trimmed)) return { kind: "shell", command: trimmed.slice(1).trim() };
  if (/^#\s+\S/.test(trimmed) && !trimmed.includes("\n")) return { kind: "note", text: trimmed.slice(1).trim() };
  return { kind: "message", text };
}
