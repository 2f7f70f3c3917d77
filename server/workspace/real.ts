/** Where a path really leads, at once: for decisions that must not wait. The last parts need not exist. */
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

const mostLinks = 40;
/** No system opens a longer path, so there is nothing to resolve. */
const longest = 4096;

export function realPath(path: string, followed = 0): string {
  const asked = resolve(path);
  if (asked.length > longest) return asked;
  try {
    return realpathSync.native(asked);
  } catch (error) {
    const parent = dirname(asked);
    if (parent === asked || followed > mostLinks) return asked;
    const target = danglingTarget(asked, error);
    return target === null ? join(realPath(parent, followed), basename(asked)) : realPath(target, followed + 1);
  }
}

/** A link that leads to nothing yet still leads there. */
function danglingTarget(path: string, error: unknown): string | null {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") return null;
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch (reason) {
    if (reason instanceof Error) return null;
    throw reason;
  }
}
