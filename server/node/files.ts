/** Real files: read in bounded pieces, replaced whole or not at all, and never through a link. */
import { closeSync, constants, fstatSync, openSync, read, readSync } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Files } from "../ports.ts";
import { type HeldFolder, holdFolder, splitPath } from "./folder.ts";
import { errorCode, findFacts, inWords, isSpecial } from "./place.ts";
import { randomHex } from "./random.ts";

const leftover = /^\.tutti-.*\.tmp$/;
const leftoverAge = 3_600_000;

/** Setuid and setgid are not given to content that nobody has seen. */
const keptMode = 0o1777;

export function openFiles(): Files {
  const cleaned = new Map<string, number>();

  return {
    facts: findFacts,

    async read(path, max, offset = 0) {
      refuseSpecial(path);
      return within(path, false, async (folder, name) => {
        const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
        const file = openSync(folder.inside(name), flags);
        try {
          const found = fstatSync(file);
          if (!found.isFile()) throw new Error(notAFile(path, found.isDirectory()));
          return await readPiece(file, max, offset, found.size);
        } finally {
          closeSync(file);
        }
      });
    },

    async write(path, content) {
      refuseSpecial(path);
      await within(path, true, async (folder, name) => {
        const before = await lstatOrNull(folder.inside(name));
        if (before !== null && !before.isFile()) throw new Error(notAFile(path, before.isDirectory()));
        await cleanFolder(folder, splitPath(path).folder);
        await replace(folder, name, content, before);
      });
    },

    async remove(path) {
      refuseSpecial(path);
      await within(path, false, async (folder, name) => {
        const before = await lstat(folder.inside(name));
        if (before.isDirectory()) throw new Error(notAFile(path, true));
        await unlink(folder.inside(name));
        await folder.sync();
      });
    },

    async list(path) {
      refuseSpecial(path);
      try {
        const entries = await readdir(path, { withFileTypes: true });
        const named = await Promise.all(
          entries.map(async (entry) => ({
            name: entry.name,
            directory: entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(join(path, entry.name)))),
          })),
        );
        return named.sort((a, b) => (a.name < b.name ? -1 : 1));
      } catch (error) {
        throw inWords(path, error);
      }
    },
  };

  /** What a crash left behind goes at the next write in that folder. */
  async function cleanFolder(folder: HeldFolder, path: string): Promise<void> {
    const now = Date.now();
    if (now - (cleaned.get(path) ?? 0) < leftoverAge) return;
    cleaned.set(path, now);
    let names: string[];
    try {
      names = await readdir(folder.inside("."));
    } catch (error) {
      if (errorCode(error) === "EACCES") return;
      throw error;
    }
    for (const name of names.filter((name) => leftover.test(name))) {
      const found = await lstatOrNull(folder.inside(name));
      if (found?.isFile() && now - found.mtimeMs > leftoverAge) await unlink(folder.inside(name));
    }
  }
}

async function within<T>(
  path: string,
  make: boolean,
  work: (folder: HeldFolder, name: string) => Promise<T>,
): Promise<T> {
  const { folder, name } = splitPath(path);
  if (name === "") throw new Error(`${path} is a folder, not a file.`);
  try {
    const held = await holdFolder(folder, make);
    try {
      return await work(held, name);
    } finally {
      await held.release();
    }
  } catch (error) {
    throw inWords(path, error);
  }
}

/** Bytes above which reading is left to the thread pool. */
const readAtOnce = 262_144;
const readLater = promisify(read);

async function readPiece(file: number, max: number, offset: number, size: number): Promise<Uint8Array> {
  // A size of 0 may also be a made-up file, such as those of /proc, which has to be read to know.
  const wanted = Math.min(max, size > 0 ? Math.max(0, size - offset) : 65_536);
  const buffer = new Uint8Array(wanted);
  let filled = 0;
  while (filled < wanted) {
    const place = [buffer, filled, wanted - filled, offset + filled] as const;
    const count = wanted <= readAtOnce ? readSync(file, ...place) : (await readLater(file, ...place)).bytesRead;
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

interface OldFile {
  mode: number;
  uid: number;
  gid: number;
}

async function replace(folder: HeldFolder, name: string, content: Uint8Array, before: OldFile | null): Promise<void> {
  const unfinished = folder.inside(`.tutti-${randomHex(8)}.tmp`);
  const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const file = await open(unfinished, create, 0o600);
  try {
    try {
      await file.writeFile(content);
      if (before !== null) await keepOwner(file, before);
      await file.chmod(before === null ? 0o666 & ~process.umask() : before.mode & keptMode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, folder.inside(name));
  } catch (error) {
    await unlink(unfinished);
    throw error;
  }
  await folder.sync();
}

async function keepOwner(file: FileHandle, before: OldFile): Promise<void> {
  const now = await file.stat();
  if (now.uid === before.uid && now.gid === before.gid) return;
  try {
    await file.chown(before.uid, before.gid);
  } catch (error) {
    // Only root may give files away; the file then belongs to the one who wrote it.
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

async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}

function refuseSpecial(path: string): void {
  if (isSpecial(path))
    throw new Error(`${path} is a device or a view of a running process; only ordinary files are used.`);
}

const notAFile = (path: string, folder: boolean) =>
  folder ? `${path} is a folder, not a file.` : `${path} is a device, pipe, socket or link, not a file.`;
