/**
 * Blobs of a session, one file for each content, named by its hash. A file is renamed into place when it is complete, and checked by its
 * hash whenever it is read: a disk can still lose a part of it.
 */
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs, BlobWriter } from "../ports.ts";
import { newHash, randomHex, sha256 } from "./random.ts";

const hashName = /^[0-9a-f]{64}$/;

export function openBlobs(folder: string, redact: (text: string) => string): Blobs {
  const path = (hash: string) => {
    if (!hashName.test(hash)) throw new Error(`"${hash}" is not a blob hash. Pass 64 hexadecimal digits.`);
    return join(folder, hash);
  };

  async function openWriter(): Promise<BlobWriter> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const temporary = join(folder, `.tutti-${randomHex(8)}.tmp`);
    const file = await open(temporary, "wx", 0o600);
    const digest = newHash();
    return {
      async write(piece) {
        digest.update(piece);
        await file.writeFile(piece);
      },
      async commit() {
        await file.datasync();
        await file.close();
        const hash = digest.digest("hex");
        await rename(temporary, path(hash));
        return hash;
      },
      async discard() {
        await file.close();
        await unlink(temporary);
      },
    };
  }

  /** Null if it is missing or damaged. */
  async function get(hash: string): Promise<Uint8Array | null> {
    try {
      const content = await readFile(path(hash));
      return sha256(content) === hash ? content : null;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "EIO") return null;
      throw error;
    }
  }

  async function put(content: Uint8Array): Promise<string> {
    const hash = sha256(content);
    if ((await get(hash)) !== null) return hash;
    const writer = await openWriter();
    try {
      await writer.write(content);
    } catch (error) {
      await writer.discard();
      throw error;
    }
    return writer.commit();
  }

  return {
    path,
    get,
    put,
    putText: (text) => put(new TextEncoder().encode(redact(text))),
    open: openWriter,
  };
}
