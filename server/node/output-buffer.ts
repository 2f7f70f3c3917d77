/** Buffers the first and the last part of a process's output, with constant memory. */

export interface OutputBuffer {
  add(piece: Uint8Array): void;
  bytes(): number;
  /** All output so far; null if some was omitted. */
  whole(): Uint8Array | null;
  end(): { head: string; tail: string; bytes: number; omitted: number };
}

export function createOutputBuffer(headBytes: number, tailBytes: number): OutputBuffer {
  const head: Uint8Array[] = [];
  let headLength = 0;
  let tail: Uint8Array[] = [];
  let tailLength = 0;
  let bytes = 0;

  const whole = () => (bytes <= headBytes + tailBytes ? join([...head, ...tail]) : null);
  return {
    bytes: () => bytes,
    whole,
    add(piece) {
      bytes += piece.length;
      const first = piece.subarray(0, headBytes - headLength);
      if (first.length > 0) head.push(first.slice());
      headLength += first.length;
      const rest = piece.subarray(first.length);
      if (rest.length === 0) return;
      const last = rest.subarray(Math.max(0, rest.length - tailBytes)).slice();
      tail.push(last);
      tailLength += last.length;
      // Joined only occasionally, so that each byte is copied a bounded number of times.
      if (tailLength > 4 * tailBytes || tail.length > 256) {
        const joined = join(tail);
        tail = [joined.slice(Math.max(0, joined.length - tailBytes))];
        tailLength = tail[0]?.length ?? 0;
      }
    },
    end() {
      const all = whole();
      if (all !== null) return { head: decode(all), tail: "", bytes, omitted: 0 };
      const first = dropBrokenEnd(join(head));
      const joined = join(tail);
      const last = dropBrokenStart(joined.subarray(Math.max(0, joined.length - tailBytes)));
      return { head: decode(first), tail: decode(last), bytes, omitted: bytes - first.length - last.length };
    },
  };
}

const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

function dropBrokenStart(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start);
}

function dropBrokenEnd(bytes: Uint8Array): Uint8Array {
  let lead = bytes.length - 1;
  while (lead > bytes.length - 4 && isContinuation(bytes[lead])) lead -= 1;
  const first = bytes[lead] ?? 0;
  const needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return needed > bytes.length - lead ? bytes.subarray(0, lead) : bytes;
}

function join(pieces: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
