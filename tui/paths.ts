/** Formats paths for people. */
import { relative as between } from "node:path";

/** Relative to the folder; absolute if the path is outside it. */
export function toRelativePath(folder: string, path: string): string {
  const relative = between(folder, path);
  return relative === "" || relative.startsWith("..") ? path : relative;
}

/** Abbreviates the home folder to `~`. */
export function abbreviateHome(path: string, home: string | undefined): string {
  return home && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path;
}
