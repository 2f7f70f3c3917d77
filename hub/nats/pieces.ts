/** Entries of a log as messages of limited size: a large entry is several pieces, and counts when all of them were read. */

/** `frames`: their bytes. `record`: JSON. */
export type EntryKind = "frames" | "record";

export interface Piece {
  kind: EntryKind;
  /** Unique for each entry. */
  entry: string;
  /** The log of a node that wrote it. */
  writer: string;
  /** The sequence of the message before it, as its writer had read the log: 0 for an empty one. */
  previous: number;
  index: number;
  count: number;
}

/** Room for the head of a piece and for the headers of NATS. */
export const PIECE_OVERHEAD = 4 * 1024;

export function splitBytes(bytes: Uint8Array, most: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / most));
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * most, (index + 1) * most));
}

/** The length of the head, the head as JSON, the bytes. */
export function encodeMessage(head: object, bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, bytes]);
}

/** Null for what is none. Only nodes of the hub write to these subjects, so the head has the shape that they gave it. */
export function decodeMessage<T>(data: Uint8Array): { head: T; bytes: Uint8Array } | null {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  try {
    const end = 4 + buffer.readUInt32BE(0);
    return { head: JSON.parse(buffer.subarray(4, end).toString("utf8")) as T, bytes: buffer.subarray(end) };
  } catch {
    return null;
  }
}
