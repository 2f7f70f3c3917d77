/** Resolves all links of a path synchronously, for decisions that must not wait. The last parts need not exist. */
import { readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

const maxLinks = 40;
/** No system opens a longer path. */
const maxPathLength = 4096;

export function resolveRealPath(path: string, depth = 0): string {
  const absolute = resolve(path);
  if (absolute.length > maxPathLength) return absolute;
  try {
    return realpathSync.native(absolute);
  } catch (error) {
    const parent = dirname(absolute);
    if (parent === absolute || depth > maxLinks) return absolute;
    const target = readDanglingLink(absolute, error);
    return target === null
      ? join(resolveRealPath(parent, depth), basename(absolute))
      : resolveRealPath(target, depth + 1);
  }
}

export function folderExists(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The target of a link whose target does not exist; null if the path is no such link. */
function readDanglingLink(path: string, error: unknown): string | null {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") return null;
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch (reason) {
    if (reason instanceof Error) return null;
    throw reason;
  }
}
