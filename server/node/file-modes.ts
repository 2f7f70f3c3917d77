/** Restricts Tutti's own files to their owner. */
import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The depth of sessions and blobs. Files below are protected by the modes of these folders. */
const maxDepth = 2;

/** Sets folders to 0700 and files to 0600, and returns the paths that were open to others. Skips links. */
export function restrictModes(path: string, depth = 0): string[] {
  if (process.platform === "win32") return [];
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink() || stat.uid !== process.getuid?.()) return [];
  const wasOpen = (stat.mode & 0o077) !== 0;
  if (wasOpen && (stat.isDirectory() || stat.isFile())) chmodSync(path, stat.isDirectory() ? 0o700 : 0o600);
  const changed =
    stat.isDirectory() && depth < maxDepth
      ? readdirSync(path).flatMap((name) => restrictModes(join(path, name), depth + 1))
      : [];
  return wasOpen ? [path, ...changed] : changed;
}

export function isOpenToOthers(path: string): boolean {
  const stat = process.platform === "win32" ? undefined : lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & 0o077) !== 0;
}
