/** Tables that map terminal sequences to keys. */
import type { Key } from "../keys/key.ts";

const noModifiers = { ctrl: false, alt: false, shift: false, super: false };

const createKey = (key: string, more: Partial<Key> = {}): Key => ({ key, ...noModifiers, ...more });

/** A typed character. */
export function textKey(character: string): Key {
  if (character === " ") return createKey("space", { text: " " });
  const lower = character.toLowerCase();
  const shift = character !== lower && lower.length === character.length;
  return createKey(shift ? lower : character, { shift, text: character });
}

const controlKeys: Record<number, Key> = {
  0: createKey("space", { ctrl: true }),
  9: createKey("tab"),
  13: createKey("enter"),
  27: createKey("escape"),
  28: createKey("\\", { ctrl: true }),
  29: createKey("]", { ctrl: true }),
  30: createKey("^", { ctrl: true }),
  31: createKey("_", { ctrl: true }),
  127: createKey("backspace"),
};

export function controlKey(character: string): Key {
  const code = character.charCodeAt(0);
  return controlKeys[code] ?? createKey(String.fromCharCode(code + 0x60), { ctrl: true });
}

const finalKeys: Record<string, string> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "begin",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

export const ss3Key = (final: string): Key | null =>
  final === "M" ? createKey("enter") : finalKeys[final] === undefined ? null : createKey(finalKeys[final]);

const tildeKeys: Record<number, string> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** Key codes of kitty's protocol, mostly of the keypad. */
const kittyKeys: Record<number, string> = {
  9: "tab",
  13: "enter",
  27: "escape",
  32: "space",
  127: "backspace",
  57414: "enter",
  57417: "left",
  57418: "right",
  57419: "up",
  57420: "down",
  57421: "pageup",
  57422: "pagedown",
  57423: "home",
  57424: "end",
  57425: "insert",
  57426: "delete",
};
const keypad = "0123456789./*-+";
const FIRST_KEYPAD = 57399;
const FIRST_PRIVATE = 0xe000;
const LAST_PRIVATE = 0xf8ff;

/** `numbers` is the text between `ESC [` and the final letter; kitty separates subfields with colons. */
export function csiKey(numbers: string, final: string): Key | null {
  const fields = numbers.split(";").map((field) => field.split(":").map(Number));
  const [first = 1] = fields[0] ?? [];
  const [modifier = 1, event = 1] = fields[1] ?? [];
  const held = parseModifiers(modifier);
  // A key release.
  if (event === 3) return null;
  if (final === "Z") return createKey("tab", { ...held, shift: true });
  if (final === "u") return unicodeKey(first, held);
  if (final === "~") {
    if (first === 27) return unicodeKey(fields[2]?.[0] ?? 0, held);
    return tildeKeys[first] === undefined ? null : createKey(tildeKeys[first], held);
  }
  return finalKeys[final] === undefined ? null : createKey(finalKeys[final], held);
}

type Modifiers = Pick<Key, "ctrl" | "alt" | "shift" | "super">;

function parseModifiers(value: number): Modifiers {
  const bits = Math.max(0, value - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0, super: (bits & 8) !== 0 };
}

function unicodeKey(code: number, held: Modifiers): Key | null {
  const name = kittyKeys[code];
  if (name !== undefined) return createKey(name, held);
  const pad = keypad[code - FIRST_KEYPAD];
  if (pad !== undefined)
    return createKey(pad, { ...held, ...(held.ctrl || held.alt || held.super ? {} : { text: pad }) });
  if (code < 0x20 || code > 0x10ffff || (code >= FIRST_PRIVATE && code <= LAST_PRIVATE)) return null;
  const character = String.fromCodePoint(code);
  const typed = held.shift ? character.toUpperCase() : character;
  const plain = !held.ctrl && !held.alt && !held.super;
  return createKey(character.toLowerCase(), {
    ...held,
    shift: held.shift || character !== character.toLowerCase(),
    ...(plain && { text: typed }),
  });
}
