/**
 * Writes a file in an opened folder: replaces it atomically by a temporary file, or overwrites it in place if that is impossible (a
 * mounted file, a folder that cannot be changed) or would lose what the file is (a hard link, its owner).
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import type { WriteOptions } from "../ports.ts";
import type { FolderHandle } from "./folder-handle.ts";
import { randomHex } from "./random.ts";
import { errorCode } from "./stat-real-path.ts";

/** Drops setuid and setgid, because the content is new. */
const modeMask = 0o1777;

/** Errors of a folder in which a file can neither be created nor replaced, although the file itself may be written. */
const cannotReplace = new Set(["EACCES", "EPERM", "EROFS", "EBUSY"]);

export async function writeFile(
  folder: FolderHandle,
  name: string,
  content: Uint8Array,
  before: Stats | null,
  options: WriteOptions,
): Promise<void> {
  if (before !== null && before.nlink > 1) return overwriteFile(folder, name, content, before, options);
  try {
    if (await replaceFile(folder, name, content, before, options)) return;
  } catch (error) {
    if (before === null || !cannotReplace.has(errorCode(error) ?? "")) throw error;
  }
  if (before !== null) await overwriteFile(folder, name, content, before, options);
}

/** False if the new file cannot belong to the owner of the previous one; then nothing was changed. */
async function replaceFile(
  folder: FolderHandle,
  name: string,
  content: Uint8Array,
  before: Stats | null,
  options: WriteOptions,
): Promise<boolean> {
  const temporary = folder.resolve(`.tutti-${randomHex(8)}.tmp`);
  const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const file = await open(temporary, create, 0o600);
  try {
    try {
      if (before !== null && !(await restoreOwner(file, before))) {
        await unlink(temporary);
        return false;
      }
      await file.writeFile(content);
      await file.chmod((before?.mode ?? options.mode ?? 0o666 & ~process.umask()) & modeMask);
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
  return true;
}

async function restoreOwner(file: FileHandle, before: Stats): Promise<boolean> {
  const now = await file.stat();
  if (now.uid === before.uid && now.gid === before.gid) return true;
  try {
    await file.chown(before.uid, before.gid);
    return true;
  } catch (error) {
    // Only root may change the owner.
    if (errorCode(error) !== "EPERM") throw error;
    return false;
  }
}

async function overwriteFile(
  folder: FolderHandle,
  name: string,
  content: Uint8Array,
  before: Stats,
  options: WriteOptions,
): Promise<void> {
  const file = await open(folder.resolve(name), constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    const found = await file.stat();
    if (found.ino !== before.ino || found.dev !== before.dev)
      throw new Error(`${name} was replaced by another program while it was written. Nothing was changed.`);
    await options.beforeInPlace?.();
    const previous = new Uint8Array(found.size);
    await readFully(file, previous);
    try {
      await overwrite(file, content);
    } catch (error) {
      await overwrite(file, previous);
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function readFully(file: FileHandle, target: Uint8Array): Promise<void> {
  for (let filled = 0; filled < target.length; ) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, filled);
    if (bytesRead === 0) return;
    filled += bytesRead;
  }
}

/** The length changes last, so that an interruption never leaves an empty file. */
async function overwrite(file: FileHandle, content: Uint8Array): Promise<void> {
  for (let written = 0; written < content.length; )
    written += (await file.write(content, written, content.length - written, written)).bytesWritten;
  await file.truncate(content.length);
  await file.sync();
}
