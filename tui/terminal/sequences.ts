/** The tables behind the decoder: which sequence is which key. */
import type { Key } from "../keys/key.ts";

const none = { ctrl: false, alt: false, shift: false, super: false };

const named = (key: string, more: Partial<Key> = {}): Key => ({ key, ...none, ...more });

/** A typed character. */
export function textKey(character: string): Key {
  if (character === " ") return named("space", { text: " " });
  const lower = character.toLowerCase();
  const shift = character !== lower && lower.length === character.length;
  return named(shift ? lower : character, { shift, text: character });
}

const controls: Record<number, Key> = {
  0: named("space", { ctrl: true }),
  9: named("tab"),
  13: named("enter"),
  27: named("escape"),
  28: named("\\", { ctrl: true }),
  29: named("]", { ctrl: true }),
  30: named("^", { ctrl: true }),
  31: named("_", { ctrl: true }),
  127: named("backspace"),
};

export function controlKey(character: string): Key {
  const code = character.charCodeAt(0);
  return controls[code] ?? named(String.fromCharCode(code + 0x60), { ctrl: true });
}

const finals: Record<string, string> = {
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
  final === "M" ? named("enter") : finals[final] === undefined ? null : named(finals[final]);

const tildes: Record<number, string> = {
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

/** Keys that have a number of their own in kitty's protocol, from the keypad above all. */
const numbered: Record<number, string> = {
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

/** `numbers` as they stand between `ESC [` and the letter, with kitty's colons. */
export function csiKey(numbers: string, final: string): Key | null {
  const fields = numbers.split(";").map((field) => field.split(":").map(Number));
  const [first = 1] = fields[0] ?? [];
  const [modifier = 1, event = 1] = fields[1] ?? [];
  const held = modifiers(modifier);
  // A key that is let go of.
  if (event === 3) return null;
  if (final === "Z") return named("tab", { ...held, shift: true });
  if (final === "u") return unicodeKey(first, held);
  if (final === "~") {
    if (first === 27) return unicodeKey(fields[2]?.[0] ?? 0, held);
    return tildes[first] === undefined ? null : named(tildes[first], held);
  }
  return finals[final] === undefined ? null : named(finals[final], held);
}

type Held = Pick<Key, "ctrl" | "alt" | "shift" | "super">;

function modifiers(value: number): Held {
  const bits = Math.max(0, value - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0, super: (bits & 8) !== 0 };
}

function unicodeKey(code: number, held: Held): Key | null {
  const name = numbered[code];
  if (name !== undefined) return named(name, held);
  const pad = keypad[code - FIRST_KEYPAD];
  if (pad !== undefined) return named(pad, { ...held, ...(held.ctrl || held.alt || held.super ? {} : { text: pad }) });
  if (code < 0x20 || code > 0x10ffff || (code >= FIRST_PRIVATE && code <= LAST_PRIVATE)) return null;
  const character = String.fromCodePoint(code);
  const typed = held.shift ? character.toUpperCase() : character;
  const plain = !held.ctrl && !held.alt && !held.super;
  return named(character.toLowerCase(), {
    ...held,
    shift: held.shift || character !== character.toLowerCase(),
    ...(plain && { text: typed }),
  });
}
