/** Removes keys from bytes that arrive in pieces. All other bytes stay what they are, whatever their encoding. */

export interface StreamRedactor {
  text(text: string): string;
  /** How many characters at the end of the text may be the start of a secret. */
  holdBack(text: string): number;
}

export interface ByteRedactor {
  /** Returns what can be passed on: the start of a secret waits for the next piece. */
  add(piece: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

export function redactBytes(redactor: StreamRedactor): ByteRedactor {
  let pending = "";
  const toBytes = (text: string): Uint8Array => Buffer.from(redactor.text(text), "latin1");
  return {
    add(piece) {
      pending += Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString("latin1");
      const ready = pending.slice(0, pending.length - redactor.holdBack(pending));
      pending = pending.slice(ready.length);
      return toBytes(ready);
    },
    end() {
      const rest = pending;
      pending = "";
      return toBytes(rest);
    },
  };
}
