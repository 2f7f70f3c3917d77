/** Keys for tests, as Vim writes them: `ciwfoo<esc>`, `<c-r>`, `<m-f>`, `<s-left>`; and texts with their cursor as `|`. */
import { openEditor } from "../../../tui/edit/editor.ts";
import type { Key } from "../../../tui/keys/key.ts";
import { type Keyboard, press, status } from "../../../tui/keys/keyboard.ts";
import { type Done, type Focus, startTyping, type Typing } from "../../../tui/keys/typing.ts";

const bare = { ctrl: false, alt: false, shift: false, super: false };
const names: Record<string, string> = { esc: "escape", cr: "enter", bs: "backspace", del: "delete", lt: "<", gt: ">" };

export function strokes(written: string): Key[] {
  return (written.match(/<[^<>\s]+>|[\s\S]/gu) ?? []).map((piece) => {
    const inner = piece.length > 1 && piece.startsWith("<") ? piece.slice(1, -1) : null;
    if (inner === null || inner === "lt") return typing(inner === "lt" ? "<" : piece);
    const [, held = "", name = ""] = /^((?:[cms]-)*)(.+)$/s.exec(inner) ?? [];
    const key = names[name] ?? name;
    return { key, ctrl: held.includes("c-"), alt: held.includes("m-"), shift: held.includes("s-"), super: false };
  });
}

export function typing(text: string): Key {
  const small = text.toLowerCase();
  return { ...bare, key: text === " " ? "space" : small, shift: small !== text, text };
}

export function textAt(written: string): Typing {
  const cursor = written.indexOf("|");
  const text = cursor < 0 ? written : written.slice(0, cursor) + written.slice(cursor + 1);
  return startTyping({ ...openEditor({ text, chips: new Map() }), cursor: cursor < 0 ? text.length : cursor });
}

export const written = ({ editor: { text, cursor } }: Typing): string =>
  `${text.slice(0, cursor)}|${text.slice(cursor)}`;

/** All keys, one after the other. */
export function pressed(
  keyboard: Keyboard,
  start: Typing,
  keys: string | readonly Key[],
  context: Focus = "prompt",
): { state: Typing; does: Done[]; handled: boolean } {
  let now = { state: start, does: [] as Done[], handled: true };
  for (const key of typeof keys === "string" ? strokes(keys) : keys) {
    const after = press(keyboard, now.state, key, { context, columns: 40 });
    now = { state: after.state, does: [...now.does, ...after.does], handled: after.handled };
  }
  return now;
}

export const modeOf = (keyboard: Keyboard, state: Typing): string | null => status(keyboard, state).mode;
