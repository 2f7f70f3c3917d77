/** Finds the Markdown files of definitions. Synchronous, since a start waits for it. */
import { type Dirent, readdirSync, type Stats, statSync } from "node:fs";
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

/** Where the files were found. It holds until one of the folders changes. */
export interface Listing {
  folders: readonly (readonly [path: string, signature: string])[];
  /** Below the folder that was searched. */
  files: readonly string[];
}

export interface Found {
  files: FoundFile[];
  /** Null if the next search has to look again in any case. */
  listing: Listing | null;
}

/** A change in the same instant as another one may leave the time of a folder as it was. */
const SETTLED_MS = 2_000;

/**
 * Sorted by path, files before the folders next to them. Names that begin with a dot are skipped. `known`: the result of an earlier search,
 * which saves reading folders that have not changed.
 */
export function findFiles(folder: string, search: Search, known: Listing | null = null): Found {
  return (known && findAgain(folder, known)) ?? searchFolders(folder, search);
}

function findAgain(folder: string, known: Listing): Found | null {
  if (known.folders.some(([path, signature]) => readSignature(path) !== signature)) return null;
  const files: FoundFile[] = [];
  for (const relative of known.files) {
    const path = `${folder}/${relative}`;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return null;
    files.push({ path, relative, signature: toSignature(stat) });
  }
  return { files, listing: known };
}

function searchFolders(folder: string, search: Search): Found {
  const files: FoundFile[] = [];
  const folders: [path: string, signature: string][] = [];
  const settled = Date.now() - SETTLED_MS;
  let entries = 0;
  let isWhole = true;
  const visit = (path: string, relative: string, depth: number): void => {
    // Before it is read: a later change makes the listing invalid.
    const stat = statSync(path, { throwIfNoEntry: false });
    folders.push([path, stat ? toFolderSignature(stat) : ""]);
    isWhole &&= stat !== undefined && stat.mtimeMs < settled;
    const listed = readEntries(path);
    entries += listed.length;
    const below: [path: string, relative: string][] = [];
    for (const entry of listed) {
      const { name } = entry;
      if (files.length >= MAX_FILES || entries > MAX_ENTRIES) {
        isWhole = false;
        return;
      }
      if (name.startsWith(".") || name === "node_modules") continue;
      // A file of no interest is not looked at.
      if (entry.isFile() && !search.matches(name)) continue;
      const at = join(path, name);
      const inside = relative === "" ? name : `${relative}/${name}`;
      const stat = entry.isDirectory() ? entry : statSync(at, { throwIfNoEntry: false });
      // What a link leads to can change without its folder.
      if (entry.isSymbolicLink()) isWhole = false;
      if (stat?.isDirectory() && depth > 0) below.push([at, inside]);
      if (!stat?.isFile() || !("size" in stat) || !search.matches(name)) continue;
      if (search.within !== null && !isWithin(resolveRealPath(at), search.within)) continue;
      files.push({ path: at, relative: inside, signature: toSignature(stat) });
    }
    for (const [at, inside] of below) visit(at, inside, depth - 1);
  };
  visit(folder, "", search.depth);
  const listing = isWhole ? { folders, files: files.map(({ relative }) => relative) } : null;
  return { files, listing };
}

const toSignature = ({ size, mtimeMs, ctimeMs, ino }: Stats): string => `${size} ${mtimeMs} ${ctimeMs} ${ino}`;

const toFolderSignature = ({ mtimeMs, ino }: Stats): string => `${mtimeMs} ${ino}`;

function readSignature(folder: string): string | null {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() ? toFolderSignature(stat) : null;
}

/** Empty if the folder does not exist or cannot be read. */
function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
