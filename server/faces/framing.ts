/**
 * The header protocol (`Content-Length`, an empty line, a body), read strictly: whatever is not exactly that ends the connection
 * before anything is set aside for it. Every byte is looked at once, however the stream is cut.
 */
import { invalidRequest, MAX_BODY, type RpcFault } from "./message.ts";

const MAX_HEADER = 8 * 1024;
const MAX_LINES = 32;
const FIRST = 4 * 1024;
const LF = 10;
const CR = 13;
const LENGTH = /^(0|[1-9][0-9]{0,7})$/;

export interface Frames {
  take(piece: Uint8Array): void;
  /** True while a header has begun and not ended: the one state that must not last. */
  inHeader(): boolean;
}

/** `body` gets each whole body; `broken` is called once, and nothing after it. */
export function readFrames(body: (bytes: Uint8Array) => void, broken: (fault: RpcFault) => void): Frames {
  const header = Buffer.alloc(MAX_HEADER);
  let filled = 0;
  let lines = 0;
  /** Bytes of the body still to come; null while in a header. */
  let missing: number | null = null;
  /** A body that comes in pieces; it grows with what has come, not with what was announced. */
  let held = Buffer.alloc(0);
  let used = 0;
  let dead = false;

  const stop = (why: string): void => {
    dead = true;
    held = Buffer.alloc(0);
    broken(invalidRequest(why));
  };
  const hold = (part: Uint8Array): void => {
    if (used + part.length > held.length) {
      const grown = Buffer.allocUnsafe(Math.max(used + part.length, Math.min(2 * held.length, MAX_BODY), FIRST));
      held.copy(grown, 0, 0, used);
      held = grown;
    }
    held.set(part, used);
    used += part.length;
  };
  /** Takes one byte of a header; afterwards `missing` says whether it was the last one. */
  const headerByte = (byte: number): void => {
    const before = filled > 0 ? header[filled - 1] : undefined;
    const wrong = problemWith(byte, before, filled, lines);
    if (wrong !== null) {
      stop(wrong);
      return;
    }
    header[filled++] = byte;
    if (byte !== LF) return;
    lines++;
    if (filled > 2 && header[filled - 3] !== LF) return;
    const length = bodyLength(header.toString("latin1", 0, filled - 2));
    filled = 0;
    lines = 0;
    if (typeof length === "string") stop(length);
    else missing = length;
  };
  return {
    inHeader: () => filled > 0 && !dead,
    take(piece) {
      for (let at = 0; !dead && (at < piece.length || missing === 0); ) {
        if (missing === null) {
          headerByte(piece[at++] as number);
          continue;
        }
        const part = piece.subarray(at, at + missing);
        at += part.length;
        missing -= part.length;
        if (missing > 0 || used > 0) hold(part);
        if (missing > 0) continue;
        const whole = used > 0 ? held.subarray(0, used) : part;
        missing = null;
        used = 0;
        held = Buffer.alloc(0);
        body(whole);
      }
    },
  };
}

function problemWith(byte: number, before: number | undefined, filled: number, lines: number): string | null {
  if (filled === MAX_HEADER) return `The header of a message is longer than ${MAX_HEADER} bytes.`;
  if (byte !== LF) return before === CR ? "A line of the header has a carriage return in it." : null;
  if (before !== CR) return "Lines of the header must end in CR LF.";
  return lines > MAX_LINES ? `The header of a message has more than ${MAX_LINES} lines.` : null;
}

/** The length that a header block gives, or what is wrong with the block. */
function bodyLength(block: string): number | string {
  let length: string | undefined;
  for (const line of block.split("\r\n").slice(0, -1)) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return "A line of the header is not `Name: value`.";
    const known = name.toLowerCase();
    if (known === "content-length") {
      if (!LENGTH.test(value) || Number(value) > MAX_BODY)
        return `Content-Length must be a plain number of bytes, ${MAX_BODY} at most.`;
      if (length !== undefined && length !== value) return "The header gives two different lengths.";
      length = value;
    } else if (known === "content-type" && /charset/i.test(value) && !/charset\s*=\s*"?utf-?8"?\s*(;|$)/i.test(value))
      return "Only utf-8 is spoken here.";
  }
  return length === undefined ? "The header gives no Content-Length." : Number(length);
}

/** One message as a frame. */
export function frame(text: string): string {
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
