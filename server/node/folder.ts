/**
 * Holds a folder open while something in it is read or written, reached step by step without following a link. On Linux every name
 * below is then looked up in the folder that was opened, whatever its path has become meanwhile; elsewhere the path is checked again.
 */
import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import { type FileHandle, mkdir, open, realpath } from "node:fs/promises";
import { dirname, join, parse, sep } from "node:path";
import { errorCode } from "./place.ts";

export interface HeldFolder {
  /** A path for a name in the held folder, good until it is released. */
  inside(name: string): string;
  /** Puts the names of the folder on disk. */
  sync(): Promise<void>;
  release(): Promise<void>;
}

/** Linux: opens a folder to look things up in it, without the right to list it. */
const lookUpOnly = 0o10000000;
const isLinux = process.platform === "linux";

/** `path`: absolute, without links. `make`: missing folders are made. */
export function holdFolder(path: string, make: boolean): Promise<HeldFolder> {
  return isLinux ? holdByHandle(path, make) : holdByPath(path, make);
}

/** Each step takes microseconds, so it is not sent through the thread pool. */
async function holdByHandle(path: string, make: boolean): Promise<HeldFolder> {
  const flags = lookUpOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  let held = openSync("/", flags);
  try {
    for (const name of path.split("/").filter((part) => part !== "")) {
      const next = openStep(handlePath(held, name), flags, make);
      closeSync(held);
      held = next;
    }
  } catch (error) {
    closeSync(held);
    throw error;
  }
  return {
    inside: (name) => handlePath(held, name),
    sync: () => syncFolder(handlePath(held, ".")),
    release: async () => closeSync(held),
  };
}

const handlePath = (folder: number, name: string) => `/proc/self/fd/${folder}/${name}`;

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

async function holdByPath(path: string, make: boolean): Promise<HeldFolder> {
  if (make) await mkdir(path, { recursive: true });
  const check = async () => {
    if ((await realpath(path)) !== path)
      throw new Error(`${path} leads through a link that was put there a moment ago. Nothing was done.`);
  };
  await check();
  return { inside: (name) => join(path, name), sync: () => syncFolder(path), release: check };
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  let folder: FileHandle;
  try {
    folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    // A folder that may be entered but not listed cannot be synced by this user.
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
