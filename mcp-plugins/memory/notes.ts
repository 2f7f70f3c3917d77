/**
 * Notes as Markdown files, one for each topic, in one folder: what is remembered is a list item of its topic's file. People may edit
 * them; nothing outside of the folder is read or written, and a link in it counts as nothing.
 */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

export interface Note {
  topic: string;
  /** The file's name in the folder. */
  file: string;
  text: string;
  /** When it was last changed, milliseconds since 1970. */
  changedAt: number;
}

export interface Notes {
  /** Newest first. */
  list(): Promise<Note[]>;
  /** Adds an item to a topic, or puts it in the place of all that was there. Returns the file's name. */
  remember(topic: string, text: string, replace: boolean): Promise<string>;
  /** Takes away a topic, or those of its items that contain a text. Returns how many items are gone; 0 where there is none. */
  forget(topic: string, containing?: string): Promise<number>;
}

/** Larger files are somebody else's. */
const MAX_BYTES = 256 * 1024;
const MAX_FILES = 1_000;

/** `inside` is a folder that the notes must not lead out of by a link; null where a person named their folder. */
export function openNotes(folder: string, root: string | null): Notes {
  let last: Promise<unknown> = Promise.resolve();
  /** One change after another: a change reads, and then writes what it read with something more. */
  const runInOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work);
    last = result;
    return result;
  };
  /** Whether the folder exists. Looked at with the one above it, which may exist alone. */
  const folderExists = async (): Promise<boolean> => {
    let real: string | null = null;
    for (const path of [dirname(folder), folder]) {
      real = await nullIfMissing(realpath(path));
      if (real !== null && root !== null && real !== join(await realpath(root), relative(root, path)))
        throw new Error(`${path} leads elsewhere by a link; notes are kept in the project only`);
    }
    return real !== null;
  };
  const readNote = async (file: string): Promise<Note | null> => {
    const path = join(folder, file);
    const stats = await nullIfMissing(lstat(path));
    if (!stats?.isFile() || stats.size > MAX_BYTES) return null;
    const text = await readFile(path, "utf8");
    return { topic: parseTitle(text) ?? file.slice(0, -3), file, text, changedAt: stats.mtimeMs };
  };
  const list = async (): Promise<Note[]> => {
    if (!(await folderExists())) return [];
    const files = (await readdir(folder)).filter((name) => name.endsWith(".md")).toSorted();
    const notes = await Promise.all(files.slice(0, MAX_FILES).map(readNote));
    return notes.filter((note) => note !== null).toSorted((a, b) => b.changedAt - a.changedAt);
  };
  return {
    list,
    remember: (topic, text, replace) =>
      runInOrder(async () => {
        const file = toFileName(topic);
        if (!(await folderExists())) {
          await mkdir(folder, { recursive: true });
          await folderExists();
        }
        const before = replace ? null : await readNote(file);
        const item = `- ${text.trim().replace(/\r?\n/g, "\n  ")}\n`;
        const body = before ? `${before.text.trimEnd()}\n${item}` : `# ${toOneLine(topic)}\n\n${item}`;
        if (Buffer.byteLength(body) > MAX_BYTES) throw new Error(`${file} would be too long; use another topic`);
        await replaceFile(join(folder, file), body);
        return file;
      }),
    forget: (topic, containing) =>
      runInOrder(async () => {
        const file = toFileName(topic);
        const note = (await folderExists()) ? await readNote(file) : null;
        if (!note) return 0;
        const { head, items } = parseItems(note.text);
        const remaining = containing === undefined ? [] : items.filter((item) => !contains(item, containing));
        if (remaining.length === 0 && (containing === undefined || items.length > 0)) await rm(join(folder, file));
        else if (remaining.length < items.length) await replaceFile(join(folder, file), head + remaining.join(""));
        return containing === undefined ? Math.max(1, items.length) : items.length - remaining.length;
      }),
  };
}

/** Letters and digits of any script, `-` between: neither a path nor a name that some system keeps for itself. */
export function toFileName(topic: string): string {
  const words =
    topic
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const name = [...words.join("-")].slice(0, 48).join("").replace(/-$/, "");
  if (name === "") throw new Error("a topic needs a letter or a digit");
  return /^(con|prn|aux|nul|com\d|lpt\d)$/.test(name) ? `note-${name}.md` : `${name}.md`;
}

/** A file's list items, each with the lines that belong to it, and what stands before the first. */
export function parseItems(text: string): { head: string; items: string[] } {
  const starts = [...text.matchAll(/^[-*] /gm)].map(({ index }) => index);
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  const items = starts.map((start, index) => whole.slice(start, starts[index + 1] ?? whole.length));
  return { head: whole.slice(0, starts[0] ?? whole.length), items };
}

const contains = (item: string, text: string): boolean => item.toLowerCase().includes(text.toLowerCase());
const parseTitle = (text: string): string | undefined => /^# (.+)$/m.exec(text)?.[1]?.trim();
const toOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

async function nullIfMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Readers see the old file or the new one. A link in its place is replaced, not followed. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.draft`);
  try {
    const file = await open(temporary, "wx", 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
