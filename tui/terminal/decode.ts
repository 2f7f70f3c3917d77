/**
 * Decodes terminal input: plain keys, xterm and kitty key reports, SGR mouse reports, bracketed paste, focus reports, and replies to the
 * queries of tui/screen.ts. Pure: input arrives as text, in pieces of any size.
 */
import type { Key } from "../keys/key.ts";
import { controlKey, csiKey, ss3Key, textKey } from "./sequences.ts";

export type InputEvent =
  | { type: "key"; key: Key }
  | { type: "paste"; text: string }
  | MouseEvent
  | { type: "focus"; focused: boolean }
  /** The terminal's background color; components are 0 to 255. */
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
  /** Some input is incomplete: call `flush` if no more arrives for `QUIET_MS`. */
  isWaiting(): boolean;
  /** No more input arrived: a single escape is the key, and a paste has ended. */
  flush(): InputEvent[];
}

/** The maximum time between the bytes of one key. */
export const QUIET_MS = 25;

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** Longer than any sequence that is supported. */
const MAX_SEQUENCE = 4096;

export function createDecoder(): Decoder {
  let held = "";
  let pasting = false;

  const keys = (quiet: boolean): InputEvent[] => {
    const events: InputEvent[] = [];
    while (held !== "" && !pasting) {
      const one = readNext(held, quiet);
      if (one === null) break;
      held = held.slice(one.length);
      if (one.paste) pasting = true;
      else if (one.event) events.push(one.event);
    }
    return events;
  };
  /**
   * A paste ends when no more input follows an end marker. If several markers arrived, the last one counts: pasted text that contains
   * the marker must not end the paste early and be executed.
   */
  const paste = (): InputEvent[] => {
    const end = endOfPaste(held);
    if (end < 0) return [];
    const text = decodePastedKeys(held.slice(0, end).replaceAll(PASTE_END, ""));
    held = held.slice(end + PASTE_END.length);
    pasting = false;
    return [{ type: "paste", text }, ...keys(true), ...(pasting ? paste() : [])];
  };
  return {
    feed(text) {
      held += text;
      return keys(false);
    },
    isWaiting: () => held !== "",
    flush: () => (pasting ? paste() : keys(true)),
  };
}

/** The last end marker before another paste starts. */
function endOfPaste(text: string): number {
  const again = text.indexOf(PASTE_END + PASTE_START);
  return again >= 0 ? again : text.lastIndexOf(PASTE_END);
}

/** tmux with extended keys reports control characters of a paste, such as line feeds, as keys: `CSI 106;5u` or `CSI 27;5;106~`. */
const decodePastedKeys = (text: string): string =>
  text.replaceAll(/\x1b\[(?:(\d{1,3})(?:;([15]))?u|27;([15]);(\d{1,3})~)/g, (_, code, held, other, otherCode) => {
    const number = Number(code ?? otherCode);
    return String.fromCharCode((held ?? other) === "5" ? number & 0x1f : number);
  });

interface Token {
  length: number;
  event?: InputEvent;
  paste?: true;
}

/** The first token of the text; null if it is incomplete. */
function readNext(text: string, quiet: boolean): Token | null {
  if (text.startsWith(PASTE_START)) return { length: PASTE_START.length, paste: true };
  if (text[0] !== "\x1b") return readPlainKey(text);
  if (text.length === 1) return quiet ? key(1, controlKey("\x1b")) : null;
  switch (text[1]) {
    case "[":
      return readCsi(text, quiet);
    case "O": {
      if (text.length === 2) return quiet ? key(2, { ...textKey("O"), alt: true }) : null;
      return key(3, ss3Key(text[2] ?? ""));
    }
    case "]":
    case "P":
    case "_":
    case "^":
      return readReply(text, quiet);
    case "\x1b": {
      // An escape before another sequence: Alt as some terminals report it, or the key twice.
      const inner = text.length === 2 ? null : readNext(text.slice(1), quiet);
      if (inner === null && !quiet) return null;
      if (inner?.event?.type === "key" && inner.length > 1)
        return key(1 + inner.length, { ...inner.event.key, alt: true });
      return key(1, controlKey("\x1b"));
    }
    default: {
      const inner = readPlainKey(text.slice(1));
      return inner.event?.type === "key"
        ? key(1 + inner.length, { ...withoutText(inner.event.key), alt: true })
        : { length: 1 + inner.length };
    }
  }
}

const withoutText = ({ text: _, ...rest }: Key): Key => rest;

const key = (length: number, found: Key | null): Token => ({
  length,
  ...(found && { event: { type: "key", key: found } }),
});

function readPlainKey(text: string): Token {
  const code = text.codePointAt(0) ?? 0;
  const character = String.fromCodePoint(code);
  return key(character.length, code < 0x20 || code === 0x7f ? controlKey(character) : textKey(character));
}

const csiShape = /^\x1b\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])/;

function readCsi(text: string, quiet: boolean): Token | null {
  const found = csiShape.exec(text);
  if (!found) {
    if (/^\x1b\[[<=>?]?[0-9;:]*[ -/]*$/.test(text) && text.length < MAX_SEQUENCE)
      return quiet ? key(2, { ...textKey("["), alt: true }) : null;
    return { length: 2 };
  }
  const [whole, prefix = "", numbers = "", between = "", final = ""] = found;
  const { length } = whole;
  if (prefix === "<" && (final === "M" || final === "m"))
    return { length, ...eventOf(parseMouse(numbers, final === "m")) };
  if (prefix === "" && between === "" && (final === "I" || final === "O") && numbers === "")
    return { length, event: { type: "focus", focused: final === "I" } };
  if (prefix !== "" || between !== "") return { length };
  return key(length, csiKey(numbers, final));
}

const eventOf = (event: InputEvent | null): { event?: InputEvent } => (event ? { event } : {});

function parseMouse(numbers: string, released: boolean): MouseEvent | null {
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

/** Replies of the terminal (OSC, DCS and others). Only the background color is used; all others are ignored. */
function readReply(text: string, quiet: boolean): Token | null {
  const end = /\x07|\x1b\\|\x9c/.exec(text.slice(2));
  if (!end) {
    if (!quiet && text.length < MAX_SEQUENCE) return null;
    // Not a reply, but Alt with a bracket or a letter.
    return text.length === 2 ? key(2, { ...textKey(text[1] ?? ""), alt: true }) : { length: text.length };
  }
  const length = 2 + end.index + end[0].length;
  const color = /^\x1b\]11;rgba?:([0-9a-f]+)\/([0-9a-f]+)\/([0-9a-f]+)/i.exec(text.slice(0, length));
  if (!color) return { length };
  const [r = 0, g = 0, b = 0] = color.slice(1, 4).map((part) => (parseInt(part, 16) / (16 ** part.length - 1)) * 255);
  return { length, event: { type: "background", r: Math.round(r), g: Math.round(g), b: Math.round(b) } };
}
