/** Bytes beside a log, one file for each content, named by its hash. A file with the right name is whole: it was renamed into place. */
import { mkdir, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs, BlobWriter } from "../ports.ts";
import { newHash, randomHex, sha256 } from "./random.ts";

const hashName = /^[0-9a-f]{64}$/;

export function openBlobs(folder: string): Blobs {
  const path = (hash: string) => {
    if (!hashName.test(hash)) throw new Error(`"${hash}" is not the name of a blob: give 64 hexadecimal digits.`);
    return join(folder, hash);
  };

  async function openWriter(): Promise<BlobWriter> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unfinished = join(folder, `.tutti-${randomHex(8)}.tmp`);
    const file = await open(unfinished, "wx", 0o600);
    const digest = newHash();
    return {
      async write(piece) {
        digest.update(piece);
        await file.writeFile(piece);
      },
      async keep() {
        await file.datasync();
        await file.close();
        const hash = digest.digest("hex");
        await rename(unfinished, path(hash));
        return hash;
      },
      async drop() {
        await file.close();
        await unlink(unfinished);
      },
    };
  }

  return {
    path,
    open: openWriter,
    async put(content) {
      const hash = sha256(content);
      if (await exists(path(hash))) return hash;
      const writer = await openWriter();
      try {
        await writer.write(content);
      } catch (error) {
        await writer.drop();
        throw error;
      }
      return writer.keep();
    },
    async get(hash) {
      try {
        return await readFile(path(hash));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
