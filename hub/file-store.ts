/**
 * The embedded store: a folder per share with a record and append-only files of frames. A file begins with a snapshot, or is the first one.
 * A frame counts only when it is whole: the end of a file that a crash interrupted is cut off.
 */

import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SHARE_ID } from "../protocol/share/share-link.ts";
import { decodeFrames, encodeFrame } from "./frame-codec.ts";
import type { HubStore, LoadedShare, ShareRecord, StoredFrame } from "./store.ts";

const RECORD = "share.json";
const FRAMES = /^frames-(\d{1,16})\.log$/;

export async function openFileStore(folder: string): Promise<HubStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, FileHandle>();
  const folderOf = (share: string): string => {
    if (!SHARE_ID.test(share)) throw new Error(`${share} is not the id of a share.`);
    return join(folder, share);
  };
  const closeFile = async (share: string): Promise<void> => {
    const file = files.get(share);
    files.delete(share);
    await file?.close();
  };
  const listFrameFiles = async (share: string): Promise<string[]> =>
    (await readdir(folderOf(share)))
      .filter((name) => FRAMES.test(name))
      .sort((one, other) => numberOf(one) - numberOf(other));
  const openFile = async (share: string, { seq, snapshot }: StoredFrame): Promise<FileHandle> => {
    const current = files.get(share);
    if (current && !snapshot) return current;
    await closeFile(share);
    const [last] = snapshot ? [] : (await listFrameFiles(share)).slice(-1);
    const opened = await open(join(folderOf(share), last ?? `frames-${seq}.log`), "a", 0o600);
    files.set(share, opened);
    return opened;
  };

  return {
    async load(share) {
      const record = await readRecord(folderOf(share));
      if (record === null) return null;
      const names = await listFrameFiles(share);
      // The newest file that begins with a whole snapshot; an older one remains if a crash came before its deletion.
      for (const name of names.reverse()) {
        const frames = await readFrames(join(folderOf(share), name));
        if (frames.length > 0) return { record, frames };
      }
      return { record, frames: [] } satisfies LoadedShare;
    },
    async saveRecord(share, record) {
      const path = folderOf(share);
      await mkdir(path, { recursive: true, mode: 0o700 });
      const temporary = join(path, `${RECORD}.tmp`);
      await writeFile(temporary, JSON.stringify(record), { mode: 0o600, flush: true });
      await rename(temporary, join(path, RECORD));
      await syncFolder(path);
      await syncFolder(folder);
    },
    async append(share, frames) {
      const replaced: string[] = [];
      for (const group of splitAtSnapshots(frames)) {
        const [first] = group;
        if (!first) continue;
        if (first.snapshot) replaced.push(...(await listFrameFiles(share)));
        const file = await openFile(share, first);
        await file.appendFile(Buffer.concat(group.map(encodeFrame)));
      }
      await files.get(share)?.datasync();
      if (replaced.length === 0) return;
      await syncFolder(folderOf(share));
      const [current] = (await listFrameFiles(share)).slice(-1);
      for (const name of new Set(replaced))
        if (name !== current) await rm(join(folderOf(share), name), { force: true });
    },
    async clear(share) {
      await closeFile(share);
      for (const name of await listFrameFiles(share)) await rm(join(folderOf(share), name), { force: true });
      await syncFolder(folderOf(share));
    },
    async remove(share) {
      await closeFile(share);
      await rm(folderOf(share), { recursive: true, force: true });
    },
    lastChange: async (share) => (await readRecord(folderOf(share)))?.changedAt ?? null,
    list: async () => (await readdir(folder)).filter((name) => SHARE_ID.test(name)),
    async close() {
      for (const share of [...files.keys()]) await closeFile(share);
    },
  };
}

const numberOf = (name: string): number => Number(FRAMES.exec(name)?.[1]);

async function readRecord(folder: string): Promise<ShareRecord | null> {
  try {
    return JSON.parse(await readFile(join(folder, RECORD), "utf8")) as ShareRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function splitAtSnapshots(frames: readonly StoredFrame[]): StoredFrame[][] {
  const groups: StoredFrame[][] = [];
  for (const frame of frames) {
    const last = groups.at(-1);
    if (frame.snapshot || !last) groups.push([frame]);
    else last.push(frame);
  }
  return groups;
}

/** Cuts off what follows the last whole frame. */
async function readFrames(path: string): Promise<StoredFrame[]> {
  const data = await readFile(path);
  const { frames, length } = decodeFrames(data);
  if (length < data.length) await truncate(path, length);
  return frames;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
