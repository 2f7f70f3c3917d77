/**
 * What a terminal sends, as keys, pastes, clicks and answers: plain keys, xterm's and kitty's reports, SGR mouse, bracketed paste,
 * focus, and the replies to what tui/screen.ts asks. Pure: bytes come in as text, in pieces of any size.
 */
import type { Key } from "../keys/key.ts";
import { controlKey, csiKey, ss3Key, textKey } from "./sequences.ts";

export type InputEvent =
  | { type: "key"; key: Key }
  | { type: "paste"; text: string }
  | MouseEvent
  | { type: "focus"; focused: boolean }
  /** The terminal's own background, each part from 0 to 255. */
  | { type: "background"; r: number; g: number; b: number };

export interface MouseEvent {
  type: "mouse";
  action: "press" | "release" | "drag" | "move" | "wheelUp" | "wheelDown";
  button: "left" | "middle" | "right" | "none";
  x: number;
  y: number;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
}

export interface Decoder {
  feed(text: string): InputEvent[];
  /** True where something waits for more, or for quiet. */
  waiting(): boolean;
  /** Nothing came for a while: a lone escape is the key, a paste is over. */
  flush(): InputEvent[];
}

/** How long a terminal may take between the bytes of one key. */
export const QUIET_MS = 25;

const PASTE = "\x1b[200~";
const PASTED = "\x1b[201~";
/** Longer than any sequence that means something here. */
const MOST = 4096;

export function createDecoder(): Decoder {
  let held = "";
  let pasting = false;

  const keys = (quiet: boolean): InputEvent[] => {
    const events: InputEvent[] = [];
    while (held !== "" && !pasting) {
      const one = next(held, quiet);
      if (one === null) break;
      held = held.slice(one.length);
      if (one.paste) pasting = true;
      else if (one.event) events.push(one.event);
    }
    return events;
  };
  /**
   * A paste is over when it is quiet behind an end mark. Where more came with it, the last mark ends it: text that holds the mark
   * itself must not get out of the paste and be obeyed.
   */
  const paste = (): InputEvent[] => {
    const end = endOfPaste(held);
    if (end < 0) return [];
    const text = held.slice(0, end).replaceAll(PASTED, "");
    held = held.slice(end + PASTED.length);
    pasting = false;
    return [{ type: "paste", text }, ...keys(true), ...(pasting ? paste() : [])];
  };
  return {
    feed(text) {
      held += text;
      return keys(false);
    },
    waiting: () => held !== "",
    flush: () => (pasting ? paste() : keys(true)),
  };
}

/** The last end mark before another paste begins. */
function endOfPaste(text: string): number {
  const again = text.indexOf(PASTED + PASTE);
  return again >= 0 ? again : text.lastIndexOf(PASTED);
}

interface Read {
  length: number;
  event?: InputEvent;
  paste?: true;
}

/** The first thing in the text; null where more must come first. */
function next(text: string, quiet: boolean): Read | null {
  if (text.startsWith(PASTE)) return { length: PASTE.length, paste: true };
  if (text[0] !== "\x1b") return plainKey(text);
  if (text.length === 1) return quiet ? key(1, controlKey("\x1b")) : null;
  switch (text[1]) {
    case "[":
      return csi(text, quiet);
    case "O": {
      if (text.length === 2) return quiet ? key(2, { ...textKey("O"), alt: true }) : null;
      return key(3, ss3Key(text[2] ?? ""));
    }
    case "]":
    case "P":
    case "_":
    case "^":
      return reply(text, quiet);
    case "\x1b": {
      // An escape before another sequence: Alt as some terminals say it, or the key twice.
      const inner = text.length === 2 ? null : next(text.slice(1), quiet);
      if (inner === null && !quiet) return null;
      if (inner?.event?.type === "key" && inner.length > 1)
        return key(1 + inner.length, { ...inner.event.key, alt: true });
      return key(1, controlKey("\x1b"));
    }
    default: {
      const inner = plainKey(text.slice(1));
      return inner.event?.type === "key"
        ? key(1 + inner.length, { ...withoutText(inner.event.key), alt: true })
        : { length: 1 + inner.length };
    }
  }
}

const withoutText = ({ text: _, ...rest }: Key): Key => rest;

const key = (length: number, found: Key | null): Read => ({
  length,
  ...(found && { event: { type: "key", key: found } }),
});

function plainKey(text: string): Read {
  const code = text.codePointAt(0) ?? 0;
  const character = String.fromCodePoint(code);
  return key(character.length, code < 0x20 || code === 0x7f ? controlKey(character) : textKey(character));
}

const csiShape = /^\x1b\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])/;

function csi(text: string, quiet: boolean): Read | null {
  const found = csiShape.exec(text);
  if (!found) {
    if (/^\x1b\[[<=>?]?[0-9;:]*[ -/]*$/.test(text) && text.length < MOST)
      return quiet ? key(2, { ...textKey("["), alt: true }) : null;
    return { length: 2 };
  }
  const [whole, prefix = "", numbers = "", between = "", final = ""] = found;
  const { length } = whole;
  if (prefix === "<" && (final === "M" || final === "m")) return { length, ...eventOf(mouse(numbers, final === "m")) };
  if (prefix === "" && between === "" && (final === "I" || final === "O") && numbers === "")
    return { length, event: { type: "focus", focused: final === "I" } };
  if (prefix !== "" || between !== "") return { length };
  return key(length, csiKey(numbers, final));
}

const eventOf = (event: InputEvent | null): { event?: InputEvent } => (event ? { event } : {});

function mouse(numbers: string, released: boolean): MouseEvent | null {
  const [code = -1, column = 0, row = 0] = numbers.split(";").map(Number);
  if (!(code >= 0 && column >= 1 && row >= 1)) return null;
  const low = code & 3;
  const wheel = (code & 64) !== 0;
  if (wheel && low > 1) return null;
  const moving = (code & 32) !== 0;
  const button = wheel || low === 3 ? "none" : (["left", "middle", "right"] as const)[low as 0 | 1 | 2];
  const held = button === "none" ? "move" : "drag";
  const action = wheel ? (low === 0 ? "wheelUp" : "wheelDown") : moving ? held : released ? "release" : "press";
  return {
    type: "mouse",
    action,
    button,
    x: column - 1,
    y: row - 1,
    shift: (code & 4) !== 0,
    alt: (code & 8) !== 0,
    ctrl: (code & 16) !== 0,
  };
}

/** OSC, DCS and the like: what a terminal answers. Only its background is of interest; the rest is swallowed whole. */
function reply(text: string, quiet: boolean): Read | null {
  const end = /\x07|\x1b\\|\x9c/.exec(text.slice(2));
  if (!end) {
    if (!quiet && text.length < MOST) return null;
    // No answer, but Alt with a bracket or a letter.
    return text.length === 2 ? key(2, { ...textKey(text[1] ?? ""), alt: true }) : { length: text.length };
  }
  const length = 2 + end.index + end[0].length;
  const color = /^\x1b\]11;rgba?:([0-9a-f]+)\/([0-9a-f]+)\/([0-9a-f]+)/i.exec(text.slice(0, length));
  if (!color) return { length };
  const [r = 0, g = 0, b = 0] = color.slice(1, 4).map((part) => (parseInt(part, 16) / (16 ** part.length - 1)) * 255);
  return { length, event: { type: "background", r: Math.round(r), g: Math.round(g), b: Math.round(b) } };
}
