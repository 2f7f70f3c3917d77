/** Keys and their canonical names: modifiers in the order ctrl+alt+shift+super, then the key, all in lower case. */

export interface Key {
  /** The character without shift, or one of `namedKeys`. */
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly super: boolean;
  /** The text that the key types, if any. */
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

/** The canonical name, for example `ctrl+x`. */
export function keyName({ key, text, ...held }: Key): string {
  const types = text !== undefined && !held.ctrl && !held.alt && !held.super && [...text].length === 1;
  const isSign = types && text.trim() !== "" && text.toLowerCase() === text && text.toUpperCase() === text;
  if (isSign) return text;
  const lower = key.length > 1 ? key : key.toLowerCase();
  const shift = held.shift || (lower !== key && [...key].length === 1);
  return formatKey(aliases[lower] ?? lower, { ...held, shift });
}

/** Parses a key as users write it, for example `Ctrl+P`, `G` or `Esc`. Returns its canonical name. */
export function parseKey(name: string): { key: string } | { problem: string } {
  const pieces = /^(.*\+)?(.[^+]*)$/su.exec(name);
  const named = pieces?.[2] ?? "";
  const before = (pieces?.[1] ?? "").split("+").slice(0, -1);
  const held = { ctrl: false, alt: false, shift: false, super: false };
  for (const word of before) {
    const modifier = modifierAliases[word.toLowerCase()];
    if (modifier === undefined)
      return { problem: `invalid key "${name}": unknown modifier "${word}". Use ${modifiers.join(", ")}.` };
    held[modifier] = true;
  }
  const lower = named.toLowerCase();
  const key = aliases[lower] ?? lower;
  if (namedKeys.has(key)) return { key: formatKey(key, held) };
  if ([...key].length !== 1 || key.trim() === "") {
    return { problem: `invalid key "${name}": "${named}" is not a character or a key name such as enter or pageup.` };
  }
  return { key: formatKey(key, { ...held, shift: held.shift || (before.length === 0 && named !== lower) }) };
}

/** Parses a chord: keys separated by spaces, for example `ctrl+x b`. */
export function parseChord(names: string): { keys: string[] } | { problem: string } {
  const keys: string[] = [];
  for (const name of names.trim().split(/\s+/u)) {
    const parsed = parseKey(name);
    if ("problem" in parsed) return parsed;
    keys.push(parsed.key);
  }
  return { keys };
}

/** Whether the key of this name types text. */
export const typesText = (name: string): boolean =>
  name === "space" || [...name.replace(/^shift\+(?=.)/u, "")].length === 1;

/** The text that a key types; null if it is a command. Some terminals report the space key without text. */
export function textOfKey({ key, text = key === "space" ? " " : "", ctrl, alt, super: held }: Key): string | null {
  return text === "" || ctrl || alt || held ? null : text;
}

function formatKey(key: string, held: Readonly<Record<Modifier, boolean>>): string {
  return [...modifiers.filter((modifier) => held[modifier]), key].join("+");
}

const labels: Readonly<Record<string, string>> = {
  escape: "Esc",
  pageup: "PgUp",
  pagedown: "PgDn",
  enter: "Enter",
  tab: "Tab",
  space: "Space",
  backspace: "Backspace",
  delete: "Del",
  insert: "Ins",
  home: "Home",
  end: "End",
  up: "Up",
  down: "Down",
  left: "Left",
  right: "Right",
};

/** The keys of a binding as people write them: `ctrl+x n` is `Ctrl+X n`. */
export const describeKeys = (keys: string): string =>
  keys
    .split(" ")
    .map((chord) =>
      chord.length === 1
        ? chord
        : chord
            .split(/\+(?=.)/)
            .map(describeKey)
            .join("+"),
    )
    .join(" ");

const describeKey = (key: string): string => labels[key] ?? key.charAt(0).toUpperCase() + key.slice(1);
