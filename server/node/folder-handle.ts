/**
 * Opens a folder step by step without following links, for reads and writes inside it. On Linux, names are resolved relative to the
 * opened folder, even if its path changes in the meantime; on other systems the path is checked again afterwards.
 */
import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import { type FileHandle, mkdir, open, realpath } from "node:fs/promises";
import { dirname, join, parse, sep } from "node:path";
import { errorCode } from "./stat-real-path.ts";

export interface FolderHandle {
  /** A path for a name in the folder, valid until `release`. */
  resolve(name: string): string;
  /** Syncs the folder's directory entries to disk. */
  sync(): Promise<void>;
  release(): Promise<void>;
}

/** Linux: opens a folder for name lookup, without permission to list it. */
const O_PATH = 0o10000000;
const isLinux = process.platform === "linux";

/** `path`: absolute, without links. `make`: creates missing folders. */
export function openFolder(path: string, make: boolean): Promise<FolderHandle> {
  return isLinux ? openByHandle(path, make) : openByPath(path, make);
}

/** Synchronous: each step takes microseconds, less than a trip through the thread pool. */
async function openByHandle(path: string, make: boolean): Promise<FolderHandle> {
  const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  let current = openSync("/", flags);
  try {
    for (const name of path.split("/").filter((part) => part !== "")) {
      const next = openStep(buildHandlePath(current, name), flags, make);
      closeSync(current);
      current = next;
    }
  } catch (error) {
    closeSync(current);
    throw error;
  }
  return {
    resolve: (name) => buildHandlePath(current, name),
    sync: () => syncFolder(buildHandlePath(current, ".")),
    release: async () => closeSync(current),
  };
}

const buildHandlePath = (folder: number, name: string) => `/proc/self/fd/${folder}/${name}`;

function openStep(path: string, flags: number, make: boolean): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    if (!make || errorCode(error) !== "ENOENT") throw error;
  }
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  return openSync(path, flags);
}

async function openByPath(path: string, make: boolean): Promise<FolderHandle> {
  if (make) await mkdir(path, { recursive: true });
  const check = async () => {
    if ((await realpath(path)) !== path)
      throw new Error(`${path} changed and now leads through a link. Nothing was changed.`);
  };
  await check();
  return { resolve: (name) => join(path, name), sync: () => syncFolder(path), release: check };
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  let folder: FileHandle;
  try {
    folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    // The user may enter this folder but not list it, so it cannot be synced.
    if (errorCode(error) === "EACCES") return;
    throw error;
  }
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The folder and the last name of an absolute path. */
export function splitPath(path: string): { folder: string; name: string } {
  const root = parse(path).root;
  const trimmed = path.length > root.length && path.endsWith(sep) ? path.slice(0, -1) : path;
  return { folder: dirname(trimmed), name: trimmed.slice(dirname(trimmed).length).replace(/^[/\\]/, "") };
}
