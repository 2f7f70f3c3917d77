/** File access: bounded reads, atomic replacement, and never through a link. */
import { closeSync, constants, fstatSync, openSync, read, readSync } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Files } from "../ports.ts";
import { type FolderHandle, openFolder, splitPath } from "./folder-handle.ts";
import { randomHex } from "./random.ts";
import { describeFileError, errorCode, isSpecial, statFile } from "./stat-real-path.ts";

const leftoverName = /^\.tutti-.*\.tmp$/;
const leftoverAge = 3_600_000;

/** Drops setuid and setgid, because the content is new. */
const modeMask = 0o1777;

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

    async write(path, content) {
      rejectSpecial(path);
      await inFolder(path, true, async (folder, name) => {
        const before = await lstatOrNull(folder.resolve(name));
        if (before !== null && !before.isFile()) throw new Error(describeNotAFile(path, before.isDirectory()));
        await cleanFolder(folder, splitPath(path).folder);
        await replaceFile(folder, name, content, before);
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
      if (found?.isFile() && now - found.mtimeMs > leftoverAge) await unlink(folder.resolve(name));
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

interface PreviousFile {
  mode: number;
  uid: number;
  gid: number;
}

async function replaceFile(
  folder: FolderHandle,
  name: string,
  content: Uint8Array,
  before: PreviousFile | null,
): Promise<void> {
  const temporary = folder.resolve(`.tutti-${randomHex(8)}.tmp`);
  const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const file = await open(temporary, create, 0o600);
  try {
    try {
      await file.writeFile(content);
      if (before !== null) await restoreOwner(file, before);
      await file.chmod(before === null ? 0o666 & ~process.umask() : before.mode & modeMask);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, folder.resolve(name));
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
  await folder.sync();
}

async function restoreOwner(file: FileHandle, before: PreviousFile): Promise<void> {
  const now = await file.stat();
  if (now.uid === before.uid && now.gid === before.gid) return;
  try {
    await file.chown(before.uid, before.gid);
  } catch (error) {
    // Only root may change the owner; otherwise the file belongs to the current user.
    if (errorCode(error) !== "EPERM") throw error;
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
