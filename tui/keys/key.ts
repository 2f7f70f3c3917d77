/** What a key is, and its one written name: modifiers in the order ctrl+alt+shift+super, then the key, all in small letters. */

export interface Key {
  /** A character as it is written without shift, or one of `namedKeys`. */
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly super: boolean;
  /** What it types, where it types something. */
  readonly text?: string;
}

const functionKeys = Array.from({ length: 24 }, (_, index) => `f${index + 1}`);

const namedKeys: ReadonlySet<string> = new Set([
  ...["enter", "escape", "tab", "space", "backspace", "delete", "insert"],
  ...["up", "down", "left", "right", "home", "end", "pageup", "pagedown", "menu"],
  ...functionKeys,
]);

const aliases: Readonly<Record<string, string>> = {
  esc: "escape",
  return: "enter",
  del: "delete",
  ins: "insert",
  pgup: "pageup",
  pgdn: "pagedown",
  pgdown: "pagedown",
  plus: "+",
  minus: "-",
  " ": "space",
};

const modifiers = ["ctrl", "alt", "shift", "super"] as const;
type Modifier = (typeof modifiers)[number];

const modifierAliases: Readonly<Record<string, Modifier>> = {
  ctrl: "ctrl",
  control: "ctrl",
  alt: "alt",
  option: "alt",
  opt: "alt",
  meta: "alt",
  shift: "shift",
  super: "super",
  cmd: "super",
  command: "super",
  win: "super",
};

/** The written name, `ctrl+x`, by which tables find it. Two keys with the same name are the same key. */
export function keyName({ key, text, ...held }: Key): string {
  const types = text !== undefined && !held.ctrl && !held.alt && !held.super && [...text].length === 1;
  const isSign = types && text.trim() !== "" && text.toLowerCase() === text && text.toUpperCase() === text;
  if (isSign) return text;
  const small = key.length > 1 ? key : key.toLowerCase();
  const shift = held.shift || (small !== key && [...key].length === 1);
  return written(aliases[small] ?? small, { ...held, shift });
}

/** A key as people write it, `Ctrl+P`, `G`, `Esc`: its canonical name, or what is wrong. */
export function parseKey(name: string): { key: string } | { problem: string } {
  const pieces = /^(.*\+)?(.[^+]*)$/su.exec(name);
  const named = pieces?.[2] ?? "";
  const before = (pieces?.[1] ?? "").split("+").slice(0, -1);
  const held = { ctrl: false, alt: false, shift: false, super: false };
  for (const word of before) {
    const modifier = modifierAliases[word.toLowerCase()];
    if (modifier === undefined) return { problem: `"${name}" is no key: "${word}" is none of ${modifiers.join(", ")}` };
    held[modifier] = true;
  }
  const small = named.toLowerCase();
  const key = aliases[small] ?? small;
  if (namedKeys.has(key)) return { key: written(key, held) };
  if ([...key].length !== 1 || key.trim() === "") {
    return { problem: `"${name}" is no key: "${named}" is neither one character nor a name like enter or pageup` };
  }
  return { key: written(key, { ...held, shift: held.shift || (before.length === 0 && named !== small) }) };
}

/** Keys that follow each other, with blanks between: `ctrl+x b`. */
export function parseChord(names: string): { keys: string[] } | { problem: string } {
  const keys: string[] = [];
  for (const name of names.trim().split(/\s+/u)) {
    const parsed = parseKey(name);
    if ("problem" in parsed) return parsed;
    keys.push(parsed.key);
  }
  return { keys };
}

/** Whether this key, by its name, types something where text is written. */
export const typesText = (name: string): boolean =>
  name === "space" || [...name.replace(/^shift\+(?=.)/u, "")].length === 1;

/** What a key types; null where it is a command. Some terminals report a blank as a key alone. */
export function textOfKey({ key, text = key === "space" ? " " : "", ctrl, alt, super: held }: Key): string | null {
  return text === "" || ctrl || alt || held ? null : text;
}

function written(key: string, held: Readonly<Record<Modifier, boolean>>): string {
  return [...modifiers.filter((modifier) => held[modifier]), key].join("+");
}
