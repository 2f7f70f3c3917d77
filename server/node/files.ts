/** File access: bounded reads, atomic replacement, and never through a link. */
import { closeSync, constants, fstatSync, openSync, read, readSync } from "node:fs";
import { lstat, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Files } from "../ports.ts";
import { type FolderHandle, openFolder, splitPath } from "./folder-handle.ts";
import { describeFileError, errorCode, isReadOnly, isSpecial, statFile } from "./stat-real-path.ts";
import { writeFile } from "./write-file.ts";

const leftoverName = /^\.tutti-.*\.tmp$/;
const leftoverAge = 3_600_000;

export function openFiles(): Files {
  const cleaned = new Map<string, number>();

  return {
    stat: statFile,

    async read(path, max, offset = 0) {
      rejectSpecial(path);
      return inFolder(path, false, async (folder, name) => {
        const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
        const file = openSync(folder.resolve(name), flags);
        try {
          const found = fstatSync(file);
          if (!found.isFile()) throw new Error(describeNotAFile(path, found.isDirectory()));
          return await readPiece(file, max, offset, found.size);
        } finally {
          closeSync(file);
        }
      });
    },

    async write(path, content, options = {}) {
      rejectSpecial(path);
      await inFolder(path, true, async (folder, name) => {
        const before = await lstatOrNull(folder.resolve(name));
        if (before !== null && !before.isFile()) throw new Error(describeNotAFile(path, before.isDirectory()));
        if (before !== null && isReadOnly(folder.resolve(name), before))
          throw new Error(`${path} is read-only. Make it writable first if it should change.`);
        await cleanFolder(folder, splitPath(path).folder);
        await writeFile(folder, name, content, before, options);
      });
    },

    async remove(path) {
      rejectSpecial(path);
      await inFolder(path, false, async (folder, name) => {
        const before = await lstat(folder.resolve(name));
        if (before.isDirectory()) throw new Error(describeNotAFile(path, true));
        await unlink(folder.resolve(name));
        await folder.sync();
      });
    },

    async list(path) {
      rejectSpecial(path);
      try {
        const entries = await readdir(path, { withFileTypes: true });
        const named = await Promise.all(
          entries.map(async (entry) => ({
            name: entry.name,
            directory:
              entry.isDirectory() || (entry.isSymbolicLink() && (await isLinkToFolder(join(path, entry.name)))),
          })),
        );
        return named.sort((a, b) => (a.name < b.name ? -1 : 1));
      } catch (error) {
        throw describeFileError(path, error);
      }
    },
  };

  /** Removes temporary files that a crash left in a folder. */
  async function cleanFolder(folder: FolderHandle, path: string): Promise<void> {
    const now = Date.now();
    if (now - (cleaned.get(path) ?? 0) < leftoverAge) return;
    cleaned.set(path, now);
    let names: string[];
    try {
      names = await readdir(folder.resolve("."));
    } catch (error) {
      if (errorCode(error) === "EACCES") return;
      throw error;
    }
    for (const name of names.filter((name) => leftoverName.test(name))) {
      const found = await lstatOrNull(folder.resolve(name));
      if (found?.isFile() && now - found.mtimeMs > leftoverAge) await unlinkIfAllowed(folder.resolve(name));
    }
  }
}

async function inFolder<T>(
  path: string,
  make: boolean,
  task: (folder: FolderHandle, name: string) => Promise<T>,
): Promise<T> {
  const { folder, name } = splitPath(path);
  if (name === "") throw new Error(`${path} is a folder, not a file.`);
  try {
    const handle = await openFolder(folder, make);
    try {
      return await task(handle, name);
    } finally {
      await handle.release();
    }
  } catch (error) {
    throw describeFileError(path, error);
  }
}

/** Larger reads use the thread pool. */
const maxSyncRead = 262_144;
const readAsync = promisify(read);

async function readPiece(file: number, max: number, offset: number, size: number): Promise<Uint8Array> {
  // A size of 0 may also be a virtual file, for example in /proc, whose size is known only after reading.
  const requested = Math.min(max, size > 0 ? Math.max(0, size - offset) : 65_536);
  const buffer = new Uint8Array(requested);
  let filled = 0;
  while (filled < requested) {
    const readArgs = [buffer, filled, requested - filled, offset + filled] as const;
    const count =
      requested <= maxSyncRead ? readSync(file, ...readArgs) : (await readAsync(file, ...readArgs)).bytesRead;
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

async function unlinkIfAllowed(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS", "ENOENT"].includes(errorCode(error) ?? "")) throw error;
  }
}

async function lstatOrNull(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

async function isLinkToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}

function rejectSpecial(path: string): void {
  if (isSpecial(path)) throw new Error(`${path} is a device or a process file; only regular files can be used.`);
}

const describeNotAFile = (path: string, folder: boolean) =>
  folder ? `${path} is a folder, not a file.` : `${path} is a device, pipe, socket or link, not a file.`;
