/**
 * The base protocol of LSP (a `Content-Length` header, an empty line, a body), read strictly: anything else ends the connection before
 * memory is allocated for it. Every byte is read once, however the stream is split.
 */
import { invalidRequest, MAX_BODY, type RpcFault } from "./message-check.ts";

const MAX_HEADER = 8 * 1024;
const MAX_LINES = 32;
const FIRST = 4 * 1024;
const LF = 10;
const CR = 13;
const LENGTH = /^(0|[1-9][0-9]{0,7})$/;

export interface Frames {
  take(piece: Uint8Array): void;
  /** True while a header is incomplete, which must not last. */
  inHeader(): boolean;
}

/** `onBody` gets each whole body; `onFault` is called once, and nothing after it. */
export function readFrames(onBody: (bytes: Uint8Array) => void, onFault: (fault: RpcFault) => void): Frames {
  const header = Buffer.alloc(MAX_HEADER);
  let filled = 0;
  let lines = 0;
  /** Bytes of the body that are missing; null while in a header. */
  let missing: number | null = null;
  /** A body that arrives in pieces. It grows with the received bytes, not with the announced length. */
  let buffer = Buffer.alloc(0);
  let used = 0;
  let failed = false;

  const fail = (reason: string): void => {
    failed = true;
    buffer = Buffer.alloc(0);
    onFault(invalidRequest(reason));
  };
  const append = (part: Uint8Array): void => {
    if (used + part.length > buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(used + part.length, Math.min(2 * buffer.length, MAX_BODY), FIRST));
      buffer.copy(grown, 0, 0, used);
      buffer = grown;
    }
    buffer.set(part, used);
    used += part.length;
  };
  /** Reads one byte of a header. After the last one, `missing` is the length of the body. */
  const headerByte = (byte: number): void => {
    const before = filled > 0 ? header[filled - 1] : undefined;
    const problem = headerProblem(byte, before, filled, lines);
    if (problem !== null) {
      fail(problem);
      return;
    }
    header[filled++] = byte;
    if (byte !== LF) return;
    lines++;
    if (filled > 2 && header[filled - 3] !== LF) return;
    const length = bodyLength(header.toString("latin1", 0, filled - 2));
    filled = 0;
    lines = 0;
    if (typeof length === "string") fail(length);
    else missing = length;
  };
  return {
    inHeader: () => filled > 0 && !failed,
    take(piece) {
      for (let at = 0; !failed && (at < piece.length || missing === 0); ) {
        if (missing === null) {
          headerByte(piece[at++] as number);
          continue;
        }
        const part = piece.subarray(at, at + missing);
        at += part.length;
        missing -= part.length;
        if (missing > 0 || used > 0) append(part);
        if (missing > 0) continue;
        const whole = used > 0 ? buffer.subarray(0, used) : part;
        missing = null;
        used = 0;
        buffer = Buffer.alloc(0);
        onBody(whole);
      }
    },
  };
}

function headerProblem(byte: number, before: number | undefined, filled: number, lines: number): string | null {
  if (filled === MAX_HEADER) return `The header of a message is longer than ${MAX_HEADER} bytes.`;
  if (byte !== LF) return before === CR ? "A header line contains a carriage return." : null;
  if (before !== CR) return "Header lines must end with CR LF.";
  return lines > MAX_LINES ? `The header of a message has more than ${MAX_LINES} lines.` : null;
}

/** The length in a header block, or what is wrong with the block. */
function bodyLength(block: string): number | string {
  let length: string | undefined;
  for (const line of block.split("\r\n").slice(0, -1)) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return "A header line is not `Name: value`.";
    const known = name.toLowerCase();
    if (known === "content-length") {
      if (!LENGTH.test(value) || Number(value) > MAX_BODY)
        return `Content-Length must be a plain number of bytes, ${MAX_BODY} at most.`;
      if (length !== undefined && length !== value) return "The header contains two different lengths.";
      length = value;
    } else if (known === "content-type" && /charset/i.test(value) && !/charset\s*=\s*"?utf-?8"?\s*(;|$)/i.test(value))
      return "Only UTF-8 is supported.";
  }
  return length === undefined ? "The header has no Content-Length." : Number(length);
}

/** One message as a frame. */
export const frame = (text: string): string => `${frameHeader(Buffer.byteLength(text))}${text}`;

export const frameHeader = (length: number): string => `Content-Length: ${length}\r\n\r\n`;
