/**
 * Where a path really leads: every link resolved, also where the last parts do not exist yet, and what kind of thing is there.
 * Asked at once, not through the thread pool: each question takes microseconds, a trip to a thread and back takes a hundred.
 */
import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { FileFacts } from "../ports.ts";

const mostLinks = 40;

/** Devices, and the views of a process on itself: never a file of a project, and some of them never end. */
const special = /^\/(?:dev|proc\/(?:self|thread-self|\d+))(?:\/|$)/;
export const isSpecial = (path: string): boolean => special.test(path);

export const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

export async function findFacts(path: string): Promise<FileFacts> {
  const asked = resolve(path);
  const nothing = { size: 0, modified: 0, mode: 0, links: 0, own: true };
  if (isSpecial(asked)) return { real: asked, linked: false, kind: "device", ...nothing };
  const real = resolveReal(asked, 0);
  const linked = real !== asked;
  if (isSpecial(real)) return { real, linked, kind: "device", ...nothing };
  try {
    const found = statSync(real);
    return {
      real,
      linked,
      kind: found.isFile() ? "file" : found.isDirectory() ? "directory" : "device",
      size: found.size,
      modified: found.mtimeMs,
      mode: found.mode & 0o7777,
      links: found.isFile() ? found.nlink : 1,
      own: process.getuid === undefined || found.uid === process.getuid(),
    };
  } catch (error) {
    if (isAbsent(error)) return { real, linked, kind: "missing", ...nothing };
    throw inWords(path, error);
  }
}

function resolveReal(path: string, depth: number): string {
  if (depth > mostLinks) throw new Error(`${path} leads through more than ${mostLinks} links, maybe in a circle.`);
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (!isAbsent(error)) throw inWords(path, error);
  }
  const parent = dirname(path);
  if (parent === path) return path;
  const target = linkTarget(path);
  if (target !== null) return resolveReal(resolve(resolveReal(parent, depth + 1), target), depth + 1);
  return join(resolveReal(parent, depth), basename(path));
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw inWords(path, error);
  }
}

const isAbsent = (error: unknown) => errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR";

const reasons: Record<string, string> = {
  ENOENT: "does not exist",
  EACCES: "may not be opened by this user",
  EPERM: "may not be changed by this user",
  EISDIR: "is a folder",
  ENOTDIR: "leads through something that is not a folder, or through a link put there a moment ago",
  ELOOP: "is a link, or leads through links in a circle",
  ENOSPC: "cannot be written: the disk is full",
  EDQUOT: "cannot be written: the quota of this user is used up",
  EROFS: "lies on a read-only disk",
  ENAMETOOLONG: "has a name that is too long",
  EMFILE: "cannot be opened: too many files are open",
  ENXIO: "is a device, pipe or socket, not a file",
  ENOTEMPTY: "is a folder with something in it",
};

export function inWords(path: string, error: unknown): Error {
  const code = errorCode(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return new Error(`${path} ${reasons[code] ?? `cannot be used (${code})`}.`, { cause: error });
}
