/** Writes output that is too large for memory to disk, up to a limit. If the disk fails, only the copy is lost. */
import type { Blobs, BlobWriter } from "../ports.ts";

const maxBytes = 64 * 1024 * 1024;

export interface OutputFile {
  add(piece: Uint8Array): Promise<void>;
  /** The hash of the stored output; null if nothing, or not all of it, was stored. */
  close(): Promise<string | null>;
}

export function openOutputFile(blobs: Blobs | undefined): OutputFile {
  let writer: BlobWriter | null = null;
  let failed = blobs === undefined;
  let size = 0;

  async function tryWrite<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch {
      failed = true;
      return null;
    }
  }

  return {
    async add(piece) {
      const part = piece.subarray(0, maxBytes - size);
      if (failed || blobs === undefined || part.length === 0) return;
      size += part.length;
      writer ??= await tryWrite(() => blobs.open());
      await tryWrite(async () => writer?.write(part));
    },
    async close() {
      const open = writer;
      if (open === null) return null;
      if (!failed) return tryWrite(() => open.commit());
      await tryWrite(() => open.discard());
      return null;
    },
  };
}
