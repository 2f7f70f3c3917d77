/** Output that is too much to hold goes to disk, up to a limit. A disk that refuses costs the copy, never the command. */
import type { Blobs, BlobWriter } from "../ports.ts";

const mostOnDisk = 64 * 1024 * 1024;

export interface Spill {
  add(piece: Uint8Array): Promise<void>;
  /** The hash of what was kept; null where nothing was, or not all of it. */
  close(): Promise<string | null>;
}

export function openSpill(blobs: Blobs | undefined): Spill {
  let writer: BlobWriter | null = null;
  let broken = blobs === undefined;
  let size = 0;

  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch {
      broken = true;
      return null;
    }
  }

  return {
    async add(piece) {
      const part = piece.subarray(0, mostOnDisk - size);
      if (broken || blobs === undefined || part.length === 0) return;
      size += part.length;
      writer ??= await attempt(() => blobs.open());
      await attempt(async () => writer?.write(part));
    },
    async close() {
      const open = writer;
      if (open === null) return null;
      if (!broken) return attempt(() => open.keep());
      await attempt(() => open.drop());
      return null;
    },
  };
}
