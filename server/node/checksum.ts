/**
 * CRC-32. Loading zlib takes longer than all that the first request of a run has to write, so the first ASCII characters of a process are
 * computed here, and the rest by zlib.
 */
import type { Checksum } from "../session/log-format.ts";

const POLYNOMIAL = 0xedb88320;

let table: Int32Array | null = null;
/** Characters until zlib is worth loading. */
let left = 65_536;

export const checksum: Checksum = (text) => {
  left -= text.length;
  return (left < 0 ? null : asciiChecksum(text)) ?? process.getBuiltinModule("node:zlib").crc32(text);
};

/** Null for text that is not ASCII. */
export function asciiChecksum(text: string): number | null {
  table ??= createTable();
  let sum = -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return null;
    sum = (sum >>> 8) ^ (table[(sum ^ code) & 0xff] as number);
  }
  return ~sum >>> 0;
}

function createTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    return value;
  });
}
