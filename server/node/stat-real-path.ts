/**
 * Resolves a path with all its links, even if its last parts do not exist yet, and returns its file status. Synchronous: each call takes
 * microseconds, a trip through the thread pool takes a hundred.
 */
import { accessSync, constants, lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { FileStat } from "../ports.ts";

const maxLinks = 40;

/** Devices and process files: never part of a project, and some never end. */
const specialPath = /^\/(?:dev|proc\/(?:self|thread-self|\d+))(?:\/|$)/;
export const isSpecial = (path: string): boolean => specialPath.test(path);

export const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

export async function statFile(path: string): Promise<FileStat> {
  const absolute = resolve(path);
  const nothing = { size: 0, modified: 0, mode: 0, links: 0, own: true, readOnly: false };
  if (isSpecial(absolute)) return { real: absolute, linked: false, kind: "device", ...nothing };
  const real = resolveReal(absolute, 0);
  const linked = real !== absolute;
  if (isSpecial(real)) return { real, linked, kind: "device", ...nothing };
  try {
    const found = statSync(real, { throwIfNoEntry: false });
    if (found === undefined) return { real, linked, kind: "missing", ...nothing };
    return {
      real,
      linked,
      kind: found.isFile() ? "file" : found.isDirectory() ? "directory" : "device",
      size: found.size,
      modified: found.mtimeMs,
      mode: found.mode & 0o7777,
      links: found.isFile() ? found.nlink : 1,
      own: isOwn(found),
      readOnly: found.isFile() && isReadOnly(real, found),
    };
  } catch (error) {
    throw describeFileError(path, error);
  }
}

const isOwn = (found: Stats) => process.getuid === undefined || found.uid === process.getuid();

/** Also for root, who may write everything: a file without any permission to write is meant not to change. */
export function isReadOnly(path: string, found: Stats): boolean {
  if ((found.mode & 0o222) === 0 || (isOwn(found) && (found.mode & 0o200) === 0)) return true;
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return errorCode(error) === "EACCES";
  }
}

function resolveReal(path: string, depth: number): string {
  if (depth > maxLinks) throw new Error(`${path} leads through more than ${maxLinks} links, possibly in a loop.`);
  const found = lstatOrNull(path);
  if (found !== null) {
    try {
      return realpathSync.native(path);
    } catch (error) {
      if (!isAbsent(error)) throw describeFileError(path, error);
    }
  }
  const parent = dirname(path);
  if (parent === path) return path;
  if (!found?.isSymbolicLink()) return join(resolveReal(parent, depth), basename(path));
  return resolveReal(resolve(resolveReal(parent, depth + 1), readLink(path)), depth + 1);
}

/** Null for what does not exist: an exception for it would cost more than the call itself. */
function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw describeFileError(path, error);
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    throw describeFileError(path, error);
  }
}

const isAbsent = (error: unknown) => errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR";

const reasons: Record<string, string> = {
  ENOENT: "does not exist",
  EACCES: "cannot be opened: permission denied",
  EPERM: "cannot be changed: permission denied",
  EISDIR: "is a folder",
  ENOTDIR: "leads through something that is not a folder, or through a link that was just created",
  ELOOP: "is a link, or leads through a loop of links",
  ENOSPC: "cannot be written: the disk is full",
  EDQUOT: "cannot be written: the disk quota is used up",
  EROFS: "is on a read-only file system",
  ENAMETOOLONG: "has a name that is too long",
  EMFILE: "cannot be opened: too many files are open",
  ENXIO: "is a device, pipe or socket, not a file",
  ENOTEMPTY: "is a folder that is not empty",
};

export function describeFileError(path: string, error: unknown): Error {
  const code = errorCode(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return new Error(`${path} ${reasons[code] ?? `cannot be used (${code})`}.`, { cause: error });
}
