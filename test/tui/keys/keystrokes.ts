/** Keystrokes in Vim notation, such as `ciwfoo<esc>` or `<c-r>`, and inputs whose cursor is written as `|`. */
import { openEditor } from "../../../tui/edit/editor.ts";
import { type Command, createInputState, type Focus, type InputState } from "../../../tui/keys/input-state.ts";
import type { Key } from "../../../tui/keys/key.ts";
import { type Keyboard, keyboardStatus, pressKey } from "../../../tui/keys/keyboard.ts";

const bare = { ctrl: false, alt: false, shift: false, super: false };
const names: Record<string, string> = { esc: "escape", cr: "enter", bs: "backspace", del: "delete", lt: "<", gt: ">" };

export function parseKeystrokes(notation: string): Key[] {
  return (notation.match(/<[^<>\s]+>|[\s\S]/gu) ?? []).map((piece) => {
    const inner = piece.length > 1 && piece.startsWith("<") ? piece.slice(1, -1) : null;
    if (inner === null || inner === "lt") return textKey(inner === "lt" ? "<" : piece);
    const [, held = "", name = ""] = /^((?:[cms]-)*)(.+)$/s.exec(inner) ?? [];
    const key = names[name] ?? name;
    return { key, ctrl: held.includes("c-"), alt: held.includes("m-"), shift: held.includes("s-"), super: false };
  });
}

export function textKey(text: string): Key {
  const small = text.toLowerCase();
  return { ...bare, key: text === " " ? "space" : small, shift: small !== text, text };
}

export function createInput(written: string): InputState {
  const cursor = written.indexOf("|");
  const text = cursor < 0 ? written : written.slice(0, cursor) + written.slice(cursor + 1);
  return createInputState({ ...openEditor({ text, chips: new Map() }), cursor: cursor < 0 ? text.length : cursor });
}

export const formatInput = ({ editor: { text, cursor } }: InputState): string =>
  `${text.slice(0, cursor)}|${text.slice(cursor)}`;

/** Presses the keys one after the other. */
export function pressKeys(
  keyboard: Keyboard,
  start: InputState,
  keys: string | readonly Key[],
  focus: Focus = "prompt",
): { state: InputState; commands: Command[]; handled: boolean } {
  let now = { state: start, commands: [] as Command[], handled: true };
  for (const key of typeof keys === "string" ? parseKeystrokes(keys) : keys) {
    const after = pressKey(keyboard, now.state, key, { focus, columns: 40 });
    now = { state: after.state, commands: [...now.commands, ...after.commands], handled: after.handled };
  }
  return now;
}

export const modeOf = (keyboard: Keyboard, state: InputState): string | null => keyboardStatus(keyboard, state).mode;
