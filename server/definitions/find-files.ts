/** Finds the Markdown files of definitions. Synchronous, since a start waits for it. */
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { resolveRealPath } from "../workspace/real-path.ts";
import { isWithin } from "../workspace/within.ts";

export interface FoundFile {
  path: string;
  /** The path below the folder that was searched. */
  relative: string;
  /** Changes with the file. */
  signature: string;
}

export interface Search {
  /** Levels of folders below the first one. */
  depth: number;
  matches(name: string): boolean;
  /** Real paths outside of this folder are skipped: a link in a project is not the user's. */
  within: string | null;
}

/** Enough for any person, and few enough that a folder such as `/` costs little. */
const MAX_FILES = 2_000;
const MAX_ENTRIES = 20_000;

/** Sorted by path, files before the folders next to them. Names that begin with a dot are skipped. */
export function findFiles(folder: string, search: Search): FoundFile[] {
  const found: FoundFile[] = [];
  let entries = 0;
  const visit = (path: string, relative: string, depth: number): void => {
    const listed = readEntries(path);
    entries += listed.length;
    const folders: [path: string, relative: string][] = [];
    for (const entry of listed) {
      const { name } = entry;
      if (found.length >= MAX_FILES || entries > MAX_ENTRIES) return;
      if (name.startsWith(".") || name === "node_modules") continue;
      // A file of no interest is not looked at.
      if (entry.isFile() && !search.matches(name)) continue;
      const at = join(path, name);
      const below = relative === "" ? name : `${relative}/${name}`;
      const stat = entry.isDirectory() ? entry : statSync(at, { throwIfNoEntry: false });
      if (stat?.isDirectory() && depth > 0) folders.push([at, below]);
      if (!stat?.isFile() || !("size" in stat) || !search.matches(name)) continue;
      if (search.within !== null && !isWithin(resolveRealPath(at), search.within)) continue;
      const signature = `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
      found.push({ path: at, relative: below, signature });
    }
    for (const [at, below] of folders) visit(at, below, depth - 1);
  };
  visit(folder, "", search.depth);
  return found;
}

/** Empty if the folder does not exist or cannot be read. */
function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
