/** What a written text means: words for the model, a slash command, a shell line, a note. One reading for the screen and for lines. */
import { type ActionName, slashes } from "../actions.ts";

export type Meaning =
  | { kind: "nothing" }
  | { kind: "action"; action: ActionName; argument: string }
  | { kind: "shell"; command: string }
  | { kind: "note"; text: string }
  | { kind: "unknown"; name: string; argument: string }
  | { kind: "words"; text: string };

/** A path at the start is no command: command names hold no slash. Those of plugins are `plugin:name`. */
export function meaningOf(text: string): Meaning {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "nothing" };
  const command = /^\/([a-z][\w-]*|[\w-]+:[\w.:-]+)(?:\s+([\s\S]*))?$/i.exec(trimmed);
  if (command) {
    const [, name = "", rest = ""] = command;
    const action = slashes.get(name.toLowerCase());
    const argument = rest.trim();
    return action ? { kind: "action", action, argument } : { kind: "unknown", name, argument };
  }
  if (/^!\s*\S/.test(trimmed)) return { kind: "shell", command: trimmed.slice(1).trim() };
  if (/^#\s+\S/.test(trimmed) && !trimmed.includes("\n")) return { kind: "note", text: trimmed.slice(1).trim() };
  return { kind: "words", text };
}
