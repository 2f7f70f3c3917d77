/** Frames as bytes: with their length and a checksum, so that the end of what was interrupted is noticed. */
import { crc32 } from "node:zlib";
import type { StoredFrame } from "./store.ts";

/** Length of the bytes, checksum, epoch, number, kind. */
const HEAD = 4 + 4 + 4 + 8 + 1;

export function encodeFrame({ epoch, seq, snapshot, bytes }: StoredFrame): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(bytes.length, 0);
  head.writeUInt32BE(epoch, 8);
  head.writeBigUInt64BE(BigInt(seq), 12);
  head.writeUInt8(snapshot ? 1 : 0, 20);
  head.writeUInt32BE(crc32(bytes, crc32(head.subarray(8))), 4);
  return Buffer.concat([head, bytes]);
}

/** `length`: of the whole frames at the beginning of the data. */
export function decodeFrames(data: Uint8Array): { frames: StoredFrame[]; length: number } {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const frames: StoredFrame[] = [];
  let length = 0;
  while (length + HEAD <= buffer.length) {
    const end = length + HEAD + buffer.readUInt32BE(length);
    const head = buffer.subarray(length, length + HEAD);
    const bytes = buffer.subarray(length + HEAD, end);
    if (end > buffer.length || crc32(bytes, crc32(head.subarray(8))) !== head.readUInt32BE(4)) break;
    frames.push({
      epoch: head.readUInt32BE(8),
      seq: Number(head.readBigUInt64BE(12)),
      snapshot: head.readUInt8(20) === 1,
      bytes,
    });
    length = end;
  }
  return { frames, length };
}
