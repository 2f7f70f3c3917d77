/** Makes Tutti's own files readable by their owner alone, where they are not. */
import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Deeper than sessions and blobs nothing lies, and a mode there is guarded by the folders above. */
const deepest = 2;

/** The paths that were open to others: folders become 0700, files 0600; links are left alone. */
export function narrowModes(path: string, depth = 0): string[] {
  if (process.platform === "win32") return [];
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined || facts.isSymbolicLink() || facts.uid !== process.getuid?.()) return [];
  const open = (facts.mode & 0o077) !== 0;
  if (open && (facts.isDirectory() || facts.isFile())) chmodSync(path, facts.isDirectory() ? 0o700 : 0o600);
  const below =
    facts.isDirectory() && depth < deepest
      ? readdirSync(path).flatMap((name) => narrowModes(join(path, name), depth + 1))
      : [];
  return open ? [path, ...below] : below;
}

export function isOpenToOthers(path: string): boolean {
  const facts = process.platform === "win32" ? undefined : lstatSync(path, { throwIfNoEntry: false });
  return facts !== undefined && (facts.mode & 0o077) !== 0;
}
