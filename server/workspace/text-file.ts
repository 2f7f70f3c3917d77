/** Bytes to text and back, so that what was not edited keeps every byte: byte order marks, UTF-16, Windows-1252, Latin-1, line ends. */

type Encoding = "utf8" | "utf16le" | "utf16be" | "windows1252" | "latin1";

export interface TextFile {
  text: string;
  encoding: Encoding;
  /** Starts with a byte order mark, which is not part of `text`. */
  mark: boolean;
}

const marks: [Encoding, number[]][] = [
  ["utf8", [0xef, 0xbb, 0xbf]],
  ["utf16le", [0xff, 0xfe]],
  ["utf16be", [0xfe, 0xff]],
];

/** Null for what is not text. */
export function decodeText(bytes: Uint8Array): TextFile | null {
  for (const [encoding, mark] of marks) {
    if (!mark.every((byte, index) => bytes[index] === byte)) continue;
    const body = bytes.subarray(mark.length);
    if (encoding === "utf8") break;
    if (body.length % 2 !== 0) return null;
    return { text: decodeUtf16(body, encoding === "utf16le"), encoding, mark: true };
  }
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = mark ? bytes.subarray(3) : bytes;
  if (body.subarray(0, 65_536).includes(0)) return mark ? null : decodeUnmarkedUtf16(body);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body), encoding: "utf8", mark };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return mark || !looksLikeSingleByte(body) ? null : decodeSingleByte(body);
  }
}

/** The bytes, or a sentence where this encoding cannot hold the text. */
export function encodeText(file: TextFile): Uint8Array | { problem: string } {
  const { text, encoding, mark } = file;
  if (encoding === "utf8") return withMark(new TextEncoder().encode(text), mark ? [0xef, 0xbb, 0xbf] : []);
  if (encoding === "latin1" || encoding === "windows1252") return encodeSingleByte(text, encoding);
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index += 1)
    view.setUint16(index * 2, text.charCodeAt(index), encoding === "utf16le");
  return withMark(bytes, mark ? (encoding === "utf16le" ? [0xff, 0xfe] : [0xfe, 0xff]) : []);
}

function withMark(bytes: Uint8Array, mark: number[]): Uint8Array {
  if (mark.length === 0) return bytes;
  const whole = new Uint8Array(mark.length + bytes.length);
  whole.set(mark);
  whole.set(bytes, mark.length);
  return whole;
}

function decodeUtf16(bytes: Uint8Array, little: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return inPieces(bytes.length / 2, (index) => view.getUint16(index * 2, little));
}

/** Every second byte of most text in UTF-16 is 0. */
function decodeUnmarkedUtf16(bytes: Uint8Array): TextFile | null {
  if (bytes.length % 2 !== 0) return null;
  const sample = bytes.subarray(0, 65_536);
  const zeros: [number, number] = [0, 0];
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2 === 0 ? 0 : 1] += 1;
  if (Math.min(...zeros) > 0 || Math.max(...zeros) * 4 < sample.length) return null;
  const little = zeros[1] > 0;
  const text = decodeUtf16(bytes, little);
  const controls = text.match(/[\0-\x08\x0e-\x1f]/g)?.length ?? 0;
  return controls * 100 > text.length ? null : { text, encoding: little ? "utf16le" : "utf16be", mark: false };
}

/** The characters of the bytes 0x80 to 0x9f in Windows-1252. Five bytes stand for none, and keep the control character of Latin-1. */
const WINDOWS_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

const isWindowsByte = (byte: number) => byte >= 0x80 && byte <= 0x9f;

/** Without any byte from 0x80 to 0x9f, the two encodings cannot be told apart; then only characters of both may be added. */
function decodeSingleByte(bytes: Uint8Array): TextFile {
  const encoding = bytes.some(isWindowsByte) ? "windows1252" : "latin1";
  const toUnit = (byte: number) => (isWindowsByte(byte) ? WINDOWS_1252.charCodeAt(byte - 0x80) : byte);
  return { text: inPieces(bytes.length, (index) => toUnit(bytes[index] ?? 0)), encoding, mark: false };
}

function encodeSingleByte(text: string, encoding: "latin1" | "windows1252"): Uint8Array | { problem: string } {
  const windows = encoding === "windows1252";
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const special = windows ? WINDOWS_1252.indexOf(text.charAt(index)) : -1;
    if (special < 0 && (code > 0xff || (windows && isWindowsByte(code)))) {
      const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
      const name = windows ? "Windows-1252" : "Latin-1";
      return {
        problem: `The file is in ${name}, which has no "${character}". Omit the character, or convert the file first.`,
      };
    }
    bytes[index] = special < 0 ? code : 0x80 + special;
  }
  return bytes;
}

function inPieces(length: number, unit: (index: number) => number): string {
  const pieces: string[] = [];
  for (let start = 0; start < length; start += 8192)
    pieces.push(
      String.fromCharCode(
        ...Array.from({ length: Math.min(8192, length - start) }, (_, offset) => unit(start + offset)),
      ),
    );
  return pieces.join("");
}

/** Text in one byte a letter has hardly any control characters; what is compressed or compiled is full of them. */
function looksLikeSingleByte(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 65_536);
  let controls = 0;
  for (const byte of sample) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls += 1;
  return controls * 100 <= sample.length;
}

/** The line end of most lines; `\n` where there is none. */
export function lineEnd(text: string): "\n" | "\r\n" {
  const all = text.split("\n").length - 1;
  const withReturn = text.split("\r\n").length - 1;
  return withReturn * 2 > all ? "\r\n" : "\n";
}

export const unifyLineEnds = (text: string): string => text.replaceAll("\r\n", "\n");

/** Lines without their ends; the nothing after a last line end is not a line. */
export function toLines(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
